import type { Problem } from '@tidemark/base'
import { Bucket } from './bucket.ts'
import { Inspection } from './inspect.ts'
import type { Bytes } from './key-order.ts'
import type { Tree } from './tree.ts'

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

  bucket(name: Bytes): Bucket | undefined {
    return this.#root.bucket(name)
  }

  /** Throws `bucket-exists`, `key-required` or `key-too-large`. */
  createBucket(name: Bytes): Bucket {
    return this.#root.createBucket(name)
  }

  createBucketIfMissing(name: Bytes): Bucket {
    return this.#root.createBucketIfMissing(name)
  }

  /** Throws `bucket-not-found`. */
  deleteBucket(name: Bytes): void {
    this.#root.deleteBucket(name)
  }

  /** In the order of their bytes. */
  *bucketNames(): Generator<Uint8Array, void, undefined> {
    for (const { key } of this.#root.entries()) yield key
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
}
