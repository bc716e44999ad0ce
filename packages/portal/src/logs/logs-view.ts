import { textIn } from '../view/address.ts'

/** The time ranges that a query can be limited to, as the API takes them. */
export const timespans = { '1h': 'PT1H', '24h': 'P1D', '7d': 'P7D', '30d': 'P30D', '90d': 'P90D' } as const
export type TimespanName = keyof typeof timespans

/** What the page shows, as it stands in its address. */
export interface LogsSearch {
  /** The query that was run last; it runs when the address is opened. */
  readonly query?: string
  readonly span?: TimespanName
  /** The row that is open beside the table, from 0. */
  readonly row?: number
}

/** Reads the address; what cannot be understood is left out. */
export function parseLogsSearch(search: Readonly<Record<string, unknown>>): LogsSearch {
  const query = textIn(search['query'])
  const span = Object.keys(timespans).find((name): name is TimespanName => name === search['span'])
  const row = Number(search['row'] ?? Number.NaN)
  return {
    ...(query === undefined ? {} : { query }),
    ...(span === undefined ? {} : { span }),
    ...(Number.isSafeInteger(row) && row >= 0 ? { row } : {}),
  }
}

/** The chart that a query asks for with its last `render`, in lower case; undefined where it asks for none. */
export function renderOf(query: string): string | undefined {
  const bare = query.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*/g, '""')
  const kind = /\|\s*render\s+(\w+)[^|;]*;?\s*$/.exec(bare)?.[1]?.toLowerCase()
  return kind === 'table' ? undefined : kind
}

/** Queries that were run are remembered up to this number. */
export const HISTORY_MAX = 50

/** The history with a query that was just run: the newest first, each once. */
export function remembered(history: readonly string[], query: string): string[] {
  return [query, ...history.filter((one) => one !== query)].slice(0, HISTORY_MAX)
}
