import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import { Committer } from '../ingest/committer.ts'
import { type ArrivedBatch, type Insert, type NumberedSink, type RowStore, StoreUnavailable } from '../ports.ts'
import { BEAT_MS, type Lease } from './lease.ts'

/** Brings a batch to the server with this address. Rejects with `StoreUnavailable` and `StoreRefused` as that one does. */
export type Forward = (url: string, batch: ArrivedBatch) => Promise<void>

export interface SharedCommitterDeps {
  readonly store: RowStore
  readonly lease: Lease
  readonly forward: Forward
  readonly clock: Clock
  readonly log: Logger
}

/**
 * The committer of several servers: the one that holds the lease numbers and stores the batches of all, so that a number is
 * given once and a batch that comes again is known, whichever server it comes to (decision 0045). The others bring theirs to it.
 */
export class SharedCommitter implements NumberedSink, AsyncDisposable {
  readonly #deps: SharedCommitterDeps
  readonly #stop = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #own: Committer | undefined
  /** Goes up whenever the lease is lost: what was learnt in another term does not count. */
  #term = 0
  #isLearning = false
  #learning: Promise<void> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()

  private constructor(deps: SharedCommitterDeps) {
    this.#deps = deps
  }

  /** Resolves when it was looked once who holds the lease. */
  static async open(deps: SharedCommitterDeps): Promise<SharedCommitter> {
    const committer = new SharedCommitter(deps)
    await committer.#tend()
    await committer.#learning
    committer.#running = committer.#keepTending()
    return committer
  }

  /** Every row with a number up to this one is stored, or never will be; of other servers' rows, as of a second ago. */
  get settled(): number {
    return Math.max(this.#own?.settled ?? 0, this.#deps.lease.view.settled)
  }

  /** Whether this server stores the batches of all. */
  get isLeading(): boolean {
    return this.#deps.lease.isHeld && this.#own !== undefined
  }

  async commit(batch: ArrivedBatch): Promise<void> {
    if (batch.rows.length === 0) return
    if (this.#deps.lease.isHeld) return await this.take(batch)
    const { url } = this.#deps.lease.view
    if (url === '') throw new StoreUnavailable('no server stores rows at the moment; one of them will in a moment')
    await this.#deps.forward(url, batch)
  }

  /** A batch that another server brings: stored here or nowhere. */
  async take(batch: ArrivedBatch): Promise<void> {
    const own = this.#own
    if (own === undefined || !this.#deps.lease.isHeld)
      throw new StoreUnavailable('another server stores rows by now; come again')
    const storing = own.commit(batch)
    this.#underWay.add(storing)
    try {
      await storing
    } finally {
      this.#underWay.delete(storing)
    }
  }

  async #keepTending(): Promise<void> {
    const { clock } = this.#deps
    const { signal } = this.#stop
    while (!signal.aborted) {
      await clock.sleep(BEAT_MS, signal).catch(() => undefined)
      if (!signal.aborted) await this.#tend()
    }
  }

  async #tend(): Promise<void> {
    const { lease, log } = this.#deps
    try {
      await lease.tend(this.#own?.settled ?? 0)
    } catch (error) {
      log.warn({ error }, 'the lease of the rows could not be renewed')
    }
    if (!lease.isHeld) {
      // Others may have stored rows since: what was known is of no use any more.
      if (this.#own !== undefined) log.warn('another server may store rows from now on')
      this.#own = undefined
      this.#term += 1
    } else if (this.#own === undefined && !this.#isLearning) {
      this.#isLearning = true
      this.#learning = this.#learn(this.#term)
    }
  }

  // Beside the renewals: of a large store this takes longer than a lease lasts.
  async #learn(term: number): Promise<void> {
    const { lease, log, store } = this.#deps
    try {
      // What the one before it announced may be beyond the last row: a number is never given again.
      const own = await Committer.open(this.#guarded(store), log, lease.view.settled)
      if (term !== this.#term || !lease.isHeld) return
      this.#own = own
      log.info('this server stores the rows of all from now on')
    } catch (error) {
      log.warn({ error }, 'the store did not tell what it has')
    } finally {
      this.#isLearning = false
    }
  }

  /** The store, which takes nothing any more when the lease is over. */
  #guarded(store: RowStore): RowStore {
    const { lease } = this.#deps
    return {
      ...(store.repeatsInserts === undefined ? {} : { repeatsInserts: store.repeatsInserts }),
      insert: async (insert: Insert) => {
        if (!lease.isHeld) throw new StoreUnavailable('this server does not store rows any more')
        await store.insert(insert)
      },
      select: async (select) => await store.select(select),
    }
  }

  /** Lets what is under way end, then leaves the lease to another server. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return
    this.#stop.abort()
    await this.#running
    await this.#learning
    await Promise.allSettled(this.#underWay)
    const { lease, log } = this.#deps
    const settled = this.settled
    this.#own = undefined
    await lease
      .release(settled)
      .catch((error: unknown) => log.warn({ error }, 'the lease of the rows was not given back'))
  }
}
