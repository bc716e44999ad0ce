import type { Problem } from '@tidemark/base'
import { Bucket } from './bucket.ts'
import { FLAG_BUCKET } from './format.ts'
import { Inspection } from './inspect.ts'
import { type Bytes, lentBytes, showKey } from './key-order.ts'
import { Page, pageDamaged } from './page.ts'
import { assertUsable, type Tree } from './tree.ts'

/** One consistent state of the database, from `view`, `update` or `snapshot`. Holds buckets only; they hold the rest. */
export class Transaction {
  readonly #tree: Tree
  readonly #root: Bucket

  /** Use `bolt.view`, `bolt.update` or `bolt.snapshot`. */
  constructor(tree: Tree) {
    this.#tree = tree
    this.#root = new Bucket(tree)
  }

  /** The number of the commit that it sees; a writer's own number is one more. */
  get id(): number {
    return this.#tree.ledger.meta.transactionId
  }

  get isWritable(): boolean {
    return this.#tree.ledger.isWritable
  }

  /** Undefined when there is none. Like all below, throws `page-damaged` at a value: there are none outside of buckets. */
  bucket(name: Bytes): Bucket | undefined {
    const bucket = this.#root.bucket(name)
    if (bucket === undefined) this.#assertNoValue(lentBytes(name))
    return bucket
  }

  /** Throws `bucket-exists`, `key-required` or `key-too-large`. */
  createBucket(name: Bytes): Bucket {
    this.#assertNoValue(lentBytes(name))
    return this.#root.createBucket(name)
  }

  createBucketIfMissing(name: Bytes): Bucket {
    this.#assertNoValue(lentBytes(name))
    return this.#root.createBucketIfMissing(name)
  }

  /** Throws `bucket-not-found`. */
  deleteBucket(name: Bytes): void {
    this.#assertNoValue(lentBytes(name))
    this.#root.deleteBucket(name)
  }

  /** In the order of their bytes. */
  *bucketNames(): Generator<Uint8Array, void, undefined> {
    for (const { key, value } of this.#root.entries()) {
      if (value !== undefined) this.#assertNoValue(key)
      yield key
    }
  }

  /**
   * Reads the whole state that the transaction started from, and says what is wrong with it; at most `PROBLEMS_MAX`.
   * Empty for a sound file. `where` names the page. Takes memory for each page's number.
   */
  check(): readonly Problem[] {
    this.#tree.ledger.assertOpen()
    const inspection = new Inspection(this.#tree.ledger)
    inspection.checkFreelist()
    return inspection.problems
  }
  /** No interface of bbolt's writes a value into the root: one that is there is a bucket whose flag was damaged. */
  #assertNoValue(name: Uint8Array): void {
    assertUsable(this.#tree)
    const { leaf, index, isFound } = this.#tree.find(name)
    if (!isFound || leaf.flagsAt(index) === FLAG_BUCKET) return
    const id = leaf instanceof Page ? leaf.id : this.#tree.rootId
    throw pageDamaged({ path: this.#tree.ledger.pager.path, id }, `has ${showKey(name)} as a value, not as a bucket`)
  }
}
