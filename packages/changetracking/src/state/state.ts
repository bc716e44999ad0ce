import { newUuid } from '@tidemark/base'
import { type Bolt, BoltError, type BoltFile, type Bucket, openBolt, type Transaction } from '@tidemark/bolt'
import { lockFile } from '@tidemark/linux'
import type { TrackedType } from '@tidemark/model'

import { ChangeTrackingError } from '../change-tracking-error.ts'
import type { Item, Known } from '../collector.ts'
import type { KnownFiles } from '../files/scan/known-files.ts'
import { makeFolderFor, setAside } from '../host/folders.ts'
import { knownFilesOf } from './known-files.ts'
import {
  decodeItem,
  decodeOutboxEntry,
  encodeItem,
  encodeOutboxEntry,
  type OutboxEntry,
  type TypeMemory,
  typeMemory,
} from './records.ts'

/** Bytes that may wait for the agent. At the limit nothing more is looked at, so that nothing is lost. */
export const OUTBOX_BYTES_MAX = 256 * 1024 * 1024
/** How full a page of files is left when it is cut in two. */
const FILL_PERCENT = 0.9
const BUCKETS = ['Files', 'FileStamps', 'Contents', 'Software', 'Daemons', 'outbox'] as const
/** How long another process's lock is waited for, in milliseconds. */
const LOCK_MS_MAX = 5_000

// Codes of bbolt files that cannot be read any more: what they held is lost, and a new baseline has to begin.
const LOST: ReadonlySet<string> = new Set([
  'not-a-database',
  'version-unknown',
  'meta-damaged',
  'file-truncated',
  'page-damaged',
  'freelist-damaged',
])

/** One item to keep or to forget. */
export interface ItemUpdate {
  readonly key: string
  readonly item: Item | undefined
  /** The described system's fields of its value. */
  readonly described?: Readonly<Record<string, unknown>>
}

/** What is kept of one file: its value, and its stamp in a bucket of its own, so that a scan need not read the values. */
export interface FileUpdate {
  /** One character for each byte. */
  readonly path: string
  /** Both `undefined`: it is to be forgotten. */
  readonly stamp: Uint8Array | undefined
  readonly value: string | Uint8Array | undefined
}

/** What one look changes; all of it or nothing of it is kept. */
export interface StateUpdate {
  readonly type: TrackedType
  readonly items?: readonly ItemUpdate[]
  readonly files?: readonly FileUpdate[]
  /** Hashes of contents that are on their way with this outbox. */
  readonly contents?: readonly string[]
  readonly memory: TypeMemory
  /** Texts to keep under their names, as `remember` does. */
  readonly texts?: Readonly<Record<string, string>>
  readonly outbox: readonly OutboxEntry[]
  /** The last sequence number that was given to a row of these. */
  readonly sequence: number
}

/** An outbox entry with its place. */
export interface Waiting extends OutboxEntry {
  readonly key: Uint8Array
}

/** How much of the outbox is taken at once. */
export interface WaitingLimits {
  readonly countMax: number
  readonly bytesMax: number
  readonly without?: ReadonlySet<string>
}

/**
 * What was there at the last look, and what the agent has not taken yet: one bbolt file.
 *
 *     meta     epoch, sequence, config, memory of each type
 *     Files        path (its bytes) → value          Software, Daemons   key → value
 *     FileStamps   path → stamp                      Contents            SHA-256 of a content that was handed over → ''
 *     outbox       number, 20 digits → entry
 */
export class State implements Disposable {
  readonly epoch: string
  /** Why an earlier file was set aside, where one was. */
  readonly loss: string | undefined
  readonly #open: () => Bolt
  readonly #outboxBytesMax: number
  #opened: Bolt
  #isUnknown = false
  #outboxBytes = 0
  #outboxCount = 0

  /** Opens or creates the file. A damaged one is set aside as `<path>.damaged-<time>`, and a new epoch begins. */
  static open(path: string, nowMs: number, outboxBytesMax: number = OUTBOX_BYTES_MAX): State {
    makeFolderFor(path)
    try {
      return new State(() => openFile(path), { outboxBytesMax })
    } catch (error) {
      if (!(error instanceof BoltError)) throw error
      if (error.code === 'locked')
        throw new ChangeTrackingError('already-running', `another process has ${path} open; end it first`, {
          cause: error,
        })
      if (!LOST.has(error.code))
        throw new ChangeTrackingError('state-unusable', `${path} cannot be used: ${error.message}`, { cause: error })
      const aside = setAside(path, nowMs)
      const loss = `${path} was damaged (${error.message}) and is now ${aside}; a new baseline begins`
      return new State(() => openFile(path), { outboxBytesMax, loss })
    }
  }

  /** Over a file that is not one of the machine's, as tests have that fail on purpose. Throws `BoltError`. */
  static over(file: BoltFile): State {
    return new State(() => openBolt('the state', { ...SIZES, file }), { outboxBytesMax: OUTBOX_BYTES_MAX })
  }

  private constructor(open: () => Bolt, opened: { readonly outboxBytesMax: number; readonly loss?: string }) {
    this.#open = open
    this.#opened = open()
    this.#outboxBytesMax = opened.outboxBytesMax
    this.loss = opened.loss
    let epoch = ''
    this.#update((transaction) => {
      const meta = transaction.createBucketIfMissing('meta')
      epoch = textOf(meta.get('epoch')) ?? newUuid()
      meta.put('epoch', epoch)
      // Without stamps the files are another version's: they cannot be compared, and are a baseline once more.
      if (transaction.bucket('FileStamps') === undefined && transaction.bucket('Files'))
        transaction.deleteBucket('Files')
      for (const name of BUCKETS) transaction.createBucketIfMissing(name)
    })
    this.epoch = epoch
    this.#countOutbox()
  }

  #countOutbox(): void {
    let [bytes, count] = [0, 0]
    this.#bolt.view((transaction) => {
      for (const { value } of bucketOf(transaction, 'outbox').entries()) {
        count += 1
        bytes += value?.length ?? 0
      }
    })
    this.#outboxBytes = bytes
    this.#outboxCount = count
  }

  /**
   * The database. Where the disk failed in the last moment of a commit, only the file itself knows whether that commit
   * counts: it is opened again, and asked. Throws what opening throws while the disk still fails.
   */
  get #bolt(): Bolt {
    if (this.#isUnknown) {
      this.#opened[Symbol.dispose]()
      this.#opened = this.#open()
      this.#isUnknown = false
      this.#countOutbox()
    }
    return this.#opened
  }

  /** As the database does. After `commit-unknown` it may have been kept or not; whoever looks next finds out. */
  #update(write: (transaction: Transaction) => void): void {
    try {
      this.#bolt.update(write)
    } catch (error) {
      if (error instanceof BoltError && error.code === 'commit-unknown') this.#isUnknown = true
      throw error
    }
  }

  get outboxCount(): number {
    return this.#outboxCount
  }

  /** Whether no more may be put into the outbox until the agent takes some of it. */
  get isFull(): boolean {
    return this.#outboxBytes >= this.#outboxBytesMax
  }

  get sequence(): number {
    return this.#bolt.view((transaction) => Number(textOf(bucketOf(transaction, 'meta').get('sequence')) ?? 0))
  }

  /** The text kept under a name, such as the last good configuration. */
  remembered(name: string): string | undefined {
    return this.#bolt.view((transaction) => textOf(bucketOf(transaction, 'meta').get(`text:${name}`)))
  }

  remember(name: string, text: string): void {
    this.#update((transaction) => bucketOf(transaction, 'meta').put(`text:${name}`, text))
  }

  memory(type: TrackedType): TypeMemory {
    const text = this.#bolt.view((transaction) => textOf(bucketOf(transaction, 'meta').get(`memory:${type}`)))
    return typeMemory.parse(text === undefined ? {} : JSON.parse(text))
  }

  /** Every item of a type. A value that cannot be understood is left out, and so looks new. */
  items(type: TrackedType): Map<string, Item> & Known {
    return this.#bolt.view((transaction) => {
      const items = new Map<string, Item>()
      for (const { key, value } of bucketOf(transaction, type).entries()) {
        const item = value && decodeItem(value)
        if (item) items.set(Buffer.from(key).toString('latin1'), item)
      }
      return items
    })
  }

  get outboxBytes(): number {
    return this.#outboxBytes
  }

  /** Whether a content was handed over already: once is enough. */
  hasContent(sha256: string): boolean {
    return this.#bolt.view((transaction) => bucketOf(transaction, 'Contents').get(sha256) !== undefined)
  }

  /** Files as they are known at this moment, whatever is kept meanwhile; until disposed, what it sees takes room in the file. */
  knownFiles(): KnownFiles & Disposable {
    return knownFilesOf(this.#bolt)
  }

  /** Keeps all of it in one transaction; when this returns it survives a power cut. */
  apply(update: StateUpdate): void {
    let [bytes, count] = [0, 0]
    this.#update((transaction) => {
      ;[bytes, count] = [0, 0]
      const bucket = bucketOf(transaction, update.type)
      if (update.files !== undefined) keepFiles(transaction, update.files)
      for (const hash of update.contents ?? []) bucketOf(transaction, 'Contents').put(hash, '')
      for (const { key, item, described } of update.items ?? []) {
        const keyBytes = Buffer.from(key, 'latin1')
        if (item) bucket.put(keyBytes, encodeItem(item, described ?? {}))
        else bucket.delete(keyBytes)
      }
      const meta = bucketOf(transaction, 'meta')
      meta.put(`memory:${update.type}`, JSON.stringify(update.memory))
      meta.put('sequence', String(update.sequence))
      for (const [name, text] of Object.entries(update.texts ?? {})) meta.put(`text:${name}`, text)
      const outbox = bucketOf(transaction, 'outbox')
      for (const entry of update.outbox) {
        const value = encodeOutboxEntry(entry)
        outbox.put(outbox.nextSequence().toString().padStart(20, '0'), value)
        bytes += Buffer.byteLength(value)
        count += 1
      }
    })
    this.#outboxBytes += bytes
    this.#outboxCount += count
  }

  /** The oldest entries of the outbox up to a limit (one at least), without those of some streams. */
  waiting(limits: WaitingLimits): Waiting[] {
    const { countMax, bytesMax, without } = limits
    return this.#bolt.view((transaction) => {
      const found: Waiting[] = []
      let bytes = 0
      for (const { key, value } of bucketOf(transaction, 'outbox').entries()) {
        const entry = value && decodeOutboxEntry(value)
        if (entry === undefined || without?.has(entry.stream)) continue
        bytes += value?.length ?? 0
        if (found.length > 0 && bytes > bytesMax) break
        found.push({ ...entry, key })
        if (found.length === countMax) break
      }
      return found
    })
  }

  /** Forgets entries that the agent has taken. */
  handedOver(keys: readonly Uint8Array[]): void {
    if (keys.length === 0) return
    let [bytes, count] = [0, 0]
    this.#update((transaction) => {
      ;[bytes, count] = [0, 0]
      const outbox = bucketOf(transaction, 'outbox')
      for (const key of keys) {
        bytes += outbox.get(key)?.length ?? 0
        if (outbox.delete(key)) count += 1
      }
    })
    this.#outboxBytes -= bytes
    this.#outboxCount -= count
  }

  [Symbol.dispose](): void {
    this.#opened[Symbol.dispose]()
  }
}

/** What is to be kept is nobody else's. */
const GIVEN = { isGiven: true } as const

function keepFiles(transaction: Transaction, files: readonly FileUpdate[]): void {
  const values = bucketOf(transaction, 'Files')
  const stamps = bucketOf(transaction, 'FileStamps')
  // Most of what comes comes in order.
  values.fillPercent = FILL_PERCENT
  stamps.fillPercent = FILL_PERCENT
  for (const { path, stamp, value } of files) {
    const key = Buffer.from(path, 'latin1')
    if (stamp === undefined || value === undefined) {
      values.delete(key)
      stamps.delete(key)
    } else {
      values.put(key, value, GIVEN)
      stamps.put(key, stamp, GIVEN)
    }
  }
}

const SIZES = { pageSize: 16_384, cacheBytesMax: 2 * 1024 * 1024 } as const

function openFile(path: string): Bolt {
  return openBolt(path, { ...SIZES, lock: lockFile, lockTimeoutMs: LOCK_MS_MAX, fileMode: 0o600 })
}

function bucketOf(transaction: Transaction, name: string): Bucket {
  return transaction.bucket(name) ?? missing(name)
}

function missing(name: string): never {
  throw new ChangeTrackingError('state-unusable', `the bucket "${name}" is missing in the state`)
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
}
