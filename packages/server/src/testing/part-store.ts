import { type Insert, type RowStore, type Select, StoreRefused, StoreUnavailable } from '../ports.ts'

/** A row as it was inserted, and which table and month it is in. */
export interface KeptRow {
  readonly table: string
  /** By column. */
  readonly cells: Readonly<Record<string, unknown>>
  /** `202611` */
  readonly month: number
  readonly arrival: number
}

/** When the store ends while it stores a group, and says nothing: before, with some of its parts kept, or with all. */
export type Death = 'none' | 'before' | 'middle' | 'after'

/** A store in memory that keeps the parts of a group: of each month all rows or none, as MergeTree does. */
export class PartStore implements RowStore {
  readonly rows: KeptRow[] = []
  /** How many rows each group had. */
  readonly groups: number[] = []
  /** The first and the last number that each group kept. */
  readonly spans: [number, number][] = []
  /** Of the groups that come next; none for those that come behind. */
  deaths: Death[] = []
  isAway = false

  async insert({ table, lines, columns = [] }: Insert): Promise<void> {
    await Promise.resolve()
    if (this.isAway) throw new StoreUnavailable('away')
    const rows = lines.split('\n').map((line) => keptRow(table, columns, JSON.parse(line)))
    if (rows.some(({ cells }) => cells['name'] === 'bad')) throw new StoreRefused('cannot parse', 'rows')
    this.groups.push(rows.length)
    const parts = [...Map.groupBy(rows, ({ month }) => month).values()]
    const death = this.deaths.shift() ?? 'none'
    const kept = death === 'before' ? [] : death === 'middle' ? parts.slice(0, Math.ceil(parts.length / 2)) : parts
    this.rows.push(...kept.flat())
    const numbers = kept.flat().map(({ arrival }) => arrival)
    if (numbers.length > 0) this.spans.push([Math.min(...numbers), Math.max(...numbers)])
    if (death !== 'none') throw new StoreUnavailable('it ended')
  }

  /** Answers what the committer asks. */
  async select({ sql, parameters }: Select): Promise<unknown[][]> {
    await Promise.resolve()
    if (this.isAway) throw new StoreUnavailable('away')
    if (sql.startsWith('SELECT max(n)')) return [[Math.max(0, ...this.rows.map(({ arrival }) => arrival))]]
    const [, table] = /`(\w+)`/.exec(sql) ?? []
    const { first = 0, last = Number.MAX_SAFE_INTEGER } = parameters
    return this.rows
      .filter((row) => row.table === table && row.arrival >= Number(first) && row.arrival <= Number(last))
      .map(({ cells, month }) => [cells['_Sender'], cells['_Batch'], month])
  }
}

function keptRow(table: string, columns: readonly string[], values: readonly unknown[]): KeptRow {
  const cells: Record<string, unknown> = Object.fromEntries(columns.map((column, index) => [column, values[index]]))
  const generated = cells['TimeGenerated']
  const time = typeof generated === 'string' ? generated : ''
  const month = Number(cells['month'] ?? time.slice(0, 4) + time.slice(5, 7))
  return { table, cells, month, arrival: Number(cells['_Arrival']) }
}
