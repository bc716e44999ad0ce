import { type TableName, tableNames } from '@tidemark/model'

import { derived } from './derived.ts'
import { DATABASE } from './layout.ts'
import type { RetentionDays } from './messages.ts'

/** The question which days tables keep now: name and definition. */
export const RETENTION_QUESTION = `SELECT name, engine_full FROM system.tables WHERE database = '${DATABASE}'`

/** The days in a table's definition; null where it keeps everything. */
export function daysIn(definition: string): number | null {
  const days = /\bTTL\b.*?toIntervalDay\((\d+)\)/.exec(definition)?.[1]
  return days === undefined ? null : Number(days)
}

/** A table and those that are derived from it, which keep rows as long. */
function withDerived(name: TableName): string[] {
  return [name, ...derived.filter(({ from }) => from === name).map((one) => one.name)]
}

/**
 * Statements that keep rows of tables for so many days, and no longer; null keeps them for ever. `present` is what
 * `RETENTION_QUESTION` answers. Rows that are too old now are removed soon after, later ones within hours.
 */
export function retentionStatements(days: RetentionDays, present: readonly (readonly string[])[]): string[] {
  const now = new Map(present.map(([name = '', definition = '']) => [name, daysIn(definition)]))
  return tableNames.flatMap((name) => {
    const kept = days[name]
    if (kept === undefined) return []
    return withDerived(name)
      .filter((table) => now.get(table) !== kept)
      .map((table) => {
        const age = table === 'snapshot_latest' ? 'At' : 'TimeGenerated'
        // Date32 holds every time that a row may have (1900 to 2261); DateTime would wrap.
        const limit = `MODIFY TTL toDate32(${age}) + toIntervalDay(${kept ?? 0})`
        return `ALTER TABLE ${DATABASE}.\`${table}\` ${kept === null ? 'REMOVE TTL' : limit}`
      })
  })
}
