import { BoltError, type BoltErrorCode } from './bolt-error.ts'
import { Cursor, type Entry } from './cursor.ts'
import { FLAG_BUCKET } from './format.ts'
import { type Bytes, compareBytes, lentBytes, mapKey, showKey } from './key-order.ts'
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from './limits.ts'
import { assertUsable, freeTree, type Tree } from './tree.ts'

/** Which part of a bucket to walk over; all of it by default. */
export interface EntryRange {
  /** From this key on, itself included. */
  readonly from?: Bytes
  /** Only keys that start with these bytes. */
  readonly prefix?: Bytes
}

/**
 * Keys with values, and nested buckets, in the order of the keys' bytes. Valid until the transaction ends. What it
 * returns are copies; what it is given is copied. Writing throws `transaction-read-only` in a view.
 */
export class Bucket {
  readonly #tree: Tree

  /** Use `transaction.bucket()` or `bucket.bucket()`. */
  constructor(tree: Tree) {
    this.#tree = tree
  }

  /** How full this transaction leaves a page that it cuts in two, 0.1 to 1; 0.5 unless set. 0.9 suits ascending keys. */
  get fillPercent(): number {
    return this.#tree.fillPercent
  }

  set fillPercent(value: number) {
    if (!(value >= 0.1 && value <= 1)) throw this.#error('option-invalid', `fillPercent ${value} is not in 0.1 to 1`)
    this.#tree.fillPercent = value
  }

  /** The value; undefined when there is none or when it is a nested bucket. */
  get(key: Bytes): Uint8Array | undefined {
    assertUsable(this.#tree)
    const { leaf, index, isFound } = this.#tree.find(lentBytes(key))
    return isFound && leaf.flagsAt(index) !== FLAG_BUCKET ? leaf.valueAt(index).slice() : undefined
  }

  /**
   * Sets a value. Throws `key-required`, `key-too-large`, `value-too-large`, or `incompatible-value` over a bucket. With
   * `isGiven` bytes are not copied: they must stay as they are until the transaction ends.
   */
  put(key: Bytes, value: Bytes, { isGiven = false }: { readonly isGiven?: boolean } = {}): void {
    this.#assertWritable()
    if (value.length > VALUE_BYTES_MAX) {
      throw this.#error('value-too-large', `a value of ${value.length} bytes is over the limit of ${VALUE_BYTES_MAX}`)
    }
    const name = this.#newKey(key, isGiven)
    const isOwned = isGiven && typeof value !== 'string'
    const isPut = this.#tree.putValue(name, isOwned ? value : this.#tree.ledger.arena.own(value))
    if (!isPut) throw this.#error('incompatible-value', `${showKey(name)} is a bucket`)
  }

  /** Says whether there was such a value. Throws `incompatible-value` for a bucket. */
  delete(key: Bytes): boolean {
    this.#assertWritable()
    const name = lentBytes(key)
    const kind = this.#kindOf(name)
    if (kind === 'bucket') throw this.#error('incompatible-value', `${showKey(name)} is a bucket; use deleteBucket`)
    if (kind === 'value') this.#tree.remove(name)
    return kind === 'value'
  }

  /** The nested bucket; undefined when there is none. */
  bucket(name: Bytes): Bucket | undefined {
    assertUsable(this.#tree)
    const key = lentBytes(name)
    const { leaf, index, isFound } = this.#tree.find(key)
    if (!isFound || leaf.flagsAt(index) !== FLAG_BUCKET) return undefined
    return new Bucket(this.#tree.openChild(leaf.keyAt(index), leaf.valueAt(index)))
  }

  /** Throws `bucket-exists`, or `incompatible-value` where a value has this key. */
  createBucket(name: Bytes): Bucket {
    this.#assertWritable()
    const key = this.#newKey(name)
    const kind = this.#kindOf(key)
    if (kind === 'bucket') throw this.#error('bucket-exists', `bucket ${showKey(key)} exists already`)
    if (kind === 'value') throw this.#error('incompatible-value', `${showKey(key)} is a value, not a bucket`)
    return new Bucket(this.#tree.createChild(key))
  }

  createBucketIfMissing(name: Bytes): Bucket {
    this.#assertWritable()
    return this.bucket(name) ?? this.createBucket(name)
  }

  /** Deletes a nested bucket with all in it. Throws `bucket-not-found`, or `incompatible-value` for a value. */
  deleteBucket(name: Bytes): void {
    this.#assertWritable()
    const key = lentBytes(name)
    const { leaf, index, isFound } = this.#tree.find(key)
    if (!isFound) throw this.#error('bucket-not-found', `there is no bucket ${showKey(key)}`)
    if (leaf.flagsAt(index) !== FLAG_BUCKET) throw this.#error('incompatible-value', `${showKey(key)} is a value`)
    freeTree(this.#tree.openChild(leaf.keyAt(index), leaf.valueAt(index)))
    this.#tree.children.delete(mapKey(key))
    this.#tree.remove(key)
  }

  /** A number that is kept with the bucket, 0 to 2^64-1. */
  get sequence(): bigint {
    assertUsable(this.#tree)
    return this.#tree.sequence
  }

  setSequence(value: bigint): void {
    this.#assertWritable()
    if (value !== BigInt.asUintN(64, value))
      throw this.#error('option-invalid', `sequence ${value} is no 64-bit number`)
    this.#tree.changedRoot()
    this.#tree.sequence = value
  }

  /** Adds one to the sequence and returns it: a number that this bucket never gave before. */
  nextSequence(): bigint {
    this.setSequence(BigInt.asUintN(64, this.sequence + 1n))
    return this.#tree.sequence
  }

  /**
   * A cursor over all keys. With `isLent` its keys and values are no copies but views of the pages: read only, and of use
   * until the cursor moves or the bucket changes. For walking over much.
   */
  cursor({ isLent = false }: { readonly isLent?: boolean } = {}): Cursor {
    assertUsable(this.#tree)
    return new Cursor(this.#tree, isLent)
  }

  /** In the order of the keys. The bucket may be changed meanwhile; see `Cursor`. */
  *entries(range: EntryRange = {}): Generator<Entry, void, undefined> {
    const prefix = lentBytes(range.prefix ?? '')
    const from = lentBytes(range.from ?? '')
    const cursor = this.cursor()
    const start = compareBytes(from, prefix) > 0 ? from : prefix
    for (let entry = cursor.seek(start); entry !== undefined; entry = cursor.next()) {
      if (!startsWith(entry.key, prefix)) return
      yield entry
    }
  }

  #kindOf(key: Uint8Array): 'value' | 'bucket' | undefined {
    const { leaf, index, isFound } = this.#tree.find(key)
    if (!isFound) return undefined
    return leaf.flagsAt(index) === FLAG_BUCKET ? 'bucket' : 'value'
  }

  #newKey(key: Bytes, isGiven = false): Uint8Array {
    const bytes = isGiven && typeof key !== 'string' ? key : this.#tree.ledger.arena.own(key)
    if (bytes.length === 0) throw this.#error('key-required', 'a key or bucket name has at least one byte')
    if (bytes.length <= KEY_BYTES_MAX) return bytes
    throw this.#error('key-too-large', `a key of ${bytes.length} bytes is over the limit of ${KEY_BYTES_MAX}`)
  }

  #assertWritable(): void {
    this.#tree.ledger.assertWritable()
    assertUsable(this.#tree)
  }

  #error(code: BoltErrorCode, what: string): BoltError {
    return new BoltError(code, `${this.#tree.ledger.pager.path}: ${what}`)
  }
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && compareBytes(key.subarray(0, prefix.length), prefix) === 0
}
