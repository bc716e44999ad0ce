import { kindOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { jsonObject, jsonOf } from '../scalar/convert.ts'
import { rowScope } from '../rows.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { listedParts, parameterOf, resultColumns } from './columns.ts'
import { condition, tablesIn } from './search.ts'
import { type Leg, tablesLike, together } from './union.ts'

/** `find in (…) where … project …`: rows of several tables, with the table's name in front. */
export function find(node: SyntaxNode, scope: Scope): Relation {
  const parts = listedParts(node)
  const within = parts.find((part) => kindOf(part) === 'FindInClause')
  const project = parts.find((part) => kindOf(part) === 'FindProjectClause')
  const predicate = parts.find((part) => part !== within && part !== project && kindOf(part) !== 'DataScopeClause')
  if (predicate === undefined) throw new QueryMistake('syntax', 'a condition is missing here', node)
  const legs: Leg[] = within ? tablesIn(within, scope) : tablesLike('*', scope)
  const source = parameterOf(node, 'withsource') ?? 'source_'
  const all = together(legs, { columns: [{ name: source, type: 'string' }, ...columnsOfAll(legs)], source, scope })
  const row = rowScope(scope, all)
  const sql = condition(predicate, { scope: row, isCased: false })
  const wanted = resultColumns(node)
  const byName = new Map(all.columns.map((column) => [column.name, column]))
  const filtered = `SELECT * FROM (${row.rows.relation.sql}) WHERE ${sql}`
  const names = new Set(wanted.map(({ name }) => name))
  const pack: RelationColumn = { name: 'pack_', type: 'dynamic', alias: scope.writer.alias() }
  const columns = wanted.map(({ name }): RelationColumn => {
    const column = byName.get(name)
    if (column) return column
    if (name === pack.name) return pack
    throw new QueryMistake('unsupported', `find cannot give the column "${name}" here`, node)
  })
  if (!columns.includes(pack)) return { ...all, sql: filtered, columns }
  const rest = all.columns.filter(({ name }) => !names.has(name))
  const members = rest.map(
    (column) => `(${scope.writer.text(column.name)}, ${jsonOf({ sql: column.alias, type: column.type })})`,
  )
  const bag = jsonObject(`arrayFilter(pair -> pair.2 NOT IN ('null', '""', ''), [${members.join(', ') || "('', '')"}])`)
  return { ...all, sql: `SELECT *, ${bag} AS ${pack.alias} FROM (${filtered})`, columns }
}

/** Every column of the tables once; of two types the first. */
function columnsOfAll(legs: readonly Leg[]): { readonly name: string; readonly type: RelationColumn['type'] }[] {
  const types = new Map<string, RelationColumn['type']>()
  for (const { relation } of legs)
    for (const { name, type } of relation.columns) if (!types.has(name)) types.set(name, type)
  return [...types].map(([name, type]) => ({ name, type }))
}
