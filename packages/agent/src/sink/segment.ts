import { crc32 } from 'node:zlib'

import type { Row } from '@tidemark/model'

// ┌ length u32 ┬ crc32 u32 ┬ payload: JSON, UTF-8, {"chunk"?, "at"?, "count"?, "rows"} ┐   little-endian; the checksum is
// that of the payload, and "rows" is its last key, so that what stands before can be read without the rows.
const HEAD_BYTES = 8
/** Bytes of one record at most: a Forward frame has at most 8 MiB, and JSON may be longer than msgpack. */
export const RECORD_BYTES_MAX = 64 * 1024 * 1024
/** Bytes of a payload before its rows at most; whatever has more there is read as a whole. */
const PREFACE_BYTES_MAX = 4_096

/** Rows that came together, with the id under which their sender would send them again. */
export interface SinkRecord {
  readonly chunk?: string | undefined
  /** When the agent took them, in milliseconds since 1970. */
  readonly at?: number | undefined
  readonly rows: readonly Row[]
}

/** What is known of a record without reading its rows. */
export interface RecordPreface {
  readonly chunk?: string
  readonly at?: number
  readonly count: number
}

/** A record's bytes in a segment. */
export function encodeRecord({ chunk, at, rows }: SinkRecord): Buffer {
  const payload = JSON.stringify({ chunk, at, count: rows.length, rows })
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + Buffer.byteLength(payload))
  bytes.write(payload, HEAD_BYTES)
  bytes.writeUInt32LE(bytes.length - HEAD_BYTES, 0)
  bytes.writeUInt32LE(crc32(bytes.subarray(HEAD_BYTES)), 4)
  return bytes
}

/** What stands at an offset of a segment. */
export type ReadRecord =
  | { readonly kind: 'record'; readonly payload: Buffer; readonly next: number }
  /** The bytes end here, or in the middle of a record of `bytesWanted` bytes. */
  | { readonly kind: 'end'; readonly isTorn: boolean; readonly bytesWanted: number }
  /** There are bytes, and they are wrong. */
  | { readonly kind: 'damaged'; readonly reason: string }

/** Finds the record that begins at `offset` and checks its sum. Total: any bytes give an answer. */
export function readRecord(bytes: Buffer, offset: number): ReadRecord {
  const left = bytes.length - offset
  if (left === 0) return { kind: 'end', isTorn: false, bytesWanted: HEAD_BYTES }
  if (left < HEAD_BYTES) return { kind: 'end', isTorn: true, bytesWanted: HEAD_BYTES }
  const length = bytes.readUInt32LE(offset)
  const bytesWanted = HEAD_BYTES + length
  // A file that had grown when the power went, and whose new blocks were never written, ends in zeros.
  if (length === 0 && isZero(bytes, offset)) return { kind: 'end', isTorn: true, bytesWanted }
  if (length > RECORD_BYTES_MAX) return { kind: 'damaged', reason: `a record of ${length} bytes` }
  if (left < bytesWanted) return { kind: 'end', isTorn: true, bytesWanted }
  const payload = bytes.subarray(offset + HEAD_BYTES, offset + bytesWanted)
  if (crc32(payload) === bytes.readUInt32LE(offset + 4)) return { kind: 'record', payload, next: offset + bytesWanted }
  // At the very end it is a write that a power cut interrupted, with the file's size already grown.
  return left === bytesWanted
    ? { kind: 'end', isTorn: true, bytesWanted }
    : { kind: 'damaged', reason: 'a bad checksum' }
}

function isZero(bytes: Buffer, offset: number): boolean {
  for (let at = offset; at < bytes.length; at += 1) if (bytes[at] !== 0) return false
  return true
}

/** The rows of a payload; `undefined` where it is none of ours though its sum is right. */
export function parsePayload(payload: Buffer): SinkRecord | undefined {
  try {
    const read: unknown = JSON.parse(payload.toString('utf8'))
    return isRecord(read) ? read : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is SinkRecord {
  return typeof value === 'object' && value !== null && 'rows' in value && Array.isArray(value.rows)
}

/** What stands before the rows of a payload: nothing else of it is decoded. */
export function parsePreface(payload: Buffer): RecordPreface | undefined {
  const head = payload.subarray(0, PREFACE_BYTES_MAX).toString('utf8')
  // Inside a JSON text these characters would be escaped.
  const end = /[{,]"rows":\[/.exec(head)?.index
  const preface = end === undefined ? undefined : prefaceOf(`${head.slice(0, end)}${end === 0 ? '{' : ''}}`)
  if (preface?.count !== undefined) return { ...preface, count: preface.count }
  const record = parsePayload(payload)
  return record && { ...withoutRows(record), count: record.rows.length }
}

function prefaceOf(text: string): Partial<RecordPreface> | undefined {
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read !== 'object' || read === null) return undefined
    return {
      ...('chunk' in read && typeof read.chunk === 'string' ? { chunk: read.chunk } : {}),
      ...('at' in read && typeof read.at === 'number' ? { at: read.at } : {}),
      ...('count' in read && typeof read.count === 'number' ? { count: read.count } : {}),
    }
  } catch {
    return undefined
  }
}

function withoutRows({ chunk, at }: SinkRecord): Pick<RecordPreface, 'chunk' | 'at'> {
  return { ...(chunk === undefined ? {} : { chunk }), ...(at === undefined ? {} : { at }) }
}
