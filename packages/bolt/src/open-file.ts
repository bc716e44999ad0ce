import type { BoltFile, TakeLock } from './bolt-file.ts'
import { BoltError } from './bolt-error.ts'
import { DiskFile } from './disk-file.ts'
import {
  decodeMetaPage,
  encodeMetaPage,
  FLAG_LEAF,
  isPageSize,
  type Meta,
  META_BYTES,
  PAGE_HEADER_BYTES,
  viewOf,
  writePageHeader,
} from './format.ts'
import { encodeFreelist } from './freelist.ts'
import { PAGE_SIZE_MAX, PAGE_SIZE_MIN } from './limits.ts'

const LOCK_RETRY_MS = 50

export interface OpenFileSettings {
  readonly isReadOnly: boolean
  readonly fileMode: number
  readonly lock: TakeLock | undefined
  readonly lockTimeoutMs: number
}

/** Opens, or creates, and locks the file. Nothing stays open when it throws. */
export function openLockedFile(path: string, settings: OpenFileSettings): BoltFile {
  const file = attempt(path, 'cannot open', () =>
    settings.isReadOnly ? DiskFile.openReadOnly(path) : DiskFile.openOrCreate(path, settings.fileMode),
  )
  try {
    if (settings.lock !== undefined) waitForLock(path, () => takeLock(file, settings), settings.lockTimeoutMs)
    return file
  } catch (error) {
    file.close()
    throw error
  }
}

function takeLock(file: DiskFile, { lock, isReadOnly }: OpenFileSettings): boolean {
  return lock === undefined || lock(file.descriptor, isReadOnly ? 'shared' : 'exclusive')
}

function waitForLock(path: string, take: () => boolean, timeoutMs: number): void {
  const startMs = performance.now()
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  while (!take()) {
    const leftMs = startMs + timeoutMs - performance.now()
    if (leftMs <= 0) throw new BoltError('locked', `${path}: another process has it open; stop that one first`)
    Atomics.wait(sleeper, 0, 0, Math.min(LOCK_RETRY_MS, leftMs))
  }
}

/**
 * Writes an empty database: data pages first and then both metas, so that a file whose first two pages are still zeros
 * never was a database and may be made one.
 */
export function initialise(file: BoltFile, path: string, settings: { pageSize: number; isSynced: boolean }): void {
  const { pageSize, isSynced } = settings
  const data = new Uint8Array(2 * pageSize)
  encodeFreelist([], data, { id: 2, overflow: 0 })
  writePageHeader(viewOf(data.subarray(pageSize)), { id: 3, flags: FLAG_LEAF, count: 0, overflow: 0 })
  const empty = { pageSize, root: 3, sequence: 0n, freelist: 2, highWater: 4 }
  const metas = new Uint8Array(2 * pageSize)
  metas.set(encodeMetaPage({ ...empty, transactionId: 0 }), 0)
  metas.set(encodeMetaPage({ ...empty, transactionId: 1 }), pageSize)
  attempt(path, 'cannot create', () => {
    file.write(data, 2 * pageSize)
    if (isSynced) file.sync()
    file.write(metas, 0)
    if (isSynced) file.sync()
  })
}

/** Whether a file is empty, or a creation broke off before its metas were written. */
export function isBlank(file: BoltFile, path: string, pageSize: number): boolean {
  const sizeBytes = attempt(path, 'cannot look at', () => file.size())
  if (sizeBytes === 0) return true
  if (sizeBytes > 4 * pageSize) return false
  return readStart(file, path, 2 * pageSize).every((byte) => byte === 0)
}

/** The valid meta with the highest transaction; the page size is in it, so the second one is looked for everywhere. */
export function readMeta(file: BoltFile, path: string): Meta {
  const first = decodeMetaPage(readStart(file, path, PAGE_HEADER_BYTES + META_BYTES))
  const found: Meta[] = first instanceof BoltError ? [] : [first]
  for (let pageSize = PAGE_SIZE_MIN; pageSize <= PAGE_SIZE_MAX; pageSize *= 2) {
    if (!(first instanceof BoltError) && first.pageSize !== pageSize) continue
    const bytes = readStart(file, path, pageSize + PAGE_HEADER_BYTES + META_BYTES).subarray(pageSize)
    const second = decodeMetaPage(bytes)
    if (!(second instanceof BoltError) && second.pageSize === pageSize) found.push(second)
  }
  const newest = found.toSorted((left, right) => right.transactionId - left.transactionId)[0]
  if (newest !== undefined) return assertWhole(file, path, newest)
  const { code, message } = first instanceof BoltError ? first : new BoltError('meta-damaged', 'unreadable')
  throw new BoltError(code, `${path}: no valid meta page; page 0: ${message}; restore the file, or start a new one`, {
    pageId: 0,
  })
}

export function assertPageSize(path: string, pageSize: number): void {
  if (isPageSize(pageSize)) return
  const what = `is no power of two from ${PAGE_SIZE_MIN} to ${PAGE_SIZE_MAX}`
  throw new BoltError('option-invalid', `${path}: page size ${pageSize} ${what}`)
}

function assertWhole(file: BoltFile, path: string, meta: Meta): Meta {
  const sizeBytes = attempt(path, 'cannot look at', () => file.size())
  const neededBytes = meta.highWater * meta.pageSize
  if (sizeBytes >= neededBytes) return meta
  throw new BoltError(
    'file-truncated',
    `${path}: ends after ${sizeBytes} bytes, but its ${meta.highWater} pages take ${neededBytes}; restore it from a copy`,
    { pageId: Math.floor(sizeBytes / meta.pageSize) },
  )
}

function readStart(file: BoltFile, path: string, byteCount: number): Uint8Array {
  const bytes = new Uint8Array(byteCount)
  return bytes.subarray(
    0,
    attempt(path, 'cannot read', () => file.read(bytes, 0)),
  )
}

function attempt<T>(path: string, what: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    throw new BoltError('io-failed', `${path}: ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}
