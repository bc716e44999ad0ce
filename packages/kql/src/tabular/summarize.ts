import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { percentile } from '../functions/aggregate.ts'
import { QueryMistake } from '../problem.ts'
import { type Rows, rowScope } from '../rows.ts'
import { expression } from '../scalar/expression.ts'
import { listed, nameText } from '../scalar/names.ts'
import { isTextLike, type Scalar } from '../scalar/scalar.ts'
import type { Partition, Relation, RelationColumn, Scope } from '../scope.ts'
import { itemOf, resultColumns } from './columns.ts'

/** One column of the result, before it has its name. */
interface Made {
  readonly sql: string
  readonly type: Scalar['type']
  readonly values?: readonly string[]
  /** Its alias, where it has to have a certain one. */
  readonly alias?: string
}

/** `summarize`: one row for each group. */
export function summarize(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const clause = partsOf(node).find((part) => kindOf(part) === 'SummarizeByClause')
  const lists = partsOf(node).filter((part) => kindOf(part) === 'List')
  const keyNodes = (clause ? partsOf(clause) : [])
    .flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : []))
    .map((part) => itemOf(part).value)
  const aggregates = lists.flatMap(partsOf).filter((part) => kindOf(part) !== 'NamedParameter')
  const row = rowScope(scope, input)
  const keys = keyNodes.map((key): Made => expression(key, row))
  const grouped: Grouping = { input, scope: row, keyNames: keyNodes.flatMap(plainName), extra: [] }
  const made = aggregates.flatMap((aggregate) => aggregateColumns(valueOf(aggregate), grouped))
  const names = resultColumns(node)
  if (names.length !== keys.length + made.length)
    throw new QueryMistake('unsupported', 'this combination of aggregates is not supported here', node)
  const columns = [...keys, ...made].map((one, index): RelationColumn => ({
    name: names[index]?.name ?? '',
    type: one.type,
    alias: one.alias ?? (index < keys.length && /^c\d+$/.test(one.sql) ? one.sql : scope.writer.alias()),
    ...(one.values === undefined ? {} : { values: one.values }),
  }))
  return groupBy({ rows: row.rows, keys, made, columns, extra: grouped.extra, partition: input.partition, scope })
}

/** The value of `x = f()` and of `(x, y) = f()`. */
function valueOf(node: SyntaxNode): SyntaxNode {
  return kindOf(node) === 'CompoundNamedExpression' ? (partsOf(node).at(-1) ?? node) : itemOf(node).value
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
  const [callee, list] = kindOf(node) === 'FunctionCallExpression' ? partsOf(node) : []
  const name = callee ? nameText(callee) : ''
  const args = list ? listed(list) : []
  if (/^arg_?(max|min)$/.test(name))
    return extreme(name.includes('max') ? 'argMax' : 'argMin', { node, args, grouping })
  const isSeveral = args.length > 1 || args.some((argument) => kindOf(argument) === 'StarExpression')
  if ((name === 'take_any' || name === 'any') && isSeveral) return anyRow(args, grouping)
  if (name === 'percentiles' || name === 'percentilesw')
    return percentiles(node, args, { grouping, isWeighted: name === 'percentilesw' })
  const { sql, type } = expression(node, { ...grouping.scope, isGroup: true })
  return [{ sql, type }]
}

interface Extreme {
  readonly node: SyntaxNode
  readonly args: readonly SyntaxNode[]
  readonly grouping: Grouping
}

/** `arg_max(t, a, b)` or `arg_max(t, *)`: the values of the row where `t` is largest, and `t` first. */
function extreme(name: 'argMax' | 'argMin', { node, args, grouping }: Extreme): Made[] {
  const [by, ...rest] = args.map((argument) => itemOf(argument).value)
  if (by === undefined) throw new QueryMistake('semantics', 'what to look for is missing here', node)
  const measure = expression(by, grouping.scope)
  const returned = rest.flatMap((argument) => returnedBy(argument, { grouping, without: plainName(by) }))
  const alias = grouping.scope.writer.alias()
  // One row for all of them: a tuple, in which a null stays a null. Rows without the measure count last.
  const rank =
    isTextLike(measure.type) || measure.isNeverNull
      ? measure.sql
      : `(${name === 'argMax' ? `${measure.sql} IS NOT NULL` : `${measure.sql} IS NULL`}, ${measure.sql})`
  return rowParts([measure, ...returned], { grouping, alias, write: (row) => `${name}(${row}, ${rank})` })
}

function anyRow(args: readonly SyntaxNode[], grouping: Grouping): Made[] {
  const returned = args.flatMap((argument) => returnedBy(argument, { grouping, without: [] }))
  const alias = grouping.scope.writer.alias()
  return rowParts(returned, { grouping, alias, write: (row) => `any(${row})` })
}

interface OneRow {
  readonly grouping: Grouping
  readonly alias: string
  readonly write: (row: string) => string
}

/** Columns out of one row that an aggregate picks: of the row only what is asked for again is kept. */
function rowParts(values: readonly Scalar[], { grouping, alias, write }: OneRow): Made[] {
  const { writer } = grouping.scope
  const parts = values.map(({ sql }) => ({ alias: writer.alias(), sql }))
  const list = writer.list(parts, '1')
  grouping.extra.push({ sql: write(`tuple(${list})`), alias })
  return values.map(({ type }, index) => ({
    sql: `tupleElement(${alias}, ${writer.placeIn(list, index)})`,
    type,
    ...(parts[index] ? { alias: parts[index].alias } : {}),
  }))
}

function returnedBy(
  argument: SyntaxNode,
  { grouping, without }: { readonly grouping: Grouping; readonly without: readonly string[] },
): Scalar[] {
  if (kindOf(argument) !== 'StarExpression') return [expression(itemOf(argument).value, grouping.scope)]
  const left = new Set([...grouping.keyNames, ...without])
  return grouping.input.columns.filter(({ name }) => !left.has(name)).map(({ alias, type }) => ({ sql: alias, type }))
}

/** `percentiles(x, 50, 95)`: a column for each. */
function percentiles(
  node: SyntaxNode,
  args: readonly SyntaxNode[],
  { grouping, isWeighted }: { readonly grouping: Grouping; readonly isWeighted: boolean },
): Made[] {
  const [value, ...rest] = args.map((argument) => expression(argument, grouping.scope))
  const [weight, ...ranks] = isWeighted ? rest : [undefined, ...rest]
  if (value === undefined) throw new QueryMistake('semantics', 'a value is missing here', node)
  const call = { node, scope: grouping.scope, argumentNodes: args, args: [] }
  return ranks.flatMap((rank) => (rank === undefined ? [] : [percentile(value, rank, call, weight)]))
}

interface Grouped {
  readonly rows: Rows
  readonly keys: readonly Made[]
  readonly made: readonly Made[]
  readonly columns: readonly RelationColumn[]
  readonly extra: Grouping['extra']
  readonly partition: Partition | undefined
  readonly scope: Scope
}

function groupBy({ rows, keys, made, columns, extra, partition, scope }: Grouped): Relation {
  const kept = partition === undefined ? { selected: [], partition: undefined } : keptPartition(partition, scope)
  const keyColumns = columns.slice(0, keys.length)
  const written = keys.map(({ sql }, index) => asAlias(sql, keyColumns[index]?.alias ?? ''))
  const aggregates = made.map((one, index) => ({ ...one, alias: columns[keys.length + index]?.alias ?? '' }))
  const direct = aggregates.filter((one) => !isPart(one)).map(({ sql, alias }) => `${sql} AS ${alias}`)
  const inner = [
    ...new Set([...written, ...direct, ...extra.map(({ sql, alias }) => `${sql} AS ${alias}`), ...kept.selected]),
  ]
  const groups = [...new Set([...keyColumns.map(({ alias }) => alias), ...(partition ? [partition.key] : [])])]
  const grouped = `SELECT ${inner.join(', ') || '1'} FROM (${rows.relation.sql})${groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : ''}`
  const parts = aggregates.filter(isPart).map(({ sql, alias }) => ({ alias, sql: `${sql} AS ${alias}` }))
  return {
    sql: parts.length === 0 ? grouped : `SELECT *, ${scope.writer.list(parts, '1')} FROM (${grouped})`,
    columns,
    order: [],
    ...(kept.partition ? { partition: kept.partition } : {}),
  }
}

function asAlias(sql: string, alias: string): string {
  return sql === alias ? sql : `${sql} AS ${alias}`
}

/** What an aggregate over each outer row has to select so that the outer row is not lost. */
export function keptPartition(
  partition: Partition,
  scope: Scope,
): { readonly selected: readonly string[]; readonly partition: Partition } {
  if (partition.carried === undefined) return { selected: [partition.key], partition }
  const carried = scope.writer.alias()
  return {
    selected: [partition.key, `any(${partition.carried}) AS ${carried}`],
    partition: { key: partition.key, carried },
  }
}

function isPart(made: { readonly sql: string }): boolean {
  // eslint-disable-next-line no-control-regex -- the writer's own mark
  return /^tupleElement\(c\d+, \u0000[\d.]+\u0000\)$/.test(made.sql)
}
