import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { rowScope } from '../rows.ts'
import { expression } from '../scalar/expression.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { columnFor, listedParts, resultColumns, withColumns } from './columns.ts'
import { limitSql } from './sort.ts'

/** `sample n`: any rows, by chance. */
export function sample(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [amount] = listedParts(node)
  if (amount === undefined) throw new QueryMistake('syntax', 'a number of rows is missing here', node)
  // The number of a row is a border that ClickHouse does not move its calculations over; one seed for the whole query.
  const number = scope.writer.alias()
  const numbered = `SELECT *, row_number() OVER () AS ${number} FROM (${input.sql})`
  const chance = `ORDER BY sipHash64(${number}, randConstant())`
  return { ...input, sql: `SELECT * FROM (${numbered}) ${chance} ${limitSql(amount, { input, scope })}` }
}

/** `sample-distinct n of X`: any values. */
export function sampleDistinct(node: SyntaxNode, input: Relation, scope: Scope): Relation {
  const [amount, of] = listedParts(node)
  if (amount === undefined || of === undefined)
    throw new QueryMistake('syntax', 'a number and "of" are needed here', node)
  const row = rowScope(scope, input)
  const made = columnFor(resultColumns(node)[0]?.name ?? 'Column1', expression(of, row), scope)
  return {
    sql: `SELECT DISTINCT ${made.column.alias} FROM (${withColumns(row.rows.relation, [made])}) ${limitSql(amount, { input: { ...input, order: [] }, scope })}`,
    columns: [made.column],
    order: [],
  }
}

const DATA_TYPES: Readonly<Record<string, string>> = {
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  dynamic: 'System.Object',
  guid: 'System.Guid',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  string: 'System.String',
  timespan: 'System.TimeSpan',
}

/** `getschema`: a row for each column. */
export function schemaOf(_node: SyntaxNode, input: Relation, { writer }: Scope): Relation {
  const columns: RelationColumn[] = [
    { name: 'ColumnName', type: 'string', alias: writer.alias() },
    { name: 'ColumnOrdinal', type: 'int', alias: writer.alias() },
    { name: 'DataType', type: 'string', alias: writer.alias() },
    { name: 'ColumnType', type: 'string', alias: writer.alias() },
  ]
  const rows = input.columns.map(
    ({ name, type }, index) =>
      `(${writer.text(name)}, toInt64(${index}), ${writer.text(DATA_TYPES[type] ?? '')}, ${writer.text(type)})`,
  )
  const cells = columns.map(({ alias }, index) => `tupleElement(row, ${index + 1}) AS ${alias}`)
  return {
    sql: `SELECT ${cells.join(', ')} FROM (SELECT arrayJoin([${rows.join(', ')}]) AS row)`,
    columns,
    order: [{ alias: columns[1]?.alias ?? '', direction: 'ASC' }],
  }
}
