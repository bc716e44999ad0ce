import { Readable } from 'node:stream'

import type { QueryTable } from '@tidemark/model'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { csvWriter } from './csv.ts'
import { ndjsonWriter } from './ndjson.ts'
import type { RowWriter, WrittenColumn } from './row-writer.ts'

/** How rows can be answered. */
export const formats = ['json', 'csv', 'ndjson', 'arrow'] as const
export type Format = (typeof formats)[number]

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
}

const BY_MEDIA_TYPE: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/vnd.apache.arrow.stream', 'arrow'],
  ['application/*', 'json'],
  ['*/*', 'json'],
])

/** The format that `?format=` names, else the first of `Accept` that is known; `undefined` where none of them is. */
export function formatAsked({ url, headers }: Pick<FastifyRequest, 'url' | 'headers'>): Format | undefined {
  const named = new URLSearchParams(url.split('?')[1] ?? '').get('format')
  if (named !== null) return formats.find((format) => format === named.toLowerCase())
  const accepted = (headers.accept ?? '*/*').split(',').map((one) => (one.split(';')[0] ?? '').trim().toLowerCase())
  return accepted.map((one) => BY_MEDIA_TYPE.get(one)).find((format) => format !== undefined)
}

/** The writer of a format; Arrow's is loaded when it is asked for. */
export async function writerOf(format: Exclude<Format, 'json'>, columns: readonly WrittenColumn[]): Promise<RowWriter> {
  if (format === 'csv') return csvWriter(columns)
  if (format === 'ndjson') return ndjsonWriter(columns)
  const { arrowWriter } = await import('./arrow.ts')
  return arrowWriter(columns)
}

export function contentTypeOf(format: Format): string {
  return CONTENT_TYPES[format]
}

/** Rows that are written at a time. */
const PAGE_ROWS = 5_000

/** Sends a table in a format that has no place for an error beside the rows: a header tells that it was cut. */
export async function sendFormatted(
  reply: FastifyReply,
  format: Exclude<Format, 'json'>,
  table: QueryTable,
  isPartial: boolean,
): Promise<FastifyReply> {
  const writer = await writerOf(format, table.columns)
  reply.header('content-type', contentTypeOf(format)).header('vary', 'accept')
  if (isPartial) reply.header('x-tidemark-partial', 'true')
  return await reply.send(Readable.from(written(writer, table), { objectMode: false }))
}

function* written(writer: RowWriter, { rows }: QueryTable): Generator<Uint8Array> {
  yield writer.begin()
  for (let from = 0; from < rows.length; from += PAGE_ROWS) yield writer.rows(rows.slice(from, from + PAGE_ROWS))
  yield writer.end()
}
