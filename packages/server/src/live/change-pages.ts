import { type QueryCell, type TableName, tables } from '@tidemark/model'

import { DATABASE } from '../clickhouse/schema.ts'
import type { RowStore } from '../ports.ts'
import { answerCell } from '../query/cells.ts'
import type { Cursor } from './cursor.ts'

/** Numbers that are looked through at a time; four times as many wherever nothing was found. */
const WINDOW_FIRST = 50_000
const WINDOW_MAX = 50_000_000
const ASK_MS_MAX = 60_000

/** A row of a feed: empty cells are left out, dynamic values are JSON. */
export type FeedRow = Readonly<Record<string, unknown>>

/** What a reader gets. */
export interface ChangePage {
  readonly rows: readonly { readonly row: FeedRow; readonly arrival: number }[]
  /** Where the reader is afterwards. */
  readonly arrival: number
  /** Whether there may be more already. */
  readonly hasMore: boolean
}

/** Which rows of a table a reader wants. */
export interface FeedFilter {
  readonly computer?: string
  /** `Files`, `Software`, `Daemons`. */
  readonly type?: string
}

/** The column of a table that tells the type; absent where rows have none. */
export function typeColumn(table: TableName): string | undefined {
  return tables[table].columns.find(({ name }) => name === 'ConfigChangeType' || name === 'ConfigDataType')?.name
}

/**
 * The rows behind a cursor in the order of their arrival, at most `countMax`. `settled` is a number up to which nothing
 * will ever arrive any more, read before this is called: a cursor goes beyond the last row only up to there.
 */
export async function changePage(
  store: RowStore,
  from: Cursor & { readonly filter: FeedFilter },
  limits: { readonly countMax: number; readonly settled: number; readonly signal: AbortSignal },
): Promise<ChangePage> {
  const { countMax, settled, signal } = limits
  let after = from.arrival
  for (let width = WINDOW_FIRST; ; width = Math.min(WINDOW_MAX, width * 4)) {
    // The last window has no end: what was stored since then is welcome.
    const isLast = after + width >= settled
    const rows = await select(
      store,
      { ...from, arrival: after },
      { to: isLast ? undefined : after + width, countMax, signal },
    )
    const last = rows.at(-1)?.arrival
    if (rows.length >= countMax && last !== undefined) return { rows, arrival: last, hasMore: true }
    const arrival = Math.max(last ?? 0, isLast ? Math.max(after, settled) : after + width)
    if (isLast || rows.length > 0) return { rows, arrival, hasMore: !isLast }
    after = arrival
  }
}

async function select(
  store: RowStore,
  { table, workspaceId, arrival, filter }: Cursor & { readonly filter: FeedFilter },
  {
    to,
    countMax,
    signal,
  }: { readonly to: number | undefined; readonly countMax: number; readonly signal: AbortSignal },
): Promise<{ row: FeedRow; arrival: number }[]> {
  const { columns } = tables[table]
  const type = typeColumn(table)
  const conditions = [
    'TenantId = {workspace:String}',
    '_Arrival > {after:Int64}',
    ...(to === undefined ? [] : ['_Arrival <= {to:Int64}']),
    ...(filter.computer === undefined ? [] : ['Computer = {computer:String}']),
    ...(filter.type === undefined || type === undefined ? [] : [`\`${type}\` = {type:String}`]),
  ]
  const names = columns.map(({ name }) => `\`${name}\``).join(', ')
  const found = await store.select({
    sql: `SELECT _Arrival, ${names} FROM ${DATABASE}.\`${table}\` WHERE ${conditions.join(' AND ')} ORDER BY _Arrival LIMIT {count:UInt32}`,
    parameters: {
      workspace: workspaceId,
      after: arrival,
      count: countMax,
      ...(to === undefined ? {} : { to }),
      ...filter,
    },
    timeMsMax: ASK_MS_MAX,
    isExact: true,
    signal,
  })
  return found.map(([number, ...cells]) => ({
    arrival: Number(number),
    row: Object.fromEntries(
      columns.flatMap(({ name, type: columnType }, index) => {
        const cell = answerCell(cells[index], columnType)
        return cell === null || cell === '' ? [] : [[name, columnType === 'dynamic' ? json(cell) : cell] as const]
      }),
    ),
  }))
}

function json(cell: QueryCell): unknown {
  try {
    return JSON.parse(String(cell))
  } catch {
    return cell
  }
}
