import type { Clock } from '@tidemark/base'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** Time that passes only when it is told to, from one sleeper's end to the next one's. */
export class SimulatedClock implements Clock {
  #monotonicMs = 0
  #sleepers: Sleeper[] = []

  nowMs(): number {
    return Date.UTC(2026, 0, 1) + this.#monotonicMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sleeper: Sleeper = { atMs: this.#monotonicMs + Math.max(0, durationMs), wake: resolve }
    const abort = (): void => {
      this.#sleepers = this.#sleepers.filter((each) => each !== sleeper)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('stopped'))
    }
    signal?.addEventListener('abort', abort, { once: true })
    this.#sleepers.push(sleeper)
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Wakes whoever wakes next, where that is not after `untilMs` of the monotonic clock; false where nobody does. */
  next(untilMs = Number.POSITIVE_INFINITY): boolean {
    let first: Sleeper | undefined
    for (const each of this.#sleepers) if (first === undefined || each.atMs < first.atMs) first = each
    if (first === undefined || first.atMs > untilMs) return false
    this.#sleepers = this.#sleepers.filter((each) => each !== first)
    this.#monotonicMs = Math.max(this.#monotonicMs, first.atMs)
    first.wake()
    return true
  }

  /** Nobody wakes on the way. */
  moveTo(atMs: number): void {
    this.#monotonicMs = Math.max(this.#monotonicMs, atMs)
  }
}
