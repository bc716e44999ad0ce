import type { ColumnType } from '@tidemark/model'

import type { SyntaxNode } from '../analyzer/kusto.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { listedParts, resultColumns } from './columns.ts'

/** `union`: the rows of all; a column that one of them lacks is empty there. */
export function union(
  node: SyntaxNode,
  input: Relation | undefined,
  { scope }: { readonly scope: Scope; readonly text: string },
): Relation {
  const legs = [...(input ? [input] : []), ...listedParts(node).map((part) => scope.relation(part, scope))]
  const columns = resultColumns(node).map((column): RelationColumn => ({ ...column, alias: scope.writer.alias() }))
  const selects = legs.map((leg) => {
    const cells = columns.map((column) => `${cellOf(leg, column)} AS ${column.alias}`)
    return `SELECT ${cells.join(', ')} FROM (${leg.sql})`
  })
  return { sql: selects.join(' UNION ALL '), columns, order: [] }
}

function cellOf(leg: Relation, wanted: { readonly name: string; readonly type: ColumnType }): string {
  // Columns of one name and several types become `Name_type` in the result.
  const found = leg.columns.find(
    ({ name, type }) => type === wanted.type && (name === wanted.name || `${name}_${type}` === wanted.name),
  )
  return found ? `CAST(${found.alias}, '${STORED[wanted.type]}')` : EMPTY[wanted.type]
}

const STORED: Readonly<Record<ColumnType, string>> = {
  bool: 'Nullable(Bool)',
  datetime: "Nullable(DateTime64(7, \\'UTC\\'))",
  decimal: 'Nullable(Float64)',
  dynamic: 'String',
  guid: 'String',
  int: 'Nullable(Int64)',
  long: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  string: 'String',
  timespan: 'Nullable(Int64)',
}

const EMPTY: Readonly<Record<ColumnType, string>> = {
  bool: `CAST(NULL, '${STORED.bool}')`,
  datetime: `CAST(NULL, '${STORED.datetime}')`,
  decimal: `CAST(NULL, '${STORED.decimal}')`,
  dynamic: "''",
  guid: "''",
  int: `CAST(NULL, '${STORED.int}')`,
  long: `CAST(NULL, '${STORED.long}')`,
  real: `CAST(NULL, '${STORED.real}')`,
  string: "''",
  timespan: `CAST(NULL, '${STORED.timespan}')`,
}
