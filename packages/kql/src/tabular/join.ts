import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { nullOf } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { nameText } from '../scalar/names.ts'
import { isTextLike, type Scalar } from '../scalar/scalar.ts'
import { type OpenColumns, type Relation, type RelationColumn, scalarsOf, type Scope } from '../scope.ts'
import { parameterOf, resultColumns } from './columns.ts'

interface Kind {
  readonly sql: string
  readonly sides: 'both' | 'left' | 'right'
  readonly isUnique?: boolean
}

/** How a kind of join is written, and which sides it gives. */
const KINDS: Readonly<Record<string, Kind>> = {
  innerunique: { sql: 'INNER JOIN', sides: 'both', isUnique: true },
  inner: { sql: 'INNER JOIN', sides: 'both' },
  leftouter: { sql: 'LEFT JOIN', sides: 'both' },
  rightouter: { sql: 'RIGHT JOIN', sides: 'both' },
  fullouter: { sql: 'FULL JOIN', sides: 'both' },
  leftanti: { sql: 'LEFT ANTI JOIN', sides: 'left' },
  anti: { sql: 'LEFT ANTI JOIN', sides: 'left' },
  leftantisemi: { sql: 'LEFT ANTI JOIN', sides: 'left' },
  leftsemi: { sql: 'LEFT SEMI JOIN', sides: 'left' },
  rightanti: { sql: 'RIGHT ANTI JOIN', sides: 'right' },
  rightantisemi: { sql: 'RIGHT ANTI JOIN', sides: 'right' },
  rightsemi: { sql: 'RIGHT SEMI JOIN', sides: 'right' },
}

interface Key {
  readonly left: Scalar
  readonly right: Scalar
  /** The right side's column, which `lookup` leaves out. */
  readonly rightName: string | undefined
}

/** `join` and `lookup`. */
export function join(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const isLookup = kindOf(node) === 'LookupOperator'
  const name = parameterOf(node, 'kind')?.toLowerCase() ?? (isLookup ? 'leftouter' : 'innerunique')
  const kind = KINDS[name]
  if (kind === undefined) throw new QueryMistake('unsupported', `a join of kind "${name}" is not known`, node)
  if (input.partition) throw new QueryMistake('unsupported', 'an inner query cannot join', node)
  const parts = partsOf(node).filter((part) => kindOf(part) !== 'List')
  const clause = parts.find((part) => kindOf(part) === 'JoinOnClause')
  const table = parts.find((part) => part !== clause)
  if (clause === undefined || table === undefined)
    throw new QueryMistake('syntax', 'a join needs a table and "on"', node)
  const right = scope.relation(table, scope)
  const keys = partsOf(clause)
    .flatMap(partsOf)
    .flatMap(conjuncts)
    .map((condition) => keyOf(condition, { input, right, scope }))
  const columns = joinedColumns(node, { input, right, keys, kind, isLookup, scope })
  const leftSql = kind.isUnique
    ? `SELECT * FROM (${input.sql}) LIMIT 1 BY ${keys.map(({ left }) => left.sql).join(', ')}`
    : input.sql
  const condition = keys.map((key) => `${key.left.sql} = ${key.right.sql}`).join(' AND ')
  const open = openOf(kind, { input, right, scope })
  const selected = [
    ...columns.map(({ from, column: { alias } }) => ({ alias, sql: `${filled(from)} AS ${alias}` })),
    ...(open ? [{ alias: open.columns.alias, sql: `${open.sql} AS ${open.columns.alias}` }] : []),
  ]
  const sql = `SELECT ${scope.writer.list(selected, '1')} FROM (${leftSql}) AS l ${kind.sql} (${right.sql}) AS r ON ${condition}`
  const joined = { sql, columns: columns.map(({ column }) => column), order: [] }
  return open ? { ...joined, open: open.columns } : joined
}

/** What only the data of the sides knows, as one object; a name that both have keeps the right side's value. */
function openOf(
  { sides }: Kind,
  { input, right, scope }: { readonly input: Relation; readonly right: Relation; readonly scope: Scope },
): { readonly sql: string; readonly columns: OpenColumns } | undefined {
  const left = sides === 'right' ? undefined : input.open
  const other = sides === 'left' ? undefined : right.open
  const [first] = [left, other].filter((one) => one !== undefined)
  if (first === undefined) return undefined
  if (left && other && left.prefix !== other.prefix) return undefined
  const objects = [left, other].flatMap((one) => (one ? [`ifNull(${one.alias}, '{}')`] : []))
  const isTyped = (left?.type ?? first.type) === (other?.type ?? first.type)
  return {
    sql: objects.length === 1 ? (objects[0] ?? "'{}'") : `jsonMergePatch(${objects.join(', ')})`,
    columns: {
      alias: scope.writer.alias(),
      prefix: first.prefix,
      ...(isTyped && first.type !== undefined ? { type: first.type } : {}),
    },
  }
}

function conjuncts(node: SyntaxNode): SyntaxNode[] {
  return kindOf(node) === 'AndExpression' ? partsOf(node).flatMap(conjuncts) : [node]
}

function keyOf(
  condition: SyntaxNode,
  { input, right, scope }: { readonly input: Relation; readonly right: Relation; readonly scope: Scope },
): Key {
  const sides = { left: scalarsOf(input), right: scalarsOf(right) }
  if (kindOf(condition) === 'NameReference') {
    const name = condition.ReferencedSymbol?.Name ?? nameText(condition)
    const [one, other] = [sides.left.get(name), sides.right.get(name)]
    if (one && other) return { left: one, right: other, rightName: name }
  }
  if (kindOf(condition) === 'EqualExpression') {
    const [one, other] = partsOf(condition)
    if (one && other) {
      const [first, second] = sideOf(one) === 'right' ? [other, one] : [one, other]
      const withSides = { ...scope, sides, columns: new Map<string, Scalar>() }
      const rightName = partsOf(second).at(-1)
      return {
        left: expression(first, withSides),
        right: expression(second, withSides),
        rightName: rightName ? nameText(rightName) : undefined,
      }
    }
  }
  throw new QueryMistake('unsupported', 'write a column that both sides have, or $left.a == $right.b', condition)
}

function sideOf(node: SyntaxNode): 'left' | 'right' {
  const [base] = partsOf(node)
  return base && nameText(base) === '$right' ? 'right' : 'left'
}

interface Joined {
  readonly input: Relation
  readonly right: Relation
  readonly keys: readonly Key[]
  readonly kind: Kind
  readonly isLookup: boolean
  readonly scope: Scope
}

function joinedColumns(
  node: SyntaxNode,
  { input, right, keys, kind, isLookup, scope }: Joined,
): { readonly from: RelationColumn; readonly column: RelationColumn }[] {
  const keyNames = new Set(keys.map(({ rightName }) => rightName))
  const rightColumns = isLookup ? right.columns.filter(({ name }) => !keyNames.has(name)) : right.columns
  const sources = [...(kind.sides === 'right' ? [] : input.columns), ...(kind.sides === 'left' ? [] : rightColumns)]
  const names = resultColumns(node)
  if (names.length !== sources.length) throw new QueryMistake('unsupported', 'this join is not supported here', node)
  return sources.map((from, index) => ({
    from,
    column: { ...from, name: names[index]?.name ?? from.name, alias: scope.writer.alias(), isNeverNull: false },
  }))
}

/** Text is never null in Kusto, also where the other side has no row. */
function filled({ alias, type }: RelationColumn): string {
  return isTextLike(type) ? `ifNull(${alias}, ${nullOf(type)})` : alias
}
