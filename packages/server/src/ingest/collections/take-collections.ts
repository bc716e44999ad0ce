import { type TrackedType, type TableName } from '@tidemark/model'

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
    const { pending, last } = this.#known.get(resourceId, type)
    if (last?.batchId === brought.batchId) return
    if (pending !== undefined) await this.#finish(resourceId, { last, next: pending }, store)
    if (pending?.batchId === brought.batchId) return
    this.#known.begin(resourceId, brought)
    await this.#finish(resourceId, { last: this.#lastOf(resourceId, type), next: brought }, store)
  }

  #lastOf(resourceId: string, type: TrackedType): BroughtCollection | undefined {
    return this.#known.get(resourceId, type).last
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
    this.#known.finish(resourceId, isLate && last !== undefined ? { ...last, batchId: next.batchId } : next)
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
