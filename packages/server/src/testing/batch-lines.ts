import type { ArrivedBatch } from '../ports.ts'

/** Rows of a test as a batch has them; all columns of any of them. */
export function batchLines(
  rows: readonly { readonly cells: Readonly<Record<string, unknown>>; readonly month: number }[],
): Pick<ArrivedBatch, 'columns' | 'rows'> {
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))]
  return {
    columns,
    rows: rows.map(({ cells, month }) => ({
      line: JSON.stringify(columns.map((column) => cells[column] ?? null)).slice(0, -1),
      month,
    })),
  }
}

/** The rows of a batch by column, without what is empty. */
export function batchCells({ columns, rows }: Pick<ArrivedBatch, 'columns' | 'rows'>): Record<string, unknown>[] {
  return rows.map(({ line }) => {
    const values: unknown[] = JSON.parse(`${line}]`)
    const cells = columns.map((name, index) => [name, values[index]] as const)
    return Object.fromEntries(cells.filter(([, value]) => value !== null))
  })
}
