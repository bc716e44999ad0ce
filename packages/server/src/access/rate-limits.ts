import type { Clock } from '@tidemark/base'

/** How many requests one holder may send. */
export interface RateLimit {
  /** On average. */
  readonly perSecondMax: number
  /** At once, after it was quiet. */
  readonly burstMax: number
}

/** What one API token or session may ask for where the settings say nothing. */
export const TOKEN_RATE: RateLimit = { burstMax: 2_000, perSecondMax: 200 }
/** What one machine may ask for and upload where the settings say nothing. */
export const MACHINE_RATE: RateLimit = { burstMax: 300, perSecondMax: 20 }

/** Holders that are remembered at a time; the ones that were quiet longest are forgotten first. */
export const HOLDERS_MAX = 200_000

/** Counts requests by holder: a bucket for each, which fills with `perSecondMax` up to `burstMax`. */
export class RateLimits {
  readonly #limit: RateLimit
  readonly #clock: Clock
  readonly #holdersMax: number
  readonly #buckets = new Map<string, { left: number; atMs: number }>()

  constructor(limit: RateLimit, clock: Clock, holdersMax = HOLDERS_MAX) {
    this.#limit = limit
    this.#clock = clock
    this.#holdersMax = holdersMax
  }

  /** 0 when the holder may go on; else in how many seconds (at least 1) it may come again. */
  take(holder: string): number {
    const { perSecondMax, burstMax } = this.#limit
    const nowMs = this.#clock.monotonicMs()
    const before = this.#buckets.get(holder)
    const filled = before === undefined ? burstMax : before.left + ((nowMs - before.atMs) / 1_000) * perSecondMax
    const left = Math.min(burstMax, filled)
    // Deleted first, so that the order of the map is that of the last use.
    this.#buckets.delete(holder)
    this.#buckets.set(holder, { left: left >= 1 ? left - 1 : left, atMs: nowMs })
    if (this.#buckets.size > this.#holdersMax) {
      const [quietest] = this.#buckets.keys()
      if (quietest !== undefined) this.#buckets.delete(quietest)
    }
    return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / perSecondMax))
  }
}
