import { safeText } from './terminal.ts'

/** One column of a printed table. */
export interface TextColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Characters at most; longer values are cut with an ellipsis. Without it, a value is never cut. */
  readonly widthMax?: number
}

/** Lines of a table with its columns aligned, two spaces apart; the last column is not padded. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => columns.map((column, index) => cut(safeText(row[index] ?? ''), column.widthMax)))
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => [...(row[index] ?? '')].length)),
  )
  const line = (values: readonly string[]): string =>
    values
      .map((value, index) => {
        const width = widths[index] ?? 0
        const gap = ' '.repeat(Math.max(0, width - [...value].length))
        if (columns[index]?.align === 'right') return gap + value
        return index === columns.length - 1 ? value : value + gap
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map((column) => column.title)), ...cells.map(line)]
}

function cut(text: string, widthMax: number | undefined): string {
  const characters = [...text]
  return widthMax === undefined || characters.length <= widthMax
    ? text
    : `${characters.slice(0, widthMax - 1).join('')}…`
}
