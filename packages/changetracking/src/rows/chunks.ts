import { newBytes } from '@tidemark/base'
import type { Row } from '@tidemark/model'

import type { OutboxEntry } from '../state/records.ts'

/** Rows in one chunk at most. */
export const CHUNK_ROWS_MAX = 1_000
/** Bytes of a chunk's rows as JSON at most; a single row may be larger. */
export const CHUNK_BYTES_MAX = 1024 * 1024

/** Rows by stream, cut into chunks in their order. Each gets its id (base64 of 128 bits) here and keeps it for good. */
export function chunksOf(rowsByStream: ReadonlyMap<string, readonly Row[]>): OutboxEntry[] {
  const entries: OutboxEntry[] = []
  for (const [stream, rows] of rowsByStream) {
    let chunk: Row[] = []
    let bytes = 0
    const close = (): void => {
      if (chunk.length > 0) entries.push({ stream, chunk: Buffer.from(newBytes(16)).toString('base64'), rows: chunk })
      chunk = []
      bytes = 0
    }
    for (const row of rows) {
      const size = Buffer.byteLength(JSON.stringify(row))
      if (chunk.length === CHUNK_ROWS_MAX || bytes + size > CHUNK_BYTES_MAX) close()
      chunk.push({ ...row })
      bytes += size
    }
    close()
  }
  return entries
}
