import type { KqlTable, ScopeFilter } from '../contract.ts'
import { nullOf } from '../scalar/convert.ts'
import { datetimeParameter } from '../scalar/literal.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { quoted } from '../writer.ts'

/** A table of the store, read through the scope's filters and the request's window of time. */
export function tableRelation(table: KqlTable, { writer, options }: Scope): Relation {
  const stored = options.storedAt?.(table.name) ?? { table: table.name }
  const from =
    stored.database === undefined ? quoted(stored.table) : `${quoted(stored.database)}.${quoted(stored.table)}`
  const columns = table.columns.map(({ name, type, values }): RelationColumn => ({
    name,
    type,
    alias: writer.alias(),
    ...(name === 'TimeGenerated' && table.isEmpty !== true ? { isNeverNull: true } : {}),
    ...(values === undefined ? {} : { values }),
  }))
  if (table.isEmpty) {
    const none = columns.map(({ type, alias }) => `${nullOf(type)} AS ${alias}`)
    return { sql: `SELECT ${none.join(', ')} WHERE false`, columns, order: [] }
  }
  const filters = options.scope.map((filter) => filterSql(filter, writer))
  const { timespan } = options
  if (timespan && table.columns.some(({ name }) => name === 'TimeGenerated')) {
    filters.push(`TimeGenerated >= ${datetimeParameter(writer, { momentMs: timespan.startMs })}`)
    filters.push(`TimeGenerated < ${datetimeParameter(writer, { momentMs: timespan.endMs })}`)
  }
  const selected = columns.map(({ name, alias }) => ({ alias, sql: `${quoted(name)} AS ${alias}` }))
  return {
    sql: `SELECT ${writer.list(selected, '1')} FROM ${from} WHERE ${filters.join(' AND ') || 'false'}`,
    columns,
    order: [],
  }
}

function filterSql({ column, anyOf }: ScopeFilter, writer: Scope['writer']): string {
  if (anyOf.length === 0) return 'false'
  return `${quoted(column)} IN (${anyOf.map((value) => writer.text(value)).join(', ')})`
}
