import {
  analyse,
  type Analysis,
  type Finding,
  isTable,
  kindOf,
  partsOf,
  type SyntaxNode,
  tokensOf,
} from './analyzer/kusto.ts'
import type { Compiled, CompileOptions, CompileOutcome, KqlProblem, KqlTable, ProblemCode } from './contract.ts'
import { scalarFunctions } from './functions/functions.ts'
import { NESTING_MAX, OPERATORS_MAX, PROBLEMS_MAX, SQL_CHARS_MAX, TEXT_CHARS_MAX } from './limits.ts'
import { nearestName, problemAt, QueryMistake } from './problem.ts'
import { expression, nameText } from './scalar/expression.ts'
import type { Scalar } from './scalar/scalar.ts'
import { orderSql, type Relation, type Scope } from './scope.ts'
import { relation } from './tabular/relation.ts'
import { Writer } from './writer.ts'

/**
 * ClickHouse SQL with bound parameters for a KQL query, or what is wrong with it and where. Never throws, whatever the
 * text; the same arguments give the same answer.
 */
export function compileKql(text: string, options: CompileOptions): CompileOutcome {
  const tooMuch = limitProblem(text, options)
  if (tooMuch) return { kind: 'rejected', problems: [tooMuch] }
  try {
    const analysis = analyse(text, options.tables)
    if (analysis.findings.length > 0)
      return {
        kind: 'rejected',
        problems: analysis.findings.slice(0, PROBLEMS_MAX).map((finding) => problemOf(text, finding, options)),
      }
    return compileAnalysis(text, analysis, options)
  } catch (error) {
    if (error instanceof QueryMistake)
      return { kind: 'rejected', problems: [problemOf(text, { ...error, message: error.message }, options)] }
    const isDeep = error instanceof RangeError
    const code: ProblemCode = isDeep ? 'too-complex' : 'analyzer-failed'
    const why = isDeep
      ? 'the query is too large or nested too deep'
      : `the query cannot be understood: ${String(error)}`
    return { kind: 'rejected', problems: [problemAt(text, { code, message: why, offset: 0, length: text.length })] }
  }
}

/** Loads the analyzer and runs it once, so that the first query need not wait for it (about half a second). */
export function warmUpKql(tables: Readonly<Record<string, KqlTable>>): void {
  const [table] = Object.keys(tables)
  if (table !== undefined) analyse(`${table} | where 1 == 1 | summarize count() by bin(now(), 1h)`, tables)
}

function limitProblem(text: string, options: CompileOptions): KqlProblem | undefined {
  const charsMax = options.textCharsMax ?? TEXT_CHARS_MAX
  if (text.length > charsMax) {
    const message = `the query has ${text.length} characters; at most ${charsMax} are taken`
    return problemAt(text, { code: 'text-too-long', message, offset: charsMax, length: text.length - charsMax })
  }
  let depth = 0
  let operatorCount = 0
  for (const [offset, character] of [...text].entries()) {
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
    if (',|+-*/<>=!'.includes(character) || /\s/.test(character)) operatorCount += 1
    if (depth > NESTING_MAX)
      return problemAt(text, {
        code: 'nested-too-deep',
        message: `more than ${NESTING_MAX} parentheses inside one another`,
        offset,
        length: 1,
      })
    if (operatorCount > OPERATORS_MAX)
      return problemAt(text, {
        code: 'too-complex',
        message: `more than ${OPERATORS_MAX} words and operators`,
        offset,
        length: 1,
      })
  }
  return undefined
}

function compileAnalysis(text: string, { root }: Analysis, options: CompileOptions): Compiled {
  const writer = new Writer()
  const scalars = new Map<string, Scalar>()
  const relations = new Map<string, () => Relation>()
  const scope: Scope = {
    writer,
    options,
    columns: new Map(),
    scalars,
    relations,
    relation: (node, inner) => relation(node, inner, text),
  }
  let result: { readonly relation: Relation; readonly node: SyntaxNode } | undefined
  for (const statement of partsOf(root).flatMap(partsOf)) {
    const kind = kindOf(statement)
    if (kind === 'LetStatement') keepLet(statement, { scope, scalars, relations, text })
    else if (kind !== 'ExpressionStatement')
      throw new QueryMistake('unsupported', 'this statement is not supported yet', statement)
    else if (result) throw new QueryMistake('unsupported', 'one query has one result', statement)
    else {
      const node = partsOf(statement)[0] ?? statement
      result = { node, relation: relation(node, scope, text) }
    }
  }
  if (result === undefined)
    throw new QueryMistake('syntax', 'the query asks for nothing', { TextStart: 0, Width: text.length })
  const render = renderOf(result.node)
  return { ...finished(result.relation, writer, options), ...(render === undefined ? {} : { render }) }
}

function keepLet(
  statement: SyntaxNode,
  into: {
    readonly scope: Scope
    readonly scalars: Map<string, Scalar>
    readonly relations: Map<string, () => Relation>
    readonly text: string
  },
): void {
  const [declaration, value] = partsOf(statement)
  if (declaration === undefined || value === undefined)
    throw new QueryMistake('syntax', 'something is missing here', statement)
  const name = nameText(declaration)
  if (kindOf(value) === 'FunctionDeclaration')
    throw new QueryMistake('unsupported', 'functions of your own are not supported yet', value)
  const { scope, scalars, relations, text } = into
  const isTabular = isTable(value)
  // A let sees what was named before it, and not what is named like it later.
  const seen = { ...scope, scalars: new Map(scalars), relations: new Map(relations) }
  if (isTabular) {
    relation(value, { ...seen, writer: new Writer() }, text)
    relations.set(name, () => relation(value, seen, text))
  } else scalars.set(name, expression(value, seen))
}

function finished(
  { sql, columns, order }: Relation,
  writer: Writer,
  { rowsMax }: CompileOptions,
): Omit<Compiled, 'render'> {
  const selected = columns.map(({ alias }) => alias)
  if (sql.length > SQL_CHARS_MAX) throw new RangeError(`more than ${SQL_CHARS_MAX} characters of SQL`)
  return {
    kind: 'compiled',
    sql: `SELECT ${selected.join(', ') || '1'} FROM (${sql})${orderSql(order)} LIMIT ${Math.trunc(rowsMax) + 1}`,
    parameters: writer.parameters,
    columns: columns.map(({ name, type }) => ({ name, type })),
    rowsMax,
    hints: [],
  }
}

/** The kind of chart that a final `render` asks for. */
function renderOf(node: SyntaxNode): string | undefined {
  const operator = kindOf(node) === 'PipeExpression' ? partsOf(node).at(-1) : undefined
  if (operator === undefined || kindOf(operator) !== 'RenderOperator') return undefined
  return tokensOf(operator)[1]?.Text
}

function problemOf(
  text: string,
  finding: Omit<Finding, 'code'> & { readonly code: string },
  options: CompileOptions,
): KqlProblem {
  const code = codeOf(finding)
  const word = text.slice(finding.offset, finding.offset + finding.length).trim()
  const suggestion = suggestionFor(code, word, options)
  const { message, offset, length } = finding
  const told = suggestion === undefined ? message : `${message.replace(/\.$/, '')}. Did you mean ${suggestion}?`
  return problemAt(text, { code, message: told, offset, length }, suggestion)
}

const OWN_CODES: ReadonlySet<string> = new Set<ProblemCode>([
  'syntax',
  'semantics',
  'unknown-name',
  'unknown-function',
  'unsupported',
  'bad-literal',
])

function codeOf({ code, message }: { readonly code: string; readonly message: string }): ProblemCode {
  switch (true) {
    case isOwnCode(code):
      return code
    case /does not refer to any known function/.test(message):
      return 'unknown-function'
    case /does not refer to any known/.test(message):
      return 'unknown-name'
    case /expected|missing|unexpected|invalid/i.test(message):
      return 'syntax'
    default:
      return 'semantics'
  }
}

function isOwnCode(code: string): code is ProblemCode {
  return OWN_CODES.has(code)
}

function suggestionFor(code: ProblemCode, word: string, { tables }: CompileOptions): string | undefined {
  if (code === 'unknown-function') return nearestName(word, Object.keys(scalarFunctions))
  if (code !== 'unknown-name') return undefined
  const columns = Object.values(tables).flatMap((table) => table.columns.map(({ name }) => name))
  return nearestName(word, [...Object.keys(tables), ...columns])
}
