import type { BoltFile, TakeLock } from './bolt-file.ts'
import { BoltError } from './bolt-error.ts'
import { type CommitSettings, prepareCommit, writeMeta } from './commit.ts'
import { type Meta, NO_FREELIST } from './format.ts'
import { decodeFreelist, Freelist } from './freelist.ts'
import { findFreePages } from './inspect.ts'
import { Ledger } from './ledger.ts'
import { CACHE_BYTES_MAX } from './limits.ts'
import { assertPageSize, initialise, isBlank, openLockedFile, readMeta } from './open-file.ts'
import { Pager } from './pager.ts'
import { Transaction } from './transaction.ts'
import { hasChanged, Tree } from './tree.ts'

const PAGE_SIZE = 4096
const GROW_BYTES_MIN = 32 * 1024
const GROW_BYTES_MAX = 16 * 1024 * 1024

/** How a database is opened; every option has a default that is right for one writer on a local disk. */
export interface BoltOptions {
  /** Never writes, and does not create the file. False by default. */
  readonly readOnly?: boolean
  /** Stores the freelist with each commit, as bbolt does by default. Without, commits are smaller and opening reads all. */
  readonly freelistSync?: boolean
  /** Permissions of a new file; 0o600 by default. */
  readonly fileMode?: number
  /** Bytes in a page of a new file, a power of two; 4096 by default. An existing file says its own. */
  readonly pageSize?: number
  /** Takes the file's lock. Without one nothing keeps two processes from writing at once, which destroys the file. */
  readonly lock?: TakeLock
  /** How long opening waits (and blocks the thread) for the lock, in milliseconds; 0, the default, tries once. */
  readonly lockTimeoutMs?: number
  /** Bytes of pages kept in memory; `CACHE_BYTES_MAX` by default. */
  readonly cacheBytesMax?: number
  /** False is for tests only: after a power cut the file may be damaged beyond repair. True by default. */
  readonly sync?: boolean
  /** Another file than the one at `path`, which then only names it in messages; it is neither locked nor created. */
  readonly file?: BoltFile
}

/** A state of the database that stays as it is until disposed. Pages it may need are not reused: the file grows. */
export interface Snapshot extends Disposable {
  readonly transaction: Transaction
}

/**
 * Opens a database file of bbolt's, or creates it. Throws `BoltError`: `locked` when another process has it, `io-failed`,
 * or what is wrong with the file.
 */
export function openBolt(path: string, options: BoltOptions = {}): Bolt {
  const pageSize = options.pageSize ?? PAGE_SIZE
  const isReadOnly = options.readOnly ?? false
  assertPageSize(path, pageSize)
  const { fileMode = 0o600, lock, lockTimeoutMs = 0 } = options
  const file = options.file ?? openLockedFile(path, { isReadOnly, fileMode, lock, lockTimeoutMs })
  try {
    const isSynced = options.sync ?? true
    if (!isReadOnly && isBlank(file, path, pageSize)) initialise(file, path, { pageSize, isSynced })
    return new Bolt(file, { path, meta: readMeta(file, path), isReadOnly, isSynced }, options)
  } catch (error) {
    file.close()
    throw error
  }
}

/**
 * An open database: one file, any number of readers, one writer at a time, all synchronous. Memory: the page cache, the
 * numbers of the free pages, and what one writer changes. Disposing closes it; legal any number of times.
 */
export class Bolt implements Disposable {
  readonly path: string
  readonly isReadOnly: boolean
  readonly #file: BoltFile
  readonly #pager: Pager
  readonly #settings: CommitSettings
  readonly #freelist: Freelist
  readonly #readers = new Set<Ledger>()
  #meta: Meta
  #writer: Ledger | undefined
  #state: 'open' | 'closed' | 'unknown' = 'open'

  /** Use `openBolt`. */
  constructor(
    file: BoltFile,
    state: { path: string; meta: Meta; isReadOnly: boolean; isSynced: boolean },
    options: BoltOptions,
  ) {
    this.path = state.path
    this.isReadOnly = state.isReadOnly
    this.#file = file
    this.#meta = state.meta
    this.#settings = { isFreelistStored: options.freelistSync ?? true, isSynced: state.isSynced }
    const cacheBytesMax = options.cacheBytesMax ?? CACHE_BYTES_MAX
    this.#pager = new Pager(file, { path: state.path, pageSize: state.meta.pageSize, cacheBytesMax })
    this.#freelist = new Freelist(this.isReadOnly ? [] : this.#loadFreelist())
    // bbolt does the same: who does not know of files without a freelist can open this one afterwards.
    if (!this.isReadOnly && this.#settings.isFreelistStored && state.meta.freelist === NO_FREELIST) {
      this.#commit(this.#newTree(this.#freelist))
    }
  }

  /** Bytes of the file that are in use, free pages included. */
  get sizeBytes(): number {
    return neededBytes(this.#meta)
  }

  /** Runs `read` on the newest state. Views may nest, and may be open around an `update`, whose changes they do not see. */
  view<T>(read: (transaction: Transaction) => T): T {
    using snapshot = this.snapshot()
    return this.#notAsync(read(snapshot.transaction))
  }

  /** The newest state, to read from until disposed; for work that waits in between. */
  snapshot(): Snapshot {
    this.#assertOpen()
    const tree = this.#newTree()
    this.#readers.add(tree.ledger)
    return {
      transaction: new Transaction(tree),
      [Symbol.dispose]: () => {
        tree.ledger.end()
        this.#readers.delete(tree.ledger)
      },
    }
  }

  /**
   * Runs `write` and commits what it changed: when this returns, it is on stable storage. When `write` throws, nothing has
   * changed and the error is passed on. Throws `busy` inside of another update. After `commit-unknown` the database has to
   * be opened again, and has either the old state or the new one.
   */
  update<T>(write: (transaction: Transaction) => T): T {
    this.#assertOpen()
    if (this.isReadOnly) throw new BoltError('transaction-read-only', `${this.path}: it was opened read-only`)
    if (this.#writer !== undefined) throw new BoltError('busy', `${this.path}: an update runs inside of another update`)
    this.#releasePages()
    const tree = this.#newTree(this.#freelist)
    this.#writer = tree.ledger
    try {
      const result = this.#notAsync(write(new Transaction(tree)))
      if (hasChanged(tree)) this.#commit(tree)
      return result
    } finally {
      tree.ledger.end()
      this.#writer = undefined
    }
  }

  /** Ends open snapshots and gives the file and its lock back. Throws `busy` inside of an update. */
  close(): void {
    if (this.#writer !== undefined) throw new BoltError('busy', `${this.path}: close() was called inside of an update`)
    if (this.#state === 'closed') return
    this.#state = 'closed'
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
    this.#pager.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #newTree(freelist?: Freelist): Tree {
    const ledger = new Ledger(this.#pager, this.#meta, freelist)
    return new Tree(ledger, { id: this.#meta.root, sequence: this.#meta.sequence })
  }

  #loadFreelist(): number[] {
    const { freelist, highWater } = this.#meta
    if (freelist === NO_FREELIST) return findFreePages(new Ledger(this.#pager, this.#meta))
    return decodeFreelist(this.#pager.readFreelist(freelist, highWater), { path: this.path, id: freelist }, highWater)
  }

  /** Pages let go by the commit that the oldest reader sees, or by an earlier one, are out of everybody's sight. */
  #releasePages(): void {
    let oldestId = this.#meta.transactionId
    for (const reader of this.#readers) oldestId = Math.min(oldestId, reader.meta.transactionId)
    this.#freelist.release(oldestId)
  }

  #commit(tree: Tree): void {
    const fileBytes = this.#file.size()
    const prepared = prepareCommit(tree, this.#freelist, this.#settings)
    try {
      if (neededBytes(prepared.meta) > fileBytes) this.#grow(prepared.meta)
      if (this.#settings.isSynced) this.#pager.sync()
    } catch (error) {
      prepared.undo()
      throw error
    }
    try {
      writeMeta(this.#pager, prepared.meta, this.#settings)
    } catch (cause) {
      this.#state = 'unknown'
      throw new BoltError('commit-unknown', this.#unknownText(), { cause })
    }
    this.#freelist.hold(prepared.meta.transactionId, prepared.freed)
    this.#meta = prepared.meta
  }

  /** Ahead of need, so that most commits leave the file's size alone and sync faster. */
  #grow(meta: Meta): void {
    let sizeBytes = GROW_BYTES_MIN
    while (sizeBytes < neededBytes(meta)) sizeBytes += Math.min(sizeBytes, GROW_BYTES_MAX)
    this.#pager.truncate(sizeBytes)
  }

  #notAsync<T>(result: T): T {
    if (!(result instanceof Promise)) return result
    // What it still does will fail with `transaction-closed`; that is said here, once.
    void result.catch(() => undefined)
    throw new BoltError('callback-async', `${this.path}: the callback returned a promise; transactions are synchronous`)
  }

  #assertOpen(): void {
    if (this.#state === 'open') return
    if (this.#state === 'closed') throw new BoltError('closed', `${this.path}: the database is closed; open it again`)
    throw new BoltError('commit-unknown', this.#unknownText())
  }

  #unknownText(): string {
    return `${this.path}: writing the meta page failed, so the last commit may or may not count; close it and open it again`
  }
}

function neededBytes({ highWater, pageSize }: Meta): number {
  return highWater * pageSize
}
