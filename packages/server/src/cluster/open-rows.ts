import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import { Committer } from '../ingest/committer.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { type ArrivedBatch, type NumberedSink, type RowStore } from '../ports.ts'
import { ServerError } from '../server-error.ts'
import type { ServerSettings } from '../settings.ts'
import { Lease } from './lease.ts'
import { forwarder } from './server-routes.ts'
import { SharedCommitter } from './shared-committer.ts'

/** The way to the rows that uploads go. */
export interface OpenedRows extends NumberedSink, AsyncDisposable {
  /** Takes a batch that another server brings; absent where there is no other. */
  readonly take?: (batch: ArrivedBatch) => Promise<void>
}

/** The committer of this server alone, or of several, where the settings say how the others reach this one. */
export async function openRows(
  { serverUrl, metadata: place, store: rowsPlace }: Pick<ServerSettings, 'serverUrl' | 'metadata' | 'store'>,
  deps: {
    readonly metadata: Metadata
    readonly store: RowStore
    readonly clock: Clock
    readonly log: Logger
    readonly serverKey: Uint8Array
  },
): Promise<OpenedRows> {
  const { metadata, store, clock, log, serverKey: key } = deps
  if (rowsPlace !== 'disk' && (serverUrl === undefined || place === 'disk'))
    throw new ServerError(
      'state-unusable',
      'a cluster of ClickHouse takes metadata in PostgreSQL, and an address under which other servers reach this one: say --metadata postgres://… and --server-url http://…',
    )
  if (serverUrl === undefined || rowsPlace === 'disk') {
    const committer = await Committer.open(store, log)
    return {
      commit: async (batch) => await committer.commit(batch),
      get settled() {
        return committer.settled
      },
      [Symbol.asyncDispose]: async () => await Promise.resolve(),
    }
  }
  const lease = new Lease(metadata, { name: 'rows', url: serverUrl.replace(/\/$/, ''), clock })
  const shared = await SharedCommitter.open({ store, lease, forward: forwarder({ key, clock }), clock, log })
  return {
    commit: async (batch) => await shared.commit(batch),
    take: async (batch) => await shared.take(batch),
    get settled() {
      return shared.settled
    },
    [Symbol.asyncDispose]: async () => await shared[Symbol.asyncDispose](),
  }
}
