import type { QueryTable } from '@tidemark/model'

/** Series that a chart shows. */
export const SERIES_MAX = 12
/** Categories that a chart of bars shows. */
export const CATEGORIES_MAX = 60

/** One line or one colour of bars. */
export interface Series {
  readonly name: string
  /** By the place of its `x` in `ChartData.xs`; undefined where it has none there. */
  readonly values: readonly (number | undefined)[]
}

/** What a chart is made of. */
export interface ChartData {
  /** Milliseconds since 1970 where `isTime`, else texts. */
  readonly xs: readonly (number | string)[]
  readonly isTime: boolean
  readonly series: readonly Series[]
  /** How many series there would be without the limit. */
  readonly seriesCount: number
}

const NUMBERS: ReadonlySet<string> = new Set(['int', 'long', 'real', 'decimal'])

/**
 * Reads an answer as Kusto's `render` does: the first column of times (or else the first one) is the x-axis, numbers are
 * values, a text beside them splits into series. Undefined for what has no numbers, or nothing to put below them.
 */
export function chartData({ columns, rows }: QueryTable): ChartData | undefined {
  const time = columns.findIndex(({ type }) => type === 'datetime')
  const x = time === -1 ? columns.findIndex(({ type }) => !NUMBERS.has(type)) : time
  const values = columns.flatMap(({ type }, index) => (NUMBERS.has(type) ? [index] : []))
  if (x === -1 || values.length === 0 || rows.length === 0) return undefined
  const isTime = time !== -1
  const split = columns.findIndex(({ type }, index) => index !== x && !NUMBERS.has(type) && type !== 'datetime')
  const keyOf = (row: (typeof rows)[number]): number | string =>
    isTime ? Date.parse(String(row[x])) : String(row[x] ?? '')
  const all = [...new Set(rows.map(keyOf))]
  const xs = isTime ? all.sort((one, other) => Number(one) - Number(other)) : all.slice(0, CATEGORIES_MAX)
  const places = new Map(xs.map((key, index) => [key, index]))
  const series = new Map<string, (number | undefined)[]>()
  for (const row of rows) {
    const place = places.get(keyOf(row))
    if (place === undefined) continue
    for (const index of values) {
      const name = [
        split === -1 ? '' : String(row[split] ?? ''),
        split !== -1 && values.length === 1 ? '' : columns[index]?.name,
      ]
      const key = name.filter(Boolean).join(' ') || (columns[index]?.name ?? '')
      const found = series.get(key) ?? Array.from<number | undefined>({ length: xs.length })
      if (row[index] !== null) found[place] = Number(row[index])
      series.set(key, found)
    }
  }
  const named = [...series].map(([name, one]) => ({ name, values: one }))
  return { xs, isTime, series: named.slice(0, SERIES_MAX), seriesCount: named.length }
}
