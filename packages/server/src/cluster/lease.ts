import { type Clock, newUuid } from '@tidemark/base'

import type { Metadata } from '../metadata/metadata.ts'

/** How often its holder renews it and the others look, in milliseconds. */
export const BEAT_MS = 1_000
/** How long its holder may count on it after a renewal that went well, in milliseconds. */
export const HOLD_MS = 8_000
/**
 * How long others see no renewal before one of them takes it, in milliseconds: what its holder began at the last moment, and
 * which takes ten seconds at most (`INSERT_MS_MAX`), is over by then. Each measures with its own monotonic clock, so that clocks
 * that differ or jump do no harm.
 */
export const TAKEOVER_MS = 20_000

/** What the others know of a lease. */
export interface LeaseView {
  readonly holder: string
  /** Under which address its holder is reached; empty where nobody holds it. */
  readonly url: string
  /** What its holder had settled at its last renewal. */
  readonly settled: number
}

export interface LeaseOptions {
  readonly name: string
  readonly url: string
  readonly clock: Clock
}

/** A lease that one of several servers holds, kept among the metadata. */
export class Lease {
  readonly #metadata: Metadata
  readonly #options: LeaseOptions
  readonly #holder = newUuid()
  #view: LeaseView = { holder: '', url: '', settled: 0 }
  #heldUntilMs = Number.NEGATIVE_INFINITY
  #seen = { beat: -1, holder: '', sinceMs: 0 }

  constructor(metadata: Metadata, options: LeaseOptions) {
    this.#metadata = metadata
    this.#options = options
  }

  /** Whether this server may act on it at this moment. */
  get isHeld(): boolean {
    return this.#options.clock.monotonicMs() < this.#heldUntilMs
  }

  get view(): LeaseView {
    return this.#view
  }

  /** Renews it, or takes it where nobody has it any more. Rejects as the metadata do; it is held as long as it was then. */
  async tend(settled: number): Promise<void> {
    const { clock, name, url } = this.#options
    const nowMs = clock.monotonicMs()
    const { build } = this.#metadata
    const row = await this.#metadata.first(build.selectFrom('lease').selectAll().where('name', '=', name))
    const own = { holder: this.#holder, url }
    if (row === undefined) {
      const first = { name, ...own, beat: 1, settled }
      const change = build.insertInto('lease').values(first)
      await this.#taken(
        nowMs,
        await this.#metadata.run(change.onConflict((conflict) => conflict.column('name').doNothing())),
        settled,
      )
      return
    }
    this.#view = { holder: row.holder, url: row.url, settled: row.settled }
    const isOwn = row.holder === this.#holder
    if (!isOwn) this.#heldUntilMs = Number.NEGATIVE_INFINITY
    if (!isOwn && !this.#isAbandoned(row, nowMs)) return
    // What is settled never goes back, whoever tells it.
    const change = build
      .updateTable('lease')
      .set({ ...own, beat: row.beat + 1, settled: Math.max(settled, row.settled) })
      .where('name', '=', name)
      .where('holder', '=', row.holder)
      .where('beat', '=', row.beat)
    await this.#taken(nowMs, await this.#metadata.run(change), Math.max(settled, row.settled))
  }

  async #taken(sinceMs: number, touched: number, settled: number): Promise<void> {
    await Promise.resolve()
    if (touched === 0) {
      this.#heldUntilMs = Number.NEGATIVE_INFINITY
      return
    }
    this.#heldUntilMs = sinceMs + HOLD_MS
    this.#view = { holder: this.#holder, url: this.#options.url, settled }
  }

  #isAbandoned(row: { readonly beat: number; readonly holder: string }, nowMs: number): boolean {
    if (row.holder === '') return true
    if (row.beat !== this.#seen.beat || row.holder !== this.#seen.holder)
      this.#seen = { beat: row.beat, holder: row.holder, sinceMs: nowMs }
    return nowMs - this.#seen.sinceMs >= TAKEOVER_MS
  }

  /** Gives it to whoever looks next. */
  async release(settled: number): Promise<void> {
    this.#heldUntilMs = Number.NEGATIVE_INFINITY
    const { build } = this.#metadata
    const change = build
      .updateTable('lease')
      .set((row) => ({ holder: '', url: '', settled, beat: row('beat', '+', 1) }))
      .where('name', '=', this.#options.name)
      .where('holder', '=', this.#holder)
    await this.#metadata.run(change)
  }
}
