import type { Clock } from './clock.ts'

/** A clock that stands still until told otherwise; a sleep ends at once and moves it on. */
export class ManualClock implements Clock {
  /** Every sleep so far, in order, in milliseconds. */
  readonly sleptMs: number[] = []
  #nowMs: number
  #monotonicMs = 0

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  advance(durationMs: number): void {
    this.#nowMs += durationMs
    this.#monotonicMs += durationMs
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.sleptMs.push(durationMs)
    this.advance(durationMs)
    await Promise.resolve()
    signal?.throwIfAborted()
  }
}
