import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { expression, nameText } from '../scalar/expression.ts'
import type { Scalar } from '../scalar/scalar.ts'
import { type Relation, type RelationColumn, rowScope, type Scope } from '../scope.ts'
import { itemOf, resultColumns } from './columns.ts'

/** One column of the result, before it has its name. */
interface Made {
  readonly sql: string
  readonly type: Scalar['type']
}

/** `summarize`: one row for each group. */
export function summarize(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const clause = partsOf(node).find((part) => kindOf(part) === 'SummarizeByClause')
  const lists = partsOf(node).filter((part) => kindOf(part) === 'List')
  const keys = (clause ? partsOf(clause) : []).flatMap(partsOf).map((part) => itemOf(part).value)
  const aggregates = (lists.at(-1) ? partsOf(lists.at(-1) ?? node) : []).filter(
    (part) => kindOf(part) !== 'NamedParameter',
  )
  const row = rowScope(scope, input)
  const made = keys.map((key): Made => expression(key, row))
  const grouped: Grouping = { input, scope: row, keyNames: keys.flatMap(plainName), extra: [] }
  for (const aggregate of aggregates) made.push(...aggregateColumns(itemOf(aggregate).value, grouped))
  const names = resultColumns(node)
  if (names.length !== made.length)
    throw new QueryMistake('unsupported', 'this combination of aggregates is not supported yet', node)
  const columns = names.map(({ name }, index): RelationColumn => ({
    name,
    type: made[index]?.type ?? 'string',
    alias: scope.writer.alias(),
  }))
  return { sql: groupSql(input, { made, columns, keyCount: keys.length, extra: grouped.extra }), columns, order: [] }
}

interface Grouping {
  readonly input: Relation
  readonly scope: Scope
  readonly keyNames: readonly string[]
  /** Aggregates that several columns are parts of. */
  readonly extra: { readonly sql: string; readonly alias: string }[]
}

function plainName(node: SyntaxNode): string[] {
  return kindOf(node) === 'NameReference' ? [node.ReferencedSymbol?.Name ?? nameText(node)] : []
}

function aggregateColumns(node: SyntaxNode, grouping: Grouping): Made[] {
  const call = kindOf(node) === 'FunctionCallExpression' ? partsOf(node) : []
  const [callee, list] = call
  const name = callee ? nameText(callee) : ''
  const args = list ? partsOf(list).flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part])) : []
  if (name === 'arg_max' || name === 'arg_min') return extreme(name, { node, args, grouping })
  const isSeveral = args.length > 1 || args.some((argument) => kindOf(argument) === 'StarExpression')
  if ((name === 'take_any' || name === 'any') && isSeveral) return anyRow(args, grouping)
  const { sql, type } = expression(node, { ...grouping.scope, isGroup: true })
  return [{ sql, type }]
}

/** `arg_max(t, a, b)` or `arg_max(t, *)`: the values of the row where `t` is largest, and `t` first. */
function extreme(
  name: 'arg_max' | 'arg_min',
  {
    node,
    args,
    grouping,
  }: { readonly node: SyntaxNode; readonly args: readonly SyntaxNode[]; readonly grouping: Grouping },
): Made[] {
  const [by, ...rest] = args
  if (by === undefined) throw new QueryMistake('semantics', `${name}() needs what to look for`, node)
  const measure = expression(by, grouping.scope)
  const returned = rest.flatMap((argument) => returnedBy(argument, { grouping, without: plainName(by) }))
  const alias = grouping.scope.writer.alias()
  const values = [measure, ...returned].map(({ sql }) => sql)
  // One row for all of them: a tuple, in which a null stays a null.
  grouping.extra.push({
    sql: `${name === 'arg_max' ? 'argMax' : 'argMin'}(tuple(${values.join(', ')}), ${measure.sql})`,
    alias,
  })
  return [measure, ...returned].map(({ type }, index) => ({ sql: `tupleElement(${alias}, ${index + 1})`, type }))
}

function anyRow(args: readonly SyntaxNode[], grouping: Grouping): Made[] {
  const returned = args.flatMap((argument) => returnedBy(argument, { grouping, without: [] }))
  const alias = grouping.scope.writer.alias()
  grouping.extra.push({ sql: `any(tuple(${returned.map(({ sql }) => sql).join(', ')}))`, alias })
  return returned.map(({ type }, index) => ({ sql: `tupleElement(${alias}, ${index + 1})`, type }))
}

function returnedBy(
  argument: SyntaxNode,
  { grouping, without }: { readonly grouping: Grouping; readonly without: readonly string[] },
): Scalar[] {
  if (kindOf(argument) !== 'StarExpression') return [expression(argument, grouping.scope)]
  const left = new Set([...grouping.keyNames, ...without])
  return grouping.input.columns.filter(({ name }) => !left.has(name)).map(({ alias, type }) => ({ sql: alias, type }))
}

function groupSql(
  input: Relation,
  parts: {
    readonly made: readonly Made[]
    readonly columns: readonly RelationColumn[]
    readonly keyCount: number
    readonly extra: Grouping['extra']
  },
): string {
  const { made, columns, keyCount, extra } = parts
  const written = columns.map(({ alias }, index) => `${made[index]?.sql} AS ${alias}`)
  const keys = columns.slice(0, keyCount).map(({ alias }) => alias)
  const isDirect = extra.length === 0
  const inner = isDirect
    ? written
    : [...written.filter((_, index) => !isPart(made[index])), ...extra.map(({ sql, alias }) => `${sql} AS ${alias}`)]
  const grouped = `SELECT ${inner.join(', ') || '1'} FROM (${input.sql})${keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : ''}`
  if (isDirect) return grouped
  const outer = columns.map(({ alias }, index) => (isPart(made[index]) ? `${made[index]?.sql} AS ${alias}` : alias))
  return `SELECT ${outer.join(', ')} FROM (${grouped})`
}

function isPart(made: Made | undefined): boolean {
  return made?.sql.startsWith('tupleElement(') === true
}
