import type { Clock, Outcome } from '@tidemark/base'

import { retryDelayMs } from './pace.ts'

export interface GateOptions {
  readonly clock: Clock
  readonly chance: () => number
  /** Bytes on the wire in a second, on average. */
  readonly bytesPerSecondMax: number
  /** Ends the waiting when it aborts; whoever waits is told by their own signal. */
  readonly signal: AbortSignal
}

/** What goes first when several wait at a gate. */
export const priorities = { heartbeat: 0, changes: 1, inventory: 2 } as const
export type Priority = (typeof priorities)[keyof typeof priorities]

/** Failures of one kind in a row, after which others go before it. */
const FAILURES_IN_A_ROW_MAX = 2

interface Waiter {
  readonly priority: Priority
  readonly enter: () => void
}

/**
 * The way to one server: one upload of this machine at a time, what matters most first, no faster than the rate, and
 * after a failure nobody before the wait is over. So a machine with many streams asks a server that is away no oftener
 * than a machine with one.
 */
export class Gate {
  readonly #options: GateOptions
  #waiting: Waiter[] = []
  #isOpenAtMs = 0
  #failures = 0
  /** Who is inside, or was last. */
  #last: Priority | undefined
  /** How often each kind failed since something went well. */
  readonly #failed = new Map<Priority, number>()
  #isTaken = false
  #isTurning = false

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Milliseconds until the next try; 0 where one may go now. */
  get waitMs(): number {
    return Math.max(0, this.#isOpenAtMs - this.#options.clock.monotonicMs())
  }

  /** Resolves when it is our turn, which lasts until `leave`. Rejects with the signal's reason when it aborts. */
  async enter(priority: Priority, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter: Waiter = { priority, enter: resolve }
    this.#waiting.push(waiter)
    const abort = (): void => {
      this.#waiting = this.#waiting.filter((each) => each !== waiter)
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'))
    }
    signal.addEventListener('abort', abort, { once: true })
    void this.#turn()
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Ends our turn; how it went tells when the next one may come. `undefined` says that nothing was tried. */
  leave(outcome: Outcome | undefined, bytesSent = 0): void {
    const { clock, chance, bytesPerSecondMax } = this.#options
    const nowMs = clock.monotonicMs()
    if (outcome?.kind === 'unavailable') {
      this.#isOpenAtMs = nowMs + retryDelayMs(this.#failures, { chance, retryAfterMs: outcome.retryAfterMs })
      this.#failures += 1
      if (this.#last !== undefined) this.#failed.set(this.#last, this.#failuresOf(this.#last) + 1)
    } else if (outcome !== undefined) {
      this.#failures = 0
      this.#failed.clear()
      this.#isOpenAtMs = nowMs + (bytesSent * 1_000) / bytesPerSecondMax
    }
    this.#isTaken = false
    if (this.#waiting.length > 0) void this.#turn()
  }

  async #turn(): Promise<void> {
    if (this.#isTaken || this.#isTurning) return
    this.#isTurning = true
    const { clock, signal } = this.#options
    while (this.waitMs > 0 && this.#waiting.length > 0 && !signal.aborted)
      await clock.sleep(Math.ceil(this.waitMs), signal).catch(() => undefined)
    this.#isTurning = false
    const next = this.#next()
    if (next === undefined || this.#isTaken || signal.aborted) return
    this.#last = next.priority
    this.#waiting = this.#waiting.filter((each) => each !== next)
    this.#isTaken = true
    next.enter()
  }

  /** What matters most; but what failed twice in a row lets others try: the server may refuse only that. */
  #next(): Waiter | undefined {
    const round = (priority: Priority): number => Math.floor(this.#failuresOf(priority) / FAILURES_IN_A_ROW_MAX)
    const [first] = this.#waiting.toSorted(
      (one, other) => round(one.priority) - round(other.priority) || one.priority - other.priority,
    )
    return first
  }

  #failuresOf(priority: Priority): number {
    return this.#failed.get(priority) ?? 0
  }
}
