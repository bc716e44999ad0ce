import type { LogsIngestionChannel, Row } from '@tidemark/model'

import type { Answer } from '../upload/transport.ts'

/** One call of the Logs Ingestion API: rows of one stream. */
export interface IngestionRequest {
  readonly channel: LogsIngestionChannel
  /** As the rule there names it. */
  readonly stream: string
  readonly rows: readonly Row[]
  /** A UUID, the same whenever the same rows come again: a server may tell by it (Tidemark does, Azure does not). */
  readonly requestId: string
}

/** What came back, and the bytes that went over the wire. */
export type IngestionAnswer = Answer & { readonly bytesSent: number }

/** Sends rows once. Rejects where there is no answer: no token, no network, an address that no token may go to. */
export type IngestionCall = (request: IngestionRequest, signal: AbortSignal) => Promise<IngestionAnswer>

/** Bytes of the rows of one call as JSON at most: the service takes 1 MB, and the client would split what is more. */
export const CALL_BYTES_MAX = 900_000

/** Rows that go to one stream there. */
export interface StreamRows {
  readonly stream: string
  readonly rows: readonly Row[]
}

/** Which rows of a batch go where, in the order of the batch. Rows for which the channel names no stream go nowhere. */
export function rowsByStream(
  { streams }: Pick<LogsIngestionChannel, 'streams'>,
  batch: { readonly dataType: string; readonly rows: readonly Row[] },
): StreamRows[] {
  const groups = new Map<string, Row[]>()
  for (const row of batch.rows) {
    const source = typeof row['Type'] === 'string' && row['Type'].startsWith('Tidemark') ? row['Type'] : batch.dataType
    const stream = Object.hasOwn(streams, source) ? streams[source] : undefined
    if (stream === undefined) continue
    const group = groups.get(stream)
    if (group === undefined) groups.set(stream, [row])
    else group.push(row)
  }
  return [...groups].map(([stream, rows]) => ({ stream, rows }))
}

/** The rows from `from` on that fit one call: at least one, at most `rowsMax`. */
export function rowsOfCall(rows: readonly Row[], from: number, rowsMax: number): readonly Row[] {
  let bytes = 0
  let to = from
  for (; to < rows.length && to - from < rowsMax; to += 1) {
    bytes += Buffer.byteLength(JSON.stringify(rows[to])) + 1
    if (bytes > CALL_BYTES_MAX && to > from) break
  }
  return rows.slice(from, to)
}
