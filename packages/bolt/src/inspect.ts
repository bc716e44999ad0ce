import type { Problem } from '@tidemark/base'
import { BoltError } from './bolt-error.ts'
import { FLAG_BUCKET, NO_FREELIST } from './format.ts'
import { decodeFreelist } from './freelist.ts'
import { showKey } from './key-order.ts'
import { Ledger } from './ledger.ts'
import { PROBLEMS_MAX, TREE_DEPTH_MAX } from './limits.ts'
import { isWithin, type Page } from './page.ts'
import { Tree } from './tree.ts'

/** Reads every page that one state of the file reaches (bbolt: tx.check). Ends on any input. */
export class Inspection {
  readonly reachable = new Set<number>([0, 1])
  readonly problems: Problem[] = []
  readonly #ledger: Ledger

  constructor({ pager, meta }: Ledger) {
    this.#ledger = new Ledger(pager, meta)
    this.#visitTree(new Tree(this.#ledger, { id: meta.root, sequence: meta.sequence }))
  }

  /** Compares with the freelist that the file stores, if it stores one: each page is in use or free, and not both. */
  checkFreelist(): void {
    const { pager, meta } = this.#ledger
    if (meta.freelist === NO_FREELIST) return
    const free = new Set<number>()
    this.#attempt(meta.freelist, () => {
      const bytes = pager.readFreelist(meta.freelist, meta.highWater)
      for (let i = 0; i < bytes.length / pager.pageSize; i++) this.#reach(meta.freelist + i)
      const place = { path: pager.path, id: meta.freelist }
      for (const id of decodeFreelist(bytes, place, meta.highWater)) free.add(id)
    })
    for (let id = 2; id < meta.highWater && this.problems.length < PROBLEMS_MAX; id++) {
      if (free.has(id) && this.reachable.has(id)) this.#found(id, 'is in use, but the freelist has it')
      if (!free.has(id) && !this.reachable.has(id)) this.#found(id, 'is neither in use nor on the freelist')
    }
  }

  #visitTree(tree: Tree): void {
    if (tree.rootId !== 0) this.#visitPage(tree, { id: tree.rootId, lower: undefined, upper: undefined, depth: 1 })
  }

  #visitPage(tree: Tree, at: PageVisit): void {
    if (this.problems.length >= PROBLEMS_MAX) return
    this.#attempt(at.id, () => {
      const page = this.#ledger.page(at.id)
      let isNew = true
      for (let i = 0; i < page.pageCount; i++) isNew = this.#reach(page.id + i) && isNew
      if (!isNew) return
      if (at.lower !== undefined && !isWithin(page, at.lower, at.upper)) {
        this.#found(page.id, 'has keys that its parent does not expect')
      }
      if (at.depth > TREE_DEPTH_MAX) this.#found(page.id, 'lies too deep')
      else if (page.isLeaf) this.#visitBuckets(tree, page)
      else this.#visitChildren(tree, page, at)
    })
  }

  #visitChildren(tree: Tree, page: Page, at: PageVisit): void {
    for (let i = 0; i < page.count; i++) {
      const upper = i + 1 < page.count ? page.keyAt(i + 1) : at.upper
      this.#visitPage(tree, { id: page.pageIdAt(i), lower: page.keyAt(i), upper, depth: at.depth + 1 })
    }
  }

  #visitBuckets(tree: Tree, page: Page): void {
    for (let i = 0; i < page.count; i++) {
      if (page.flagsAt(i) !== FLAG_BUCKET) {
        if (tree.isRoot) this.#found(page.id, `has ${showKey(page.keyAt(i))} as a value, not as a bucket`)
        continue
      }
      this.#attempt(page.id, () => this.#visitTree(tree.openChild(page.keyAt(i), page.valueAt(i))))
    }
  }

  #reach(id: number): boolean {
    if (!this.reachable.has(id)) return this.reachable.add(id) !== undefined
    this.#found(id, 'is used twice')
    return false
  }

  #attempt(id: number, action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!(error instanceof BoltError) || error.code === 'io-failed') throw error
      this.#found(error.pageId ?? id, error.message)
    }
  }

  #found(id: number, message: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ where: `page ${id}`, message })
  }
}

interface PageVisit {
  readonly id: number
  /** The parent's key for the page; undefined for a root. */
  readonly lower: Uint8Array | undefined
  readonly upper: Uint8Array | undefined
  readonly depth: number
}

/** The free pages of a file that does not store them: all that its newest state does not reach. */
export function findFreePages(ledger: Ledger): number[] {
  const { reachable, problems } = new Inspection(ledger)
  const first = problems[0]
  if (first !== undefined) {
    const what = `${ledger.pager.path}: cannot tell which pages are free, as ${first.where} is damaged: ${first.message}`
    throw new BoltError('freelist-damaged', what)
  }
  const free: number[] = []
  for (let id = 2; id < ledger.meta.highWater; id++) if (!reachable.has(id)) free.push(id)
  return free
}
