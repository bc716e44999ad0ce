import type { Clock } from '@tidemark/base'
import type { TableName } from '@tidemark/model'

import type { LiveFeed } from '../live/feed.ts'
import type { RowSink } from '../ports.ts'
import { type ArrivedRow, type Stamp, storedRow } from './coercion.ts'

export interface StoreDeps {
  readonly rows: RowSink
  readonly live: LiveFeed
  readonly clock: Clock
}

/** Rows that came together, and whose they are. */
export interface Arrival {
  readonly table: TableName
  readonly items: readonly ArrivedRow[]
  readonly owner: string
  readonly batchId: string
  readonly stamp: Omit<Stamp, 'receivedAt'>
}

/** Brings rows to their table and tells who listens. Rejects as `RowSink` does. */
export async function storeRows({ rows, live, clock }: StoreDeps, arrival: Arrival): Promise<void> {
  const { table, items, owner, batchId, stamp } = arrival
  const receivedAt = new Date(clock.nowMs()).toISOString()
  let chars = 0
  const stored = items.map((item) => {
    const row = storedRow(table, item, { ...stamp, receivedAt })
    const json = JSON.stringify(row)
    chars += json.length
    return { json, month: monthOf(String(row['TimeGenerated'])) }
  })
  await rows.commit({ table, owner, batchId, rows: stored, chars })
  live.publish(stamp.workspaceId, { table, count: items.length, at: receivedAt })
}

/** `202611` of an ISO 8601 time in UTC, by which tables are partitioned. */
function monthOf(time: string): number {
  return Number(time.slice(0, 4)) * 100 + Number(time.slice(5, 7))
}
