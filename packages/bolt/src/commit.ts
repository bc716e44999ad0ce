import type { Ledger } from './ledger.ts'
import { encodeFreelist, type Freelist, freelistBytes } from './freelist.ts'
import { encodeMetaPage, type Meta, NO_FREELIST } from './format.ts'
import { encodeItems, itemsBytes } from './node.ts'
import type { Pager } from './pager.ts'
import { PageRuns } from './page-runs.ts'
import { rebalanceTree, spillTree } from './spill.ts'
import type { Tree } from './tree.ts'

export interface CommitSettings {
  readonly isFreelistStored: boolean
  readonly isSynced: boolean
}

/** A transaction whose pages are written, and the meta that makes them count. */
export interface Prepared {
  readonly meta: Meta
  readonly freed: readonly number[]
  /** Puts the pages that were taken from the freelist back: the transaction failed. */
  undo(): void
}

/**
 * Data first: writes a transaction's changes onto pages that no valid state uses. When it throws, nothing has changed, and
 * a power cut leaves the old state.
 */
export function prepareCommit(tree: Tree, freelist: Freelist, settings: CommitSettings): Prepared {
  const ledger = tree.ledger
  const pageSize = ledger.pager.pageSize
  const pages = new PageRuns(pageSize, (bytes, id) => ledger.pager.write(bytes, id))
  const taken: number[] = []
  const undo = (): void => freelist.giveBack(taken.splice(0))
  let highWater = ledger.meta.highWater

  const place = (sizeBytes: number): { id: number; overflow: number; bytes: Uint8Array } => {
    const pageCount = Math.ceil(sizeBytes / pageSize)
    const free = freelist.allocate(pageCount)
    const id = free ?? highWater
    if (free === undefined) highWater += pageCount
    else for (let each = 0; each < pageCount; each++) taken.push(free + each)
    return { id, overflow: pageCount - 1, bytes: pages.add(id, pageCount) }
  }

  try {
    rebalanceTree(tree)
    spillTree(tree, (items, isLeaf) => {
      const { id, overflow, bytes } = place(itemsBytes(items))
      encodeItems(items, bytes, { isLeaf, id, overflow })
      return id
    })
    freeStoredFreelist(ledger)
    const freed = [...ledger.freed]
    let freelistId = NO_FREELIST
    if (settings.isFreelistStored) {
      // Taking pages for the list only shortens it.
      const { id, overflow, bytes } = place(freelistBytes(freelist.count + freed.length))
      encodeFreelist(freelist.all(freed), bytes, { id, overflow })
      freelistId = id
    }
    pages.flush()
    const { rootId: root, sequence } = tree
    const transactionId = ledger.meta.transactionId + 1
    const meta = { pageSize, root, sequence, freelist: freelistId, highWater, transactionId }
    return { meta, freed, undo }
  } catch (error) {
    undo()
    throw error
  }
}

function freeStoredFreelist(ledger: Ledger): void {
  const { freelist, highWater } = ledger.meta
  if (freelist === NO_FREELIST) return
  ledger.free(freelist, ledger.pager.freelistPageCount(freelist, highWater))
}

/** Then the meta, over the older of the two. A power cut here leaves the old state or the new one. */
export function writeMeta(pager: Pager, meta: Meta, settings: CommitSettings): void {
  pager.write(encodeMetaPage(meta), meta.transactionId % 2)
  if (settings.isSynced) pager.sync()
}
