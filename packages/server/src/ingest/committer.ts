import { invariant, newUuid } from '@tidemark/base'
import { tableNames } from '@tidemark/model'
import type { Logger } from 'pino'

import { batchesBetween, batchesLately, lastArrival } from '../clickhouse/arrivals.ts'
import {
  type ArrivedBatch,
  type Insert,
  type NumberedSink,
  type RowStore,
  StoreRefused,
  StoreUnavailable,
} from '../ports.ts'
import { batchesMax, KnownBatches, type SenderBatch, textNumber } from './known-batches.ts'

/** Rows that are stored together at most; a larger batch is stored alone. */
export const GROUP_ROWS_MAX = 20_000
/** Batches that wait at a time; one more is asked to come again. */
export const BATCHES_WAITING_MAX = 8_192

interface Waiting {
  readonly batch: ArrivedBatch
  readonly of: SenderBatch
  readonly done: PromiseWithResolvers<void>
}

/**
 * Brings batches of many requests to the store together, one group after the other: a sync to disk costs the same for one
 * row and for thousands. Rows get numbers in the order in which they are stored (`_Arrival`), so that whoever has seen a
 * number has seen all that will ever be below it. A batch that comes again is stored once: each row carries its batch,
 * which makes the table itself the list of what is stored.
 */
export class Committer implements NumberedSink {
  readonly #store: RowStore
  readonly #log: Logger
  readonly #known = new KnownBatches()
  readonly #underWay = new Map<string, Promise<void>>()
  #waiting: Waiting[] = []
  #nextArrival: number
  #settled: number
  #isRunning = false
  /** A group of which nobody knows whether it was stored: its numbers. */
  #uncertain:
    | { readonly insert: Insert; readonly first: number; readonly last: number; readonly group: readonly Waiting[] }
    | undefined

  private constructor(store: RowStore, log: Logger, nextArrival: number) {
    this.#store = store
    this.#log = log
    this.#nextArrival = nextArrival
    this.#settled = nextArrival - 1
  }

  /** Learns from the store what it has; gives no number up to `given`. Rejects as the store does. */
  static async open(store: RowStore, log: Logger, given = 0): Promise<Committer> {
    const committer = new Committer(store, log, Math.max(given, await lastArrival(store)) + 1)
    for (const table of tableNames)
      for (const { sender, batch, month } of await batchesLately(store, { table, countMax: batchesMax(table) }))
        committer.#known.add({ table, sender, batch }, month)
    return committer
  }

  /** Every row with a number up to this one is stored, or never will be. */
  get settled(): number {
    return this.#settled
  }

  /** Resolves when the rows are on disk. Rejects with `StoreUnavailable`, or `StoreRefused` for rows of no use. */
  async commit(batch: ArrivedBatch): Promise<void> {
    if (batch.rows.length === 0) return
    const of = { table: batch.table, sender: textNumber(batch.owner), batch: textNumber(batch.batchId) }
    if (this.#known.hasWhole(of)) return
    const key = `${of.table}|${of.sender}|${of.batch}`
    // A sender that did not wait for the answer asks again: both get the same.
    const before = this.#underWay.get(key)
    if (before) return await before
    if (this.#waiting.length >= BATCHES_WAITING_MAX) throw new StoreUnavailable('too many batches wait for the store')
    const done = Promise.withResolvers<void>()
    this.#underWay.set(key, done.promise)
    this.#waiting.push({ batch, of, done })
    if (!this.#isRunning) this.#run().catch((error: unknown) => this.#log.fatal({ error }, 'the committer ended'))
    try {
      await done.promise
    } finally {
      this.#underWay.delete(key)
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    // Requests that came in the same turn go together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      await this.#storeGroup(group)
    }
    this.#isRunning = false
  }

  /** The oldest and what goes to the same table. */
  #takeGroup(): Waiting[] {
    const [oldest] = this.#waiting
    invariant(oldest !== undefined, 'a group of nothing')
    const group: Waiting[] = []
    const rest: Waiting[] = []
    let rows = 0
    for (const one of this.#waiting) {
      const isFull = rows + one.batch.rows.length > GROUP_ROWS_MAX
      if (one.of.table !== oldest.of.table || (isFull && group.length > 0)) rest.push(one)
      else {
        group.push(one)
        rows += one.batch.rows.length
      }
    }
    this.#waiting = rest
    return group
  }

  async #storeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#learnUncertain()
      await this.#insert(group)
    } catch (error) {
      // One batch that the store will never take must not keep the others out.
      if (error instanceof StoreRefused && error.fault === 'rows' && group.length > 1)
        for (const one of group) await this.#storeGroup([one])
      else for (const { done } of group) done.reject(error)
      return
    }
    for (const { of, done } of group) {
      this.#known.addWhole(of)
      done.resolve()
    }
  }

  async #insert(group: readonly Waiting[]): Promise<void> {
    const [one] = group
    invariant(one !== undefined, 'a group of nothing')
    const { table } = one.of
    const first = this.#nextArrival
    const { columns, lines } = this.#linesOf(group)
    if (lines.length === 0) return
    // What may have been stored keeps its numbers.
    const last = this.#nextArrival - 1
    const ownToken = group.length === 1 ? `${one.batch.owner}|${one.batch.batchId}|${table}` : ''
    const token = this.#store.repeatsInserts === true ? `${table}|${first}|${last}|${newUuid()}` : ownToken
    const insert = { table, columns, token, lines: lines.join('\n') }
    try {
      await this.#store.insert(insert)
    } catch (error) {
      const isHarmless = error instanceof StoreRefused && error.fault === 'rows'
      if (!isHarmless) this.#uncertain = { insert, first, last, group }
      throw error
    }
    this.#settled = last
  }

  /** The rows of a group that are not stored yet, each with its number, its batch and its sender. */
  #linesOf(group: readonly Waiting[]): { readonly columns: readonly string[]; readonly lines: string[] } {
    const layouts = new Map(group.map(({ batch }) => [batch.columns.join('|'), batch.columns]))
    const columns = [...new Set([...layouts.values()].flat())]
    const lines: string[] = []
    for (const { batch, of } of group) {
      if (this.#known.hasWhole(of)) continue
      const months = new Set(batch.rows.map(({ month }) => month).filter((month) => !this.#known.has(of, month)))
      // Nearly always all have the same columns, and a line is taken as it is.
      const lineOf = layouts.size === 1 ? sameLine : lineWith(columns, batch.columns)
      const end = `,${of.batch},${of.sender}]`
      for (const { line, month } of batch.rows) {
        if (!months.has(month)) continue
        lines.push(`${lineOf(line)},${this.#nextArrival}${end}`)
        this.#nextArrival += 1
      }
    }
    return { columns: [...columns, '_Arrival', '_Batch', '_Sender'], lines }
  }

  /** Learns, once the store is back, what it has of a group whose end nobody saw; or makes sure that it has all of it. */
  async #learnUncertain(): Promise<void> {
    const uncertain = this.#uncertain
    if (uncertain === undefined) return
    const { insert, first, last, group } = uncertain
    const { table } = insert
    if (this.#store.repeatsInserts === true) {
      await this.#store.insert(insert)
      this.#settled = last
      for (const { of } of group) this.#known.addWhole(of)
    } else {
      const stored = await batchesBetween(this.#store, { table, first, last })
      for (const { sender, batch, month } of stored) this.#known.add({ table, sender, batch }, month)
    }
    this.#log.info(
      { table, first, last, batches: group.length },
      'it is known what the store has of a group that was cut off',
    )
    this.#uncertain = undefined
  }
}

function sameLine(line: string): string {
  return line
}

/** Brings a line of some columns to more of them. */
function lineWith(columns: readonly string[], own: readonly string[]): (line: string) => string {
  const places = columns.map((column) => own.indexOf(column))
  return (line) => {
    const values: unknown[] = JSON.parse(`${line}]`)
    return JSON.stringify(places.map((place) => values[place] ?? null)).slice(0, -1)
  }
}
