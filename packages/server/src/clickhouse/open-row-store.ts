import { join } from 'node:path'

import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import type { OpenedRowStore } from '../ports.ts'
import { ChdbStore } from './chdb.ts'
import { ClusterStore } from './cluster-store.ts'
import type { RowStorePlace } from './row-store-place.ts'

/** Opens where rows are kept: chDB in the state folder, or a cluster. */
export async function openRowStore(
  place: RowStorePlace,
  stateFolder: string,
  options: { readonly clock: Clock; readonly log: Logger },
): Promise<OpenedRowStore> {
  return place === 'disk'
    ? await ChdbStore.open(join(stateFolder, 'clickhouse'), options)
    : await ClusterStore.open(place, options)
}
