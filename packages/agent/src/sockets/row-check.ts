import type { ForwardEntry } from '@tidemark/forward'
import type { Row } from '@tidemark/model'

/** Columns of one row at most. */
export const COLUMNS_MAX = 500

/** Rows in the records of a message, or what is wrong with the first record that is none. */
export function rowsOf(entries: readonly ForwardEntry[]): Row[] | string {
  const rows: Row[] = []
  for (const [index, { record }] of entries.entries()) {
    const row: Record<string, string | number | boolean> = {}
    const cells = Object.entries(record)
    if (cells.length > COLUMNS_MAX) return `record ${index}: ${cells.length} columns; at most ${COLUMNS_MAX}`
    for (const [name, value] of cells) {
      if (value === null || value === undefined) continue
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') row[name] = value
      else if (typeof value === 'bigint') row[name] = value.toString()
      else return `record ${index}: the column "${name}" is no text, number or boolean`
    }
    rows.push(row)
  }
  return rows
}
