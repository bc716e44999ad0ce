import { type TrackedType, type TableName } from '@tidemark/model'

import { StoreUnavailable } from '../../ports.ts'
import type { ArrivedRow } from '../coercion.ts'
import type { Collection } from './collection.ts'
import { changeRows, inventoryRows } from './collection-rows.ts'
import type { BroughtCollection, KnownCollections } from './known-collections.ts'

/** Stores rows of one table under a batch's id, once however often it is asked. */
export type StoreRows = (batchId: string, table: TableName, rows: readonly ArrivedRow[]) => Promise<void>

/**
 * Takes what agents of the first version send: whole collections, of which the server finds the difference. A collection
 * is remembered as pending before its rows are stored and as the last one afterwards; since the difference is to the last
 * one, a batch that comes again, or is finished after a crash, gives the same rows under the same id.
 */
export class CollectionTaker {
  readonly #known: KnownCollections
  readonly #working = new Map<string, Promise<unknown>>()

  constructor(known: KnownCollections) {
    this.#known = known
  }

  async take(
    collections: readonly Collection[],
    from: { readonly resourceId: string; readonly batchId: string },
    store: StoreRows,
  ): Promise<void> {
    for (const [index, collection] of collections.entries()) {
      // One batch may bring two of a type: each is a batch of its own.
      const brought = { batchId: `${from.batchId}-${index}`, collection }
      const key = `${from.resourceId.toLowerCase()}|${collection.type}`
      await this.#alone(key, async () => await this.#takeOne(from.resourceId, brought, store))
    }
  }

  async #takeOne(resourceId: string, brought: BroughtCollection, store: StoreRows): Promise<void> {
    const { type } = brought.collection
    const { pending, last } = await this.#known.get(resourceId, type)
    if (last?.batchId === brought.batchId) return
    if (pending !== undefined) await this.#finish(resourceId, { last, next: pending }, store)
    if (pending?.batchId === brought.batchId) return
    const present = await this.#lastOf(resourceId, type)
    if (!(await this.#known.begin(resourceId, brought, present))) throw elsewhere()
    await this.#finish(resourceId, { last: present, next: brought }, store)
  }

  async #lastOf(resourceId: string, type: TrackedType): Promise<BroughtCollection | undefined> {
    return (await this.#known.get(resourceId, type)).last
  }

  async #finish(
    resourceId: string,
    { last, next }: { readonly last: BroughtCollection | undefined; readonly next: BroughtCollection },
    store: StoreRows,
  ): Promise<void> {
    const before = last?.collection
    const isLate = before !== undefined && next.collection.collectedAt < before.collectedAt
    // The first collection is where tracking starts, and one that is older than what is known says nothing new.
    const changes = before === undefined || isLate ? [] : changeRows(before.items, next.collection)
    await store(next.batchId, 'ConfigurationChange', changes)
    await store(next.batchId, 'ConfigurationData', inventoryRows(next.collection))
    const known = isLate && last !== undefined ? { ...last, batchId: next.batchId } : next
    if (await this.#known.finish(resourceId, known, last)) return
    // Another server took the same batch at the same time: its rows are the same, under the same id.
    if ((await this.#lastOf(resourceId, next.collection.type))?.batchId !== next.batchId) throw elsewhere()
  }

  async #alone(key: string, work: () => Promise<void>): Promise<void> {
    const running = (this.#working.get(key) ?? Promise.resolve()).then(work)
    const settled = running.catch(() => undefined)
    this.#working.set(key, settled)
    try {
      await running
    } finally {
      if (this.#working.get(key) === settled) this.#working.delete(key)
    }
  }
}

function elsewhere(): StoreUnavailable {
  return new StoreUnavailable('another server takes a collection of this machine at the moment')
}
