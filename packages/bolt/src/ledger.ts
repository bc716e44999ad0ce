import { Arena } from './arena.ts'
import { BoltError } from './bolt-error.ts'
import type { Freelist } from './freelist.ts'
import type { Meta } from './format.ts'
import { pageDamaged, type Page } from './page.ts'
import type { Pager } from './pager.ts'

/** One transaction's view of the file: which state it sees, whether it is still open, and which pages it lets go. */
export class Ledger {
  readonly pager: Pager
  /** The state that the transaction started from. */
  readonly meta: Meta
  /** What the transaction was given to store. */
  readonly arena = new Arena()
  readonly #freelist: Freelist | undefined
  readonly #freed = new Set<number>()
  #isOpen = true

  /** With a freelist the transaction may write. */
  constructor(pager: Pager, meta: Meta, freelist?: Freelist) {
    this.pager = pager
    this.meta = meta
    this.#freelist = freelist
  }

  get isWritable(): boolean {
    return this.#freelist !== undefined
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get freed(): ReadonlySet<number> {
    return this.#freed
  }

  end(): void {
    this.#isOpen = false
    this.arena.end()
  }

  page(id: number): Page {
    this.assertOpen()
    return this.pager.page(id, this.meta.highWater)
  }

  /** Lets a run of pages go; they are written over once no reader is left that may need them. */
  free(id: number, pageCount: number): void {
    for (let each = id; each < id + pageCount; each++) {
      if (each < 2 || this.#freed.has(each) || this.#freelist?.has(each) === true) {
        throw pageDamaged({ path: this.pager.path, id: each }, 'is in use and free at once, or used twice')
      }
      this.#freed.add(each)
    }
  }

  assertOpen(): void {
    if (this.#isOpen) return
    throw new BoltError('transaction-closed', `${this.pager.path}: the transaction is over; use its buckets inside it`)
  }

  assertWritable(): void {
    this.assertOpen()
    if (this.isWritable) return
    throw new BoltError('transaction-read-only', `${this.pager.path}: only update() may write; this is a view`)
  }
}
