import type { Clock } from '@tidemark/base'
import type { ScanBudget } from '@tidemark/model'

/** How long a scan works before it looks whether it has to rest, in milliseconds. */
const STRETCH_MS = 10
/** How long it rests at once at most, in milliseconds; then it looks again whether it is to stop. */
const REST_MS_MAX = 1_000

/**
 * Keeps a scan within its share of a core and its bytes in a second: after each stretch of work it rests as long as the
 * share asks. `rest` waits so many milliseconds, and may throw to stop the scan.
 */
export class BudgetKeeper {
  readonly #budget: Pick<ScanBudget, 'cpuPercent' | 'bytesPerSecond'>
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #rest: (durationMs: number) => void
  #workedSinceMs: number
  #bytes = 0

  constructor(
    budget: Pick<ScanBudget, 'cpuPercent' | 'bytesPerSecond'>,
    clock: Pick<Clock, 'monotonicMs'>,
    rest: (durationMs: number) => void,
  ) {
    this.#budget = budget
    this.#clock = clock
    this.#rest = rest
    this.#workedSinceMs = clock.monotonicMs()
  }

  /** Called again and again during the work, with the bytes that were read since. */
  breathe(bytes: number): void {
    this.#bytes += bytes
    const workedMs = this.#clock.monotonicMs() - this.#workedSinceMs
    if (workedMs < STRETCH_MS) return
    const { cpuPercent, bytesPerSecond } = this.#budget
    const shareMs = workedMs * (100 / cpuPercent - 1)
    const bytesMs = bytesPerSecond === 0 ? 0 : (this.#bytes * 1_000) / bytesPerSecond - workedMs
    let leftMs = Math.max(0, shareMs, bytesMs)
    do {
      const restMs = Math.min(REST_MS_MAX, leftMs)
      this.#rest(restMs)
      leftMs -= restMs
    } while (leftMs > 0)
    this.#bytes = 0
    this.#workedSinceMs = this.#clock.monotonicMs()
  }
}
