import { type TableName, tableNames } from '@tidemark/model'

import type { RowStore } from '../ports.ts'
import { DATABASE } from './schema.ts'

/** Rows back from the last one whose batches are remembered after a start. */
export const ROWS_RECALLED_MAX = 20_000_000
const ASK_MS_MAX = 120_000

/** A batch of which the store has one month's rows. */
export interface StoredBatch {
  readonly sender: number
  readonly batch: number
  /** `202611` */
  readonly month: number
}

/** The highest number of a row in any table; 0 in an empty store. */
export async function lastArrival(store: RowStore): Promise<number> {
  const each = tableNames.map((name) => `SELECT max(_Arrival) AS n FROM ${DATABASE}.\`${name}\``)
  const rows = await store.select({
    sql: `SELECT max(n) FROM (${each.join(' UNION ALL ')})`,
    parameters: {},
    timeMsMax: ASK_MS_MAX,
    isExact: true,
  })
  return Number(rows[0]?.[0] ?? 0)
}

/** Batches whose rows have numbers from `first` to `last`. */
export async function batchesBetween(
  store: RowStore,
  { table, first, last }: { readonly table: TableName; readonly first: number; readonly last: number },
): Promise<StoredBatch[]> {
  const rows = await store.select({
    sql: `SELECT _Sender, _Batch, toYYYYMM(TimeGenerated) FROM ${DATABASE}.\`${table}\` WHERE _Arrival BETWEEN {first:Int64} AND {last:Int64} GROUP BY ALL`,
    parameters: { first, last },
    timeMsMax: ASK_MS_MAX,
    isExact: true,
  })
  return rows.map(storedBatch)
}

/** The last `countMax` batches of each sender in a table, oldest first. */
export async function batchesLately(
  store: RowStore,
  { table, countMax }: { readonly table: TableName; readonly countMax: number },
): Promise<StoredBatch[]> {
  const rows = await store.select({
    sql: [
      `SELECT _Sender, _Batch, month FROM (`,
      `SELECT _Sender, _Batch, toYYYYMM(TimeGenerated) AS month, max(_Arrival) AS latest FROM ${DATABASE}.\`${table}\``,
      `WHERE _Arrival > (SELECT max(_Arrival) FROM ${DATABASE}.\`${table}\`) - {rows:Int64} AND _Arrival > 0`,
      'GROUP BY _Sender, _Batch, month ORDER BY latest DESC LIMIT {count:UInt32} BY _Sender) ORDER BY latest',
    ].join(' '),
    parameters: { rows: ROWS_RECALLED_MAX, count: countMax },
    timeMsMax: ASK_MS_MAX,
    isExact: true,
  })
  return rows.map(storedBatch)
}

function storedBatch([sender, batch, month]: readonly unknown[]): StoredBatch {
  return { sender: Number(sender), batch: Number(batch), month: Number(month) }
}
