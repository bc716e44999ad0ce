import { gunzipSync, gzipSync } from 'node:zlib'

import type { TrackedType } from '@tidemark/model'

import type { Metadata } from '../../metadata/metadata.ts'
import { type Collection, type CollectionItem, ITEMS_MAX } from './collection.ts'

/** A collection that a batch brought. */
export interface BroughtCollection {
  readonly batchId: string
  readonly collection: Collection
}

/** What is known of one machine and type. */
export interface KnownCollection {
  /** Its rows are stored. */
  readonly last?: BroughtCollection
  /** The next one: whether its rows are stored is not known. */
  readonly pending?: BroughtCollection
}

/** The last collection of each machine and type that agents of the first version sent. */
export class KnownCollections {
  readonly #metadata: Metadata

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  async get(resourceId: string, type: TrackedType): Promise<KnownCollection> {
    const { build } = this.#metadata
    const key = resourceId.toLowerCase()
    const question = build.selectFrom('collection').selectAll().where('resource_key', '=', key).where('type', '=', type)
    const row = await this.#metadata.first(question)
    if (row === undefined) return {}
    const last = row.batch_id === '' ? {} : { last: unpacked(row.items) }
    return { ...last, ...(row.pending === null ? {} : { pending: unpacked(row.pending) }) }
  }

  /** Remembers what is to be stored behind `last`, before it is. False where that is not the last one any more. */
  async begin(resourceId: string, next: BroughtCollection, last: BroughtCollection | undefined): Promise<boolean> {
    const { build } = this.#metadata
    const pending = packed(next)
    const row = {
      resource_key: resourceId.toLowerCase(),
      type: next.collection.type,
      batch_id: '',
      collected_at: '',
      items: '',
      pending,
    }
    const change = build
      .insertInto('collection')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['resource_key', 'type'])
          .doUpdateSet({ pending })
          .where('collection.pending', 'is', null)
          .where('collection.batch_id', '=', last?.batchId ?? ''),
      )
    return (await this.#metadata.run(change)) > 0
  }

  /** What was begun behind `last` is stored now. False where that is not the last one any more: another server went on. */
  async finish(resourceId: string, stored: BroughtCollection, last: BroughtCollection | undefined): Promise<boolean> {
    const { build } = this.#metadata
    const { batchId, collection } = stored
    const change = build
      .updateTable('collection')
      .set({ batch_id: batchId, collected_at: collection.collectedAt, items: packed(stored), pending: null })
      .where('resource_key', '=', resourceId.toLowerCase())
      .where('type', '=', collection.type)
      .where('batch_id', '=', last?.batchId ?? '')
    return (await this.#metadata.run(change)) > 0
  }
}

interface Packed extends Omit<Collection, 'items'> {
  readonly batchId: string
  readonly items: readonly (readonly [string, CollectionItem])[]
}

/** Far more than a collection of `ITEMS_MAX` things that came in one upload. */
const UNPACKED_BYTES_MAX = 4 * 1024 * ITEMS_MAX

function packed({ batchId, collection }: BroughtCollection): string {
  const document: Packed = { ...collection, batchId, items: [...collection.items] }
  return gzipSync(JSON.stringify(document)).toString('base64')
}

function unpacked(text: string): BroughtCollection {
  const bytes = gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: UNPACKED_BYTES_MAX })
  const { batchId, items, ...rest }: Packed = JSON.parse(bytes.toString('utf8'))
  return { batchId, collection: { ...rest, items: new Map(items) } }
}
