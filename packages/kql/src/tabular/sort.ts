import { kindOf, partsOf, type SyntaxNode, tokensOf } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { expression } from '../scalar/expression.ts'
import { isTextLike } from '../scalar/scalar.ts'
import { orderSql, type Relation, type RelationColumn, type Scope } from '../scope.ts'
import { listedParts, resultColumns } from './columns.ts'

/** `sort by`: descending unless said. */
export function sort(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  return sorted(listedParts(node), input, scope)
}

function sorted(keys: readonly SyntaxNode[], input: Relation, scope: Scope): Relation {
  const row = rowScope(scope, input)
  const made = keys.map((key) => {
    const isOrdered = kindOf(key) === 'OrderedExpression'
    const [value = key, clause] = isOrdered ? partsOf(key) : [key]
    const scalar = expression(value, row)
    const direction = directionOf(clause)
    // Where there is no null the store need not look for one, and may read in the order that it has.
    const isPlain = scalar.isNeverNull || isTextLike(scalar.type)
    return { sql: scalar.sql, direction: isPlain ? (direction.split(' ')[0] ?? 'ASC') : direction }
  })
  const { relation } = row.rows
  const written: string[] = []
  const order = made.map(({ sql, direction }) => {
    if (/^c\d+$/.test(sql)) return { alias: sql, direction }
    const alias = scope.writer.alias()
    written.push(`${sql} AS ${alias}`)
    return { alias, direction }
  })
  const sql = written.length === 0 ? relation.sql : `SELECT *, ${written.join(', ')} FROM (${relation.sql})`
  return { ...relation, sql, order }
}

/** Descending unless said; nulls are the smallest. */
function directionOf(clause: SyntaxNode | undefined): string {
  const words = clause ? allTokens(clause).map((token) => token.Text?.toLowerCase()) : []
  const isAscending = words.includes('asc')
  const nullsFirst = words.includes('first') || (isAscending && !words.includes('last'))
  return `${isAscending ? 'ASC' : 'DESC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
}

function allTokens(node: SyntaxNode): SyntaxNode[] {
  return [...tokensOf(node), ...partsOf(node).flatMap(allTokens)]
}

export function top(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [amount, ...keys] = listedParts(node)
  if (amount === undefined || keys.length === 0) throw new QueryMistake('syntax', 'top needs a number and "by"', node)
  return limited(sorted(keys, input, scope), amount, scope)
}

export function take(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [amount] = listedParts(node)
  if (amount === undefined) throw new QueryMistake('syntax', 'a number of rows is missing here', node)
  return limited(input, amount, scope)
}

function limited(input: Relation, amount: SyntaxNode, scope: Scope): Relation {
  return { ...input, sql: `SELECT * FROM (${input.sql})${orderSql(input.order)} ${limitSql(amount, { input, scope })}` }
}

/** `LIMIT n`, within each outer row where there are outer rows. */
export function limitSql(
  amount: SyntaxNode,
  { input, scope }: { readonly input: Relation; readonly scope: Scope },
): string {
  const { sql, type } = expression(amount, { ...scope, columns: new Map() })
  if (type !== 'long' && type !== 'int') throw new QueryMistake('semantics', 'a whole number is needed here', amount)
  const count = `greatest(0, ${sql})`
  return input.partition === undefined ? `LIMIT ${count}` : `LIMIT ${count} BY ${input.partition.key}`
}

/** `top-hitters n of X by Y`: exact here. */
export function topHitters(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [amount, of, by] = listedParts(node)
  if (amount === undefined || of === undefined)
    throw new QueryMistake('syntax', 'top-hitters needs a number and "of"', node)
  const row = rowScope(scope, input)
  const value = expression(of, row)
  const measure =
    by === undefined ? undefined : expression(kindOf(by) === 'TopHittersByClause' ? (partsOf(by)[0] ?? by) : by, row)
  const names = resultColumns(node)
  const columns: RelationColumn[] = [
    { name: names[0]?.name ?? 'Column1', type: value.type, alias: scope.writer.alias() },
    { name: names[1]?.name ?? 'approximate_count_', type: measure?.type ?? 'long', alias: scope.writer.alias() },
  ]
  const [first, second] = columns.map(({ alias }) => alias)
  const counted = measure === undefined ? 'toInt64(count())' : `ifNull(sum(${measure.sql}), 0)`
  const grouped = `SELECT ${value.sql} AS ${first}, ${counted} AS ${second} FROM (${row.rows.relation.sql}) GROUP BY ${first}`
  const order = [{ alias: second ?? '', direction: 'DESC NULLS LAST' }]
  return {
    sql: `SELECT * FROM (${grouped})${orderSql(order)} ${limitSql(amount, { input: { sql: '', columns, order }, scope })}`,
    columns,
    order,
  }
}
