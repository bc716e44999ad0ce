import { kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { nullOf, stored } from '../scalar/convert.ts'
import { nameText, unwrapped } from '../scalar/names.ts'
import { textLiteral } from '../scalar/literal.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { listedParts, parameterOf, resultColumns } from './columns.ts'
import { tableRelation } from './source.ts'

/** One of the tables that are put together, and what `withsource` calls it. */
export interface Leg {
  readonly relation: Relation
  readonly source: string
}

/** `union`: the rows of all; a column that one of them lacks is empty there. */
export function union(node: SyntaxNode, input: Relation | undefined, scope: Scope): Relation {
  const isFuzzy = parameterOf(node, 'isfuzzy')?.toLowerCase() === 'true'
  const legs: Leg[] = input ? [{ relation: input, source: 'union_arg0' }] : []
  for (const part of listedParts(node)) legs.push(...legsOf(part, { scope, isFuzzy, index: legs.length }))
  if (legs.length === 0) throw new QueryMistake('semantics', 'none of these tables is known here', node)
  const source = parameterOf(node, 'withsource') ?? parameterOf(node, 'with_source')
  const isInner = parameterOf(node, 'kind')?.toLowerCase() === 'inner'
  const columns = resultColumns(node).filter(({ name }) => !isInner || name === source || isInAll(name, legs))
  return together(legs, { columns, source, scope })
}

/** `kind=inner` gives the columns that all tables have. */
function isInAll(name: string, legs: readonly Leg[]): boolean {
  return legs.every(({ relation }) => relation.columns.some((column) => column.name === name))
}

interface Finding {
  readonly scope: Scope
  readonly isFuzzy: boolean
  readonly index: number
}

function legsOf(part: SyntaxNode, { scope, isFuzzy, index }: Finding): Leg[] {
  const node = unwrapped(part)
  if (kindOf(node) === 'NameReference') {
    const [name] = partsOf(node)
    if (name && kindOf(name) === 'WildcardedName') return tablesLike(nameText(name), scope)
    const text = node.ReferencedSymbol?.Name ?? nameText(node)
    if (isFuzzy && !isKnown(node, scope)) return []
    return [{ relation: scope.relation(node, scope), source: text }]
  }
  if (isFuzzy && !isKnown(node, scope)) return []
  return [{ relation: scope.relation(node, scope), source: labelOf(node) ?? `union_arg${index}` }]
}

/** Whether the table at the begin of a query is there; `isfuzzy` leaves out those that are not. */
function isKnown(node: SyntaxNode, scope: Scope): boolean {
  let first = unwrapped(node)
  while (kindOf(first) === 'PipeExpression') first = unwrapped(partsOf(first)[0] ?? first)
  if (kindOf(first) !== 'NameReference') return true
  const name = first.ReferencedSymbol?.Name ?? nameText(first)
  return scope.relations.has(name) || scope.functions.has(name) || Object.hasOwn(scope.options.tables, name)
}

/** The name that `… | as Name` gives at the end of a query. */
function labelOf(node: SyntaxNode): string | undefined {
  const last = kindOf(node) === 'PipeExpression' ? partsOf(node).at(-1) : undefined
  const [name] = last && kindOf(last) === 'AsOperator' ? listedParts(last) : []
  return name ? nameText(name) : undefined
}

/** Tables whose name is like `Config*`. */
export function tablesLike(pattern: string, scope: Scope): Leg[] {
  const parts = pattern.split('*')
  return Object.values(scope.options.tables)
    .filter(({ name }) => isLike(name, parts))
    .map((table) => ({ relation: tableRelation(table, scope), source: table.name }))
}

function isLike(name: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return name === first
  let from = first.length
  if (!name.startsWith(first)) return false
  for (const part of rest) {
    const found = name.indexOf(part, from)
    if (found < 0) return false
    from = found + part.length
  }
  return name.length - last.length >= from && name.endsWith(last)
}

/** All rows, with the columns that the analyzer gives the whole. */
export function together(
  legs: readonly Leg[],
  {
    columns: wanted,
    source,
    scope,
  }: {
    readonly columns: readonly { readonly name: string; readonly type: RelationColumn['type'] }[]
    readonly source: string | undefined
    readonly scope: Scope
  },
): Relation {
  const names = new Set(wanted.map(({ name }) => name))
  const typed = wanted.map((column) => ({ ...column, type: typeIn(legs, column, names) }))
  const columns = typed.map((column): RelationColumn => ({ ...column, alias: scope.writer.alias() }))
  const selects = legs.map(({ relation, source: from }) => {
    const cells = columns.map((column) => {
      const cell =
        column.name === source ? stored(textLiteral(from, scope.writer), 'string') : cellOf(relation, column, names)
      return { alias: column.alias, sql: `${cell} AS ${column.alias}` }
    })
    return `SELECT ${scope.writer.list(cells, '1')} FROM (${relation.sql})`
  })
  return {
    sql: selects.length === 1 ? (selects[0] ?? '') : `SELECT * FROM (${selects.join(' UNION ALL ')})`,
    columns,
    order: [],
  }
}

type Wanted = Pick<RelationColumn, 'name' | 'type'>

/** What the analyzer cannot type exactly (a calculation with a dynamic) has the type that the first table gives it. */
function typeIn(legs: readonly Leg[], column: Wanted, names: ReadonlySet<string>): RelationColumn['type'] {
  for (const { relation } of legs) {
    const found = sourceOf(relation, column, names)
    if (found) return found.type
  }
  return column.type
}

function cellOf(relation: Relation, wanted: Wanted, names: ReadonlySet<string>): string {
  const found = sourceOf(relation, wanted, names)
  if (found === undefined) return nullOf(wanted.type)
  return found.type === wanted.type ? found.alias : stored({ sql: found.alias, type: found.type }, wanted.type)
}

/** Columns of one name and several types become `Name_type` in the result. */
function sourceOf({ columns }: Relation, wanted: Wanted, names: ReadonlySet<string>): RelationColumn | undefined {
  const exact = columns.find(
    ({ name, type }) =>
      type === wanted.type && (name === wanted.name || (`${name}_${type}` === wanted.name && !names.has(name))),
  )
  return exact ?? columns.find(({ name, type }) => name === wanted.name && !names.has(`${name}_${type}`))
}
