import type { QueryCell } from '@tidemark/model'

import type { RowWriter, WrittenColumn } from './row-writer.ts'

/** CSV (RFC 4180) with a line of names. A null is empty; an empty text is `""`. */
export function csvWriter(columns: readonly WrittenColumn[]): RowWriter {
  const line = (cells: readonly QueryCell[]): string => `${cells.map(cellText).join(',')}\r\n`
  return {
    begin: () => Buffer.from(line(columns.map(({ name }) => name))),
    rows: (rows) => Buffer.from(rows.map(line).join('')),
    end: () => new Uint8Array(),
  }
}

function cellText(cell: QueryCell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
