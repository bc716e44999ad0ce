import type { QueryCell } from '@tidemark/model'

/** Rows by the names of their columns. */
export type FileRow = Readonly<Record<string, QueryCell>>

/**
 * Rows as CSV (RFC 4180), with a head. A cell that a spreadsheet would take for a formula gets an apostrophe before it:
 * names of files come from anybody (OWASP, "CSV Injection").
 */
export function csvText(names: readonly string[], rows: readonly FileRow[]): string {
  const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`
  const lines = rows.map((row) => line(names.map((name) => csvCell(row[name]))))
  return line(names.map(csvCell)) + lines.join('')
}

function csvCell(value: QueryCell | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows as JSON objects, one a line, exactly as the server told them. */
export function ndjsonText(names: readonly string[], rows: readonly FileRow[]): string {
  return rows
    .map((row) => `${JSON.stringify(Object.fromEntries(names.map((name) => [name, row[name] ?? null])))}\n`)
    .join('')
}

/** Hands a text to the viewer as a file. */
export function saveText(text: string, { name, type }: { readonly name: string; readonly type: string }): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
