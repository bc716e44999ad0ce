import type { ColumnType } from '@tidemark/model'

import type { AnswerColumn, Compiled } from './contract.ts'

/** Columns that one answer may get from its data; those behind are left out. */
export const SPREAD_COLUMNS_MAX = 500

/** An answer with columns whose names only its data knew. */
export interface SpreadAnswer {
  readonly columns: readonly AnswerColumn[]
  readonly rows: readonly (readonly unknown[])[]
  /** Names of columns above `SPREAD_COLUMNS_MAX`, which the answer lacks. */
  readonly leftOut: readonly string[]
}

/**
 * The columns and rows of an answer of the store: those of `compiled.columns`, and behind them, in the order of their
 * names, the ones that `pivot` or `bag_unpack` made of the data. The same rows where the query has none of these.
 */
export function spreadAnswer(compiled: Compiled, rows: readonly (readonly unknown[])[]): SpreadAnswer {
  const { columns, spread } = compiled
  if (spread === undefined) return { columns, rows, leftOut: [] }
  const bags = rows.map((row) => bagOf(row[columns.length]))
  const names = [...new Set(bags.flatMap((bag) => Object.keys(bag)))].toSorted()
  const kept = names.slice(0, SPREAD_COLUMNS_MAX)
  const types = kept.map((name) => spread.type ?? typeOf(bags.map((bag) => bag[name])))
  const taken = new Set(columns.map(({ name }) => name))
  const added = kept.map((name, index): AnswerColumn => {
    const shown = `${spread.prefix}${name}`
    return { name: taken.has(shown) ? `${shown}1` : shown, type: types[index] ?? 'dynamic' }
  })
  return {
    columns: [...columns, ...added],
    rows: rows.map((row, place) => [
      ...row.slice(0, columns.length),
      ...kept.map((name, index) => cellOf(bags[place]?.[name], types[index] ?? 'dynamic')),
    ]),
    leftOut: names.slice(SPREAD_COLUMNS_MAX),
  }
}

function bagOf(cell: unknown): Readonly<Record<string, unknown>> {
  if (typeof cell !== 'string') return {}
  try {
    const bag: unknown = JSON.parse(cell)
    return typeof bag === 'object' && bag !== null && !Array.isArray(bag) ? Object.fromEntries(Object.entries(bag)) : {}
  } catch {
    return {}
  }
}

/** The type that all values have; `dynamic` where they differ. */
function typeOf(values: readonly unknown[]): ColumnType {
  const types = new Set(values.filter((value) => value !== null && value !== undefined).map(typeOfOne))
  const [first] = types
  if (first !== undefined && types.size === 1) return first
  return types.size === 2 && types.has('long') && types.has('real') ? 'real' : types.size === 0 ? 'string' : 'dynamic'
}

function typeOfOne(value: unknown): ColumnType {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'real'
  return 'dynamic'
}

function cellOf(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return type === 'string' || type === 'guid' ? '' : null
  return typeof value === 'object' ? JSON.stringify(value) : value
}
