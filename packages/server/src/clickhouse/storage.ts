import type { StorageView } from '@tidemark/model'

import type { RowStore } from '../ports.ts'
import { DATABASE } from './schema.ts'

/** How much the store keeps on disk: tables by name, compressed, with what was not cleared up yet left out. */
export async function storageOf(store: RowStore, signal: AbortSignal): Promise<StorageView> {
  const rows = await store.select({
    sql: 'SELECT table, toFloat64(sum(rows)), toFloat64(sum(bytes_on_disk)) FROM system.parts WHERE database = {database:String} AND active GROUP BY table ORDER BY table',
    parameters: { database: DATABASE },
    timeMsMax: 10_000,
    signal,
  })
  const tables = rows.map(([name, count, bytes]) => ({
    name: String(name),
    rows: Number(count),
    bytes: Number(bytes),
  }))
  return { tables, bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0) }
}
