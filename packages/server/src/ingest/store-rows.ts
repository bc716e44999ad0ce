import type { Clock } from '@tidemark/base'
import type { TableName } from '@tidemark/model'

import type { LiveFeed } from '../live/feed.ts'
import type { RowSink } from '../ports.ts'
import { type ArrivedRow, linesOf, type Stamp } from './coercion.ts'

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
  const { columns, rows: lines } = linesOf(table, items, { ...stamp, receivedAt })
  await rows.commit({ table, owner, batchId, columns, rows: lines })
  live.publish(stamp.workspaceId, { table, count: items.length, at: receivedAt })
}
