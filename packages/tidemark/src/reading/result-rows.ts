import type { QueryCell, QueryResponse } from '@tidemark/model'

export type ResultRow = Readonly<Record<string, QueryCell>>

/** The rows of the first table as objects, column name to value. */
export function resultRows(response: QueryResponse): ResultRow[] {
  const table = response.tables[0]
  if (table === undefined) return []
  return table.rows.map((row) =>
    Object.fromEntries(table.columns.map((column, index) => [column.name, row[index] ?? null])),
  )
}

/** The row without empty cells: null, empty text, empty JSON. */
export function filledCells(row: ResultRow): ResultRow {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== null && value !== '' && value !== '[]' && value !== '{}'),
  )
}

export function cellText(value: QueryCell | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}

/** A moment as `2026-11-23 22:34:41` in the zone of the person who asked. */
export function localTime(value: QueryCell | undefined): string {
  const moment = new Date(cellText(value))
  if (Number.isNaN(moment.getTime())) return cellText(value)
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`
}
