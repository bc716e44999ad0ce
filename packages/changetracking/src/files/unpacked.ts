import type { Clock } from '@tidemark/base'

import { HELD_MS_MAX, HELD_POLL_MS } from './held-touches.ts'

/**
 * Lets a whole look wait while a package manager is in the middle of a package: it would tell half of an upgrade, new files
 * that lie beside the old ones for a moment, and judge what is new by what the database said before. All waits of one look
 * take `HELD_MS_MAX` together at most; then it goes on, whatever the package manager does.
 */
export class Unpacked {
  readonly #unfinished: () => ReadonlySet<string>
  readonly #clock: Clock
  #leftMs = HELD_MS_MAX

  /** `unfinished` names what is in the middle of something. */
  constructor(unfinished: () => ReadonlySet<string>, clock: Clock) {
    this.#unfinished = unfinished
    this.#clock = clock
  }

  /** Resolves when nothing is in the middle of anything, or this look has waited long enough. Rejects by the signal. */
  async wait(signal: AbortSignal): Promise<void> {
    while (this.#leftMs > 0 && this.#unfinished().size > 0) {
      const startedMs = this.#clock.monotonicMs()
      await this.#clock.sleep(Math.min(HELD_POLL_MS, this.#leftMs), signal)
      this.#leftMs -= this.#clock.monotonicMs() - startedMs
    }
  }
}
