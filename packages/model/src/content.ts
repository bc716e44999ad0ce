import type { Parsed, Problem } from '@tidemark/base'

import { CONTENT_PART_BYTES_MAX, type ContentRow, contentLink } from './row.ts'

/** Bytes of a content before compression at most: 64 MiB. A larger file's content is not kept. */
export const CONTENT_BYTES_MAX = 64 * 1024 * 1024
/** Parts of one content at most: zstd makes what it cannot compress longer by less than 1/256 (ZSTD_compressBound). */
export const CONTENT_PARTS_MAX = Math.ceil((CONTENT_BYTES_MAX + CONTENT_BYTES_MAX / 256 + 64) / CONTENT_PART_BYTES_MAX)

/** A content row, read: bytes `part * CONTENT_PART_BYTES_MAX` and on of a content's zstd frame. */
export interface ContentPart {
  /** SHA-256 of the whole content, 64 hex digits in lower case. */
  readonly hash: string
  /** Bytes of the whole content before compression. */
  readonly size: number
  /** From 0. */
  readonly part: number
  readonly partCount: number
  readonly bytes: Uint8Array
  /** `maxOutputSize` of the entry that asked for the content, where the sender said it. */
  readonly shownBytesMax?: number
}

/**
 * Cuts a compressed content into rows, the first part first; the columns that every row has (machine, time) are
 * the caller's. `sha256` is the hash and `contentSize` the size of what was compressed. Throws a `RangeError` for a content
 * of more than `CONTENT_BYTES_MAX` bytes: whoever reads files does not come so far with it.
 */
export function contentRows(
  sha256: string,
  compressed: Uint8Array,
  { contentSize, shownBytesMax }: { readonly contentSize: number; readonly shownBytesMax?: number },
): ContentRow[] {
  const partCount = Math.max(1, Math.ceil(compressed.length / CONTENT_PART_BYTES_MAX))
  if (contentSize > CONTENT_BYTES_MAX || partCount > CONTENT_PARTS_MAX)
    throw new RangeError(`a content of ${contentSize} bytes is too large; at most ${CONTENT_BYTES_MAX} are kept`)
  return Array.from({ length: partCount }, (_, part) => ({
    Type: 'TidemarkContent',
    ContentHash: sha256,
    ContentSize: contentSize,
    Part: part,
    PartCount: partCount,
    Encoding: 'zstd',
    Bytes: base64(compressed.subarray(part * CONTENT_PART_BYTES_MAX, (part + 1) * CONTENT_PART_BYTES_MAX)),
    ...(shownBytesMax === undefined ? {} : { ShownBytesMax: shownBytesMax }),
  }))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Reads a row whose `Type` is `TidemarkContent`. Total: anything else gives what is wrong with it. */
export function parseContentRow(row: Readonly<Record<string, unknown>>): Parsed<ContentPart> {
  const problems: Problem[] = []
  const fault = (where: string, message: string): void => void problems.push({ where, message })
  const { ContentHash: hash, Encoding: encoding, Bytes: text, ShownBytesMax: shownBytesMax } = row
  const size = wholeNumber(row['ContentSize'], 0, CONTENT_BYTES_MAX)
  const partCount = wholeNumber(row['PartCount'], 1, CONTENT_PARTS_MAX)
  const part = wholeNumber(row['Part'], 0, (partCount ?? 1) - 1)
  const shown = wholeNumber(shownBytesMax, 0, Number.MAX_SAFE_INTEGER)
  if (!isContentHash(hash)) fault('ContentHash', 'is no SHA-256 of 64 hex digits in lower case')
  if (size === undefined) fault('ContentSize', `is no whole number up to ${CONTENT_BYTES_MAX}`)
  if (partCount === undefined) fault('PartCount', `is no whole number from 1 to ${CONTENT_PARTS_MAX}`)
  if (part === undefined) fault('Part', 'is no whole number from 0 to below PartCount')
  if (encoding !== 'zstd') fault('Encoding', 'is not zstd')
  if (shownBytesMax !== undefined && shown === undefined) fault('ShownBytesMax', 'is no whole number')
  const bytes = partBytes(text)
  if (typeof bytes === 'string') fault('Bytes', bytes)
  if (!isContentHash(hash) || size === undefined || partCount === undefined || part === undefined)
    return { kind: 'rejected', problems }
  if (problems.length > 0 || typeof bytes === 'string') return { kind: 'rejected', problems }
  // Every part but the last is full: a sender that cuts otherwise would be a way around the limits.
  if (part < partCount - 1 && bytes.length !== CONTENT_PART_BYTES_MAX)
    return { kind: 'rejected', problems: [{ where: 'Bytes', message: 'a part before the last is not full' }] }
  const value = { hash, size, part, partCount, bytes, ...(shown === undefined ? {} : { shownBytesMax: shown }) }
  return { kind: 'parsed', value }
}

function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined
}

const BASE64_CHARS_MAX = Math.ceil(CONTENT_PART_BYTES_MAX / 3) * 4

/** The bytes of base64 text as RFC 4648 writes it, or what is wrong. Node alone would skip whatever it does not know. */
function partBytes(text: unknown): Uint8Array | string {
  if (typeof text !== 'string') return 'is no text'
  if (text.length > BASE64_CHARS_MAX) return `has more than ${BASE64_CHARS_MAX} characters`
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return 'is no base64'
  return Buffer.from(text, 'base64')
}

/** Whether this is a SHA-256 as contents are named by: 64 hex digits in lower case. */
export function isContentHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/** The hash in a `FileContentBlobLink` that `contentLink` made; `undefined` for any other text. */
export function contentHashOf(link: string): string | undefined {
  const hash = link.slice(-64)
  return isContentHash(hash) && contentLink(hash) === link ? hash : undefined
}
