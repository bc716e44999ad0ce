import type { QueryCell } from '@tidemark/model'

import type { RowWriter, WrittenColumn } from './row-writer.ts'

/** One JSON object a line. Dynamic values are JSON in it, not text of JSON. */
export function ndjsonWriter(columns: readonly WrittenColumn[]): RowWriter {
  const names = columns.map(({ name }) => JSON.stringify(name))
  const value = (cell: QueryCell, index: number): string =>
    columns[index]?.type === 'dynamic' && typeof cell === 'string' ? json(cell) : JSON.stringify(cell)
  const line = (row: readonly QueryCell[]): string =>
    `{${row.map((cell, index) => `${names[index]}:${value(cell, index)}`).join(',')}}\n`
  return {
    begin: () => new Uint8Array(),
    rows: (rows) => Buffer.from(rows.map(line).join('')),
    end: () => new Uint8Array(),
  }
}

function json(text: string): string {
  try {
    // Parsed and written again: text with line breaks in it would break the line.
    return JSON.stringify(JSON.parse(text))
  } catch {
    return JSON.stringify(text)
  }
}
