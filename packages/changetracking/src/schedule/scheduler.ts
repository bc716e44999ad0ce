import type { Clock } from '@tidemark/base'

/**
 * Runs something again and again: the first time at once, then when its frequency has passed since the last start, or
 * when it is woken. One run at a time; a frequency that changes counts from the last start.
 */
export class Scheduler implements AsyncDisposable {
  readonly #options: SchedulerOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #isWoken = false
  #wake = new AbortController()
  #waiting: (() => void)[] = []

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#running = this.#loop()
  }

  /** Runs as soon as the present run is over; resolves when that next run is done, or at once where it was stopped. */
  async runNow(): Promise<void> {
    if (this.#stop.signal.aborted) return
    this.#isWoken = true
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      this.#wake.abort()
    })
  }

  /** Looks at the frequency again. */
  reconsider(): void {
    this.#wake.abort()
  }

  async #loop(): Promise<void> {
    const { clock, frequencyMs, run } = this.#options
    let startedMs: number | undefined
    while (!this.#stop.signal.aborted) {
      const frequency = frequencyMs()
      const isDue = frequency !== undefined && (startedMs === undefined || clock.monotonicMs() - startedMs >= frequency)
      if (this.#isWoken || isDue) {
        const waiting = this.#waiting.splice(0)
        this.#isWoken = false
        startedMs = clock.monotonicMs()
        await run(this.#stop.signal)
        for (const resolve of waiting) resolve()
        continue
      }
      const leftMs = frequency === undefined ? IDLE_MS : frequency - (clock.monotonicMs() - (startedMs ?? 0))
      await clock.sleep(leftMs, AbortSignal.any([this.#stop.signal, this.#wake.signal])).catch(() => undefined)
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
    }
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Stops the present run by its signal and waits for it. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#running
  }
}

/** How long a scheduler without a frequency sleeps before it looks whether it has one. */
const IDLE_MS = 3_600_000

export interface SchedulerOptions {
  readonly clock: Clock
  /** Milliseconds between two starts, `undefined` while nothing asks for it. Asked before each wait. */
  readonly frequencyMs: () => number | undefined
  /** Must not reject. */
  readonly run: (signal: AbortSignal) => Promise<void>
}
