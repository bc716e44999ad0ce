import { crc32 } from 'node:zlib'

import type { Row } from '@tidemark/model'
import { z } from 'zod'

// ┌ length u32 ┬ crc32 u32 ┬ payload: JSON, UTF-8 ┐   little-endian; the checksum is that of the payload
const HEAD_BYTES = 8
/** Bytes of one record at most: a Forward frame has at most 8 MiB, and JSON may be longer than msgpack. */
export const RECORD_BYTES_MAX = 64 * 1024 * 1024

const payloadShape = z.object({
  chunk: z.string().optional(),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
})

/** Rows that came together, with the id under which their sender would send them again. */
export interface SinkRecord {
  readonly chunk?: string | undefined
  readonly rows: readonly Row[]
}

/** A record's bytes in a segment. */
export function encodeRecord(record: SinkRecord): Buffer {
  const payload = Buffer.from(JSON.stringify(record))
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(payload.length, 0)
  head.writeUInt32LE(crc32(payload), 4)
  return Buffer.concat([head, payload])
}

/** What stands at an offset of a segment. */
export type ReadRecord =
  | { readonly kind: 'record'; readonly record: SinkRecord; readonly next: number }
  /** The segment ends here, or in the middle of a record: what follows was never acknowledged. */
  | { readonly kind: 'end'; readonly isTorn: boolean }
  /** There are bytes, and they are wrong. */
  | { readonly kind: 'damaged'; readonly reason: string }

/** Reads the record that begins at `offset`. Total: any bytes give an answer. */
export function readRecord(bytes: Buffer, offset: number): ReadRecord {
  const left = bytes.length - offset
  if (left === 0) return { kind: 'end', isTorn: false }
  if (left < HEAD_BYTES) return { kind: 'end', isTorn: true }
  const length = bytes.readUInt32LE(offset)
  if (length > RECORD_BYTES_MAX) return { kind: 'damaged', reason: `a record of ${length} bytes` }
  if (left < HEAD_BYTES + length) return { kind: 'end', isTorn: true }
  const payload = bytes.subarray(offset + HEAD_BYTES, offset + HEAD_BYTES + length)
  const isTail = left === HEAD_BYTES + length
  if (crc32(payload) !== bytes.readUInt32LE(offset + 4))
    // At the very end it is a write that a power cut interrupted, with the file's size already grown.
    return isTail ? { kind: 'end', isTorn: true } : { kind: 'damaged', reason: 'a bad checksum' }
  const parsed = parsePayload(payload)
  return parsed
    ? { kind: 'record', record: parsed, next: offset + HEAD_BYTES + length }
    : { kind: 'damaged', reason: 'no rows' }
}

function parsePayload(payload: Buffer): SinkRecord | undefined {
  try {
    return payloadShape.safeParse(JSON.parse(payload.toString('utf8'))).data
  } catch {
    return undefined
  }
}
