import { join } from 'node:path'

import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import type { OpenedRowStore } from '../ports.ts'
import { ServerError } from '../server-error.ts'
import type { ServerSettings } from '../settings.ts'
import { ChdbStore } from './chdb.ts'
import { ClusterStore } from './cluster-store.ts'

/**
 * Opens where rows are kept: chDB in the state folder, or a cluster. Throws `ServerError` `store-failed`, and `state-unusable`
 * where days are said for a cluster.
 */
export async function openRowStore(
  settings: Pick<ServerSettings, 'store' | 'stateFolder' | 'storeMemoryBytesMax' | 'retentionDays'>,
  options: { readonly clock: Clock; readonly log: Logger },
): Promise<OpenedRowStore> {
  const { store: place, stateFolder, storeMemoryBytesMax: memoryBytesMax, retentionDays } = settings
  if (place !== 'disk') {
    if (Object.keys(retentionDays).length > 0)
      throw new ServerError(
        'state-unusable',
        'how many days a cluster of ClickHouse keeps rows is set there, by a TTL of its tables; leave retentionDays away',
      )
    return await ClusterStore.open(place, options)
  }
  const store = await ChdbStore.open(join(stateFolder, 'clickhouse'), { ...options, memoryBytesMax })
  try {
    await store.retain(retentionDays)
    return store
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw error
  }
}
