import { BoltError } from './bolt-error.ts'
import { FLAG_BUCKET } from './format.ts'
import { type Bytes, lentBytes } from './key-order.ts'
import { assertUsable, type Tree } from './tree.ts'
import { Walk } from './walk.ts'

/**
 * A key with its value; `value` is undefined for a nested bucket. Both are copies and the caller's own, unless the cursor
 * was asked to lend them.
 */
export interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/**
 * Walks over a bucket in the order of its keys. Before the first move `next` gives the first entry and `previous` the
 * last. It may be kept while the bucket changes: `next` then gives the smallest key above the one given last, `previous`
 * the largest below it. Valid until the transaction ends.
 */
export class Cursor {
  readonly #tree: Tree
  readonly #walk: Walk
  #place: 'start' | 'entry' | 'end' = 'start'
  #key: Uint8Array | undefined
  #revision: number
  readonly #isLent: boolean

  /** Use `bucket.cursor()`. */
  constructor(tree: Tree, isLent: boolean) {
    this.#tree = tree
    this.#isLent = isLent
    this.#walk = new Walk(tree)
    this.#revision = tree.revision
  }

  first(): Entry | undefined {
    return this.#move((walk) => walk.first(), 'end')
  }

  last(): Entry | undefined {
    return this.#move((walk) => walk.last(), 'start')
  }

  /** The entry with this key, or else the next one after it. */
  seek(key: Bytes): Entry | undefined {
    const target = lentBytes(key)
    return this.#move((walk) => walk.seek(target), 'end')
  }

  /** Undefined at the end, and again until another move. */
  next(): Entry | undefined {
    if (this.#place === 'start') return this.first()
    if (this.#place === 'end') return undefined
    return this.#move((walk) => this.#isBackAtKey(walk) === 'after' || walk.next(), 'end')
  }

  /** Undefined before the first, except when the cursor is new or at the end: then it gives the last entry. */
  previous(): Entry | undefined {
    if (this.#place !== 'entry') return this.#place === 'start' && this.#key !== undefined ? undefined : this.last()
    return this.#move((walk) => (this.#isBackAtKey(walk) === 'none' ? walk.last() : walk.previous()), 'start')
  }

  /** Deletes the entry given last; `next` and `previous` go on from where it was. A nested bucket is refused. */
  delete(): void {
    this.#tree.ledger.assertWritable()
    assertUsable(this.#tree)
    if (this.#place !== 'entry' || this.#key === undefined) return
    const { leaf, index, isFound } = this.#tree.find(this.#key)
    if (!isFound) return
    if (leaf.flagsAt(index) === FLAG_BUCKET) {
      throw new BoltError(
        'incompatible-value',
        `${this.#tree.ledger.pager.path}: the cursor is at a bucket; use deleteBucket`,
      )
    }
    this.#tree.remove(this.#key)
  }

  /** After a change: finds the place again. `after`: the key is gone and the walk is at the one that follows. */
  #isBackAtKey(walk: Walk): 'at' | 'after' | 'none' {
    if (this.#revision === this.#tree.revision || this.#key === undefined) return 'at'
    if (!walk.seek(this.#key)) return 'none'
    return walk.compare(this.#key) === 0 ? 'at' : 'after'
  }

  #move(step: (walk: Walk) => boolean, otherwise: 'start' | 'end'): Entry | undefined {
    assertUsable(this.#tree)
    const isThere = step(this.#walk)
    this.#revision = this.#tree.revision
    if (!isThere) {
      this.#place = otherwise
      this.#key = otherwise === 'start' ? (this.#key ?? new Uint8Array(0)) : undefined
      return undefined
    }
    this.#place = 'entry'
    const key = this.#walk.key()
    this.#key = key
    const value = this.#walk.flags() === FLAG_BUCKET ? undefined : this.#walk.value()
    if (this.#isLent) return { key, value }
    return { key: copyOf(key), value: value && copyOf(value) }
  }
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice()
}
