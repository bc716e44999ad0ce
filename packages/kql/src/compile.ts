import { analyse, type Analysis, type Finding, kindOf, partsOf, type SyntaxNode, tokensOf } from './analyzer/kusto.ts'
import type { Compiled, CompileOptions, CompileOutcome, KqlProblem, KqlTable, ProblemCode } from './contract.ts'
import { HINTS_MAX, PROBLEMS_MAX, SQL_CHARS_MAX } from './limits.ts'
import { placeholderProblem, problemOf, tooMuch } from './mistakes.ts'
import { problemAt, QueryMistake } from './problem.ts'
import { convertedTo } from './scalar/convert.ts'
import { expression } from './scalar/expression.ts'
import { listed, nameText } from './scalar/names.ts'
import { keepLet, type Named } from './statements.ts'
import { orderSql, type Relation, type Scope } from './scope.ts'
import { resultColumns, uniqueAliases } from './tabular/columns.ts'
import { relation } from './tabular/relation.ts'
import { tablesNamedIn } from './tables-named.ts'
import { Writer } from './writer.ts'

/**
 * ClickHouse SQL with bound parameters for a KQL query, or what is wrong with it and where. Never throws, whatever the
 * text; the same arguments give the same answer.
 */
export function compileKql(text: string, given: CompileOptions): CompileOutcome {
  const excess = tooMuch(text, given)
  if (excess) return { kind: 'rejected', problems: [excess] }
  try {
    const options = { ...given, tables: tablesNamedIn(text, given) }
    const analysis = analyse(text, options.tables)
    const findings = analysis.findings.filter((finding) => !isHint(text, finding.offset) && !isCounted(text, finding))
    if (findings.length > 0) {
      const placeholder = placeholderProblem(text)
      const problems = findings.slice(0, PROBLEMS_MAX).map((finding) => problemOf(text, finding, { options, analysis }))
      return { kind: 'rejected', problems: placeholder ? [placeholder] : problems }
    }
    return compileAnalysis(text, analysis, options)
  } catch (error) {
    return { kind: 'rejected', problems: [caught(text, error, given)] }
  }
}

/** Hints for the described service's engine (`hint.strategy=partitioned`) change no answer, whatever they say. */
function isHint(text: string, offset: number): boolean {
  return /\bhint\.\w+\s*=\s*\w*$/.test(text.slice(Math.max(0, offset - 100), offset))
}

/** `count(Column)` counts rows as `count()` does; the analyzer wants a truth there. */
function isCounted(text: string, { message, offset }: Finding): boolean {
  return /of type bool expected/.test(message) && /\bcount\s*\(\s*$/.test(text.slice(Math.max(0, offset - 100), offset))
}

function caught(text: string, error: unknown, options: CompileOptions): KqlProblem {
  if (error instanceof QueryMistake) {
    const { code, message, offset, length } = error
    return problemOf(text, { code, message, offset, length }, { options })
  }
  const isDeep = error instanceof RangeError
  const code: ProblemCode = isDeep ? 'too-complex' : 'analyzer-failed'
  const why = isDeep ? 'the query is too large or nested too deep' : `the query cannot be understood: ${String(error)}`
  return problemAt(text, { code, message: why, offset: 0, length: text.length })
}

/** Loads the analyzer and runs it once, so that the first query need not wait for it (about half a second). */
export function warmUpKql(tables: Readonly<Record<string, KqlTable>>): void {
  const [table] = Object.keys(tables)
  if (table !== undefined) analyse(`${table} | where 1 == 1 | summarize count() by bin(now(), 1h)`, tables)
}

function compileAnalysis(text: string, { root }: Analysis, options: CompileOptions): Compiled {
  const writer = new Writer()
  const hints: KqlProblem[] = []
  const named = { scalars: new Map(), relations: new Map(), functions: new Map() } satisfies Omit<Named, 'scope'>
  const scope: Scope = {
    writer,
    options,
    text,
    columns: new Map(),
    ...named,
    callDepth: 0,
    hint: (problem) => {
      if (hints.length < HINTS_MAX) hints.push(problem)
    },
    value: expression,
    relation,
  }
  let result: { readonly relation: Relation; readonly node: SyntaxNode } | undefined
  for (const statement of partsOf(root).flatMap(partsOf)) {
    if (kindOf(statement) !== 'ExpressionStatement') keep(statement, { scope, ...named })
    else if (result) throw new QueryMistake('unsupported', 'one query has one result', statement)
    else {
      const node = partsOf(statement)[0] ?? statement
      result = { node, relation: relation(node, scope) }
    }
  }
  if (result === undefined)
    throw new QueryMistake('syntax', 'the query asks for nothing', { TextStart: 0, Width: text.length })
  const render = renderOf(result.node)
  return { ...finished(result.relation, writer, options), hints, ...(render === undefined ? {} : { render }) }
}

/** What stands before the query itself. */
function keep(statement: SyntaxNode, named: Named): void {
  switch (kindOf(statement)) {
    // Options of the described service's own engine: none of them changes an answer.
    case 'SetOptionStatement':
      return
    case 'QueryParametersStatement':
      for (const parameter of listed(statement)) keepParameter(parameter, named)
      return
    case 'LetStatement':
      keepLet(statement, named)
      return
    default:
      throw new QueryMistake('unsupported', 'this statement is not supported here', statement)
  }
}

/** `declare query_parameters(x: long = 3)`: the default, since nobody passes another value. */
function keepParameter(parameter: SyntaxNode, { scope, scalars }: Named): void {
  const [pair, fallback] = partsOf(parameter)
  const [declaration] = pair ? partsOf(pair) : []
  const [value] = fallback ? partsOf(fallback) : []
  if (declaration === undefined || value === undefined)
    throw new QueryMistake('unsupported', 'a parameter of the query needs a default here', parameter)
  const written = expression(value, scope)
  const type = resultColumns(declaration)[0]?.type
  scalars.set(nameText(declaration), type === undefined ? written : convertedTo(written, type))
}

function finished(
  { sql, columns, order, open }: Relation,
  writer: Writer,
  { rowsMax }: CompileOptions,
): Omit<Compiled, 'render' | 'hints'> {
  const aliases = uniqueAliases(columns)
  // Two columns of one alias are one in a SELECT of its own; the outermost may have it twice.
  const inner = `SELECT ${[...new Set([...aliases, ...order.map(({ alias }) => alias), ...(open ? [open.alias] : [])])].join(', ') || '1'} FROM (${sql})`
  const selected = [...columns.map(shown), ...(open ? [open.alias] : [])]
  if (sql.length > SQL_CHARS_MAX) throw new RangeError(`more than ${SQL_CHARS_MAX} characters of SQL`)
  const whole = `SELECT ${selected.join(', ') || '1'} FROM (${inner})${orderSql(order)} LIMIT ${Math.trunc(rowsMax) + 1}`
  const written = writer.written(whole)
  if (written.length > SQL_CHARS_MAX) throw new RangeError(`more than ${SQL_CHARS_MAX} characters of SQL`)
  return {
    kind: 'compiled',
    sql: written,
    parameters: writer.parameters,
    columns: columns.map(({ name, type }) => ({ name, type })),
    ...(open ? { spread: { prefix: open.prefix, ...(open.type === undefined ? {} : { type: open.type }) } } : {}),
    rowsMax,
  }
}

/** A dynamic that is a text is told as that text, any other as JSON. */
function shown({ alias, type }: Relation['columns'][number]): string {
  return type === 'dynamic'
    ? `if(startsWith(${alias}, '"') OR ${alias} = 'null', JSONExtractString(${alias}), ${alias})`
    : alias
}

/** The kind of chart that a final `render` asks for. */
function renderOf(node: SyntaxNode): string | undefined {
  const operator = kindOf(node) === 'PipeExpression' ? partsOf(node).at(-1) : undefined
  if (operator === undefined || kindOf(operator) !== 'RenderOperator') return undefined
  return tokensOf(operator)[1]?.Text
}
