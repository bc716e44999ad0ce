import { createHash, hash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'

import {
  closeDescriptor,
  extendedAttributes,
  LinuxError,
  NO_FOLDER,
  openFileAt,
  readAt,
  STATUS_BYTES,
  statusOf,
} from '@tidemark/linux'

import type { PathBytes } from '../file-name.ts'
import { type Owners, nameFor } from '../owners.ts'
import { recordBytes } from './record-text.ts'
import {
  changedMsOfStamp,
  fillStamp,
  groupOfStamp,
  kindOfMode,
  modeOfStamp,
  sizeOfStamp,
  STAMP_BYTES,
  userOfStamp,
} from './stamp.ts'

/** One file whose content is to be read. */
export interface ReadOrder {
  readonly path: PathBytes
  /** Whether the path may be a symbolic link that is followed. */
  readonly isFollowed: boolean
  /** What the walk saw of it. */
  readonly stamp: Buffer
  /** `undefined`: only the extended attributes are wanted. */
  readonly method: 'sha256' | 'md5' | undefined
  /** Bytes of content to keep at most; `undefined` where it is not to be kept. */
  readonly contentBytesMax: number | undefined
  /** Whether the text of its value is wanted, where it is a plain file without extended attributes. */
  readonly isTextWanted: boolean
}

/** What reading came to. */
export interface ReadAnswer {
  /** The error's number negated where the file could not be read; the other fields say nothing then. */
  readonly error: number
  /** Facts that go with the digest; not those of the order where the file changed meanwhile. */
  readonly stamp: Buffer
  /** Whether a change right after reading might not show in the times: the next look reads again. */
  readonly isFresh: boolean
  /** Hex, empty where none was wanted. */
  readonly digest: string
  readonly attributes: readonly (readonly [name: string, value: Buffer])[]
  readonly content?: KeptContent
  /** The value for the database, UTF-8. */
  readonly text?: Uint8Array
}

/** A content as it is kept: compressed with zstd, with what tells it from all others. */
export interface KeptContent {
  readonly sha256: string
  readonly sizeBytes: number
  readonly compressed: Uint8Array
}

/** A file that changes while it is read is read again this often; then what was read last counts until the next look. */
export const READS_MAX = 3
/** Bytes of a file that says it has none and yet gives some, as those in /proc do. */
export const PSEUDO_BYTES_MAX = 64 * 1024 * 1024
/** A file that changed less than this ago, in milliseconds, may change again without its time telling (timer ticks). */
export const FRESH_MS = 50

const EIO = 5
const EFBIG = 27
const ESTALE = 116
const BUFFER_BYTES = 256 * 1024
const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
const status = Buffer.alloc(STATUS_BYTES)
const after = Buffer.alloc(STAMP_BYTES)

/** What reading is done with. */
export interface ReadingCircumstances {
  readonly nowMs: () => number
  readonly owners: Owners
  /** Called after each piece with its bytes: the place to wait, and to stop by throwing. */
  readonly breathe?: (bytes: number) => void
}

/** Reads a file: its digest, its extended attributes, and its content where it is to be kept. Throws only what `breathe` does. */
export function readFile(order: ReadOrder, circumstances: ReadingCircumstances): ReadAnswer {
  const descriptor = openFileAt(NO_FOLDER, order.path, order.isFollowed ? 'followed' : 'refused')
  if (descriptor < 0) return failed(order, descriptor)
  try {
    return readOpen(descriptor, order, circumstances)
  } finally {
    closeDescriptor(descriptor)
  }
}

function readOpen(descriptor: number, order: ReadOrder, circumstances: ReadingCircumstances): ReadAnswer {
  let before = order.stamp
  for (let reads = 1; ; reads += 1) {
    const sizeBytes = sizeOfStamp(before)
    const read =
      order.method === undefined
        ? { error: 0, digest: '' }
        : digestOf(descriptor, { order, sizeBytes, breathe: circumstances.breathe })
    if (read.error < 0) return failed(order, read.error)
    const attributes = attributesOf(descriptor)
    if (typeof attributes === 'number') return failed(order, attributes)
    const error = statusOf(descriptor, status)
    if (error < 0) return failed(order, error)
    fillStamp(status, after)
    // What stood here was replaced by something else, perhaps a fifo: the next look sees what it is.
    if (kindOfMode(modeOfStamp(after)) !== 'file') return failed(order, -ESTALE)
    const isQuiet = after.compare(before, 4, STAMP_BYTES, 4, STAMP_BYTES) === 0
    if (!isQuiet && reads < READS_MAX) {
      before = Buffer.from(after)
      continue
    }
    const isFresh = !isQuiet || Math.abs(circumstances.nowMs() - changedMsOfStamp(after)) < FRESH_MS
    const text =
      order.isTextWanted && attributes.length === 0
        ? textOf(order, { stamp: before, digest: read.digest, owners: circumstances.owners })
        : undefined
    return { ...read, stamp: before, isFresh, attributes, ...(text === undefined ? {} : { text }) }
  }
}

interface Digested {
  readonly error: number
  readonly digest: string
  readonly content?: KeptContent
}

function digestOf(
  descriptor: number,
  file: {
    readonly order: ReadOrder
    readonly sizeBytes: number
    readonly breathe: ((bytes: number) => void) | undefined
  },
): Digested {
  const { order, sizeBytes, breathe } = file
  const { method = 'sha256', contentBytesMax } = order
  const isKept = contentBytesMax !== undefined && sizeBytes <= contentBytesMax
  const first = readAt(descriptor, buffer, BUFFER_BYTES, 0)
  if (first < 0) return { error: first, digest: '' }
  breathe?.(first)
  if (first === sizeBytes) {
    const bytes = buffer.subarray(0, first)
    const digest = hash(method, bytes, 'hex')
    return { error: 0, digest, ...(isKept ? { content: keep(bytes, method === 'sha256' ? digest : undefined) } : {}) }
  }
  return digestOfMany(descriptor, first, { method, sizeBytes, isKept, breathe })
}

/** A file that does not fit the buffer, or says that it is empty and is not; up to the size that it said it has. */
function digestOfMany(
  descriptor: number,
  first: number,
  file: {
    readonly method: 'sha256' | 'md5'
    readonly sizeBytes: number
    readonly isKept: boolean
    readonly breathe: ((bytes: number) => void) | undefined
  },
): Digested {
  const hasher = createHash(file.method)
  const parts: Buffer[] = []
  const bytesMax = file.sizeBytes === 0 ? PSEUDO_BYTES_MAX : file.sizeBytes
  let offset = 0
  for (let count = Math.min(first, bytesMax); count > 0;) {
    const bytes = buffer.subarray(0, count)
    hasher.update(bytes)
    if (file.isKept) parts.push(Buffer.from(bytes))
    offset += count
    const left = bytesMax - offset
    if (left <= 0) break
    count = readAt(descriptor, buffer, Math.min(BUFFER_BYTES, left), offset)
    if (count < 0) return { error: count, digest: '' }
    file.breathe?.(count)
  }
  if (file.sizeBytes === 0 && offset >= PSEUDO_BYTES_MAX) return { error: -EFBIG, digest: '' }
  const digest = hasher.digest('hex')
  if (!file.isKept) return { error: 0, digest }
  return { error: 0, digest, content: keep(Buffer.concat(parts), file.method === 'sha256' ? digest : undefined) }
}

function keep(bytes: Buffer, sha256: string | undefined): KeptContent {
  return {
    sha256: sha256 ?? hash('sha256', bytes, 'hex'),
    sizeBytes: bytes.length,
    compressed: zstdCompressSync(bytes),
  }
}

/** Extended attributes, or the error's number negated. */
function attributesOf(descriptor: number): ReadAnswer['attributes'] | number {
  try {
    return extendedAttributes(descriptor)
  } catch (error) {
    return -(error instanceof LinuxError ? (error.errno ?? EIO) : EIO)
  }
}

function textOf(
  order: ReadOrder,
  file: { readonly stamp: Buffer; readonly digest: string; readonly owners: Owners },
): Uint8Array {
  const { stamp, digest, owners } = file
  const owner = nameFor(owners.users, userOfStamp(stamp))
  const group = nameFor(owners.groups, groupOfStamp(stamp))
  return recordBytes(order.path, stamp, { checksum: digest, owner, group, contentBlobLink: '', ours: '{}' })
}

function failed(order: ReadOrder, error: number): ReadAnswer {
  return { error, stamp: order.stamp, isFresh: false, digest: '', attributes: [] }
}
