import { countItems, itemTable } from './derived.ts'
import { DATABASE } from './layout.ts'

/** Counting that takes no longer is done before a question is answered, in milliseconds. */
const AT_ONCE_MS_MAX = 1_000
/** Counting pauses this many times as long as it takes: it costs a twentieth of a core. */
const PAUSES = 20
const PAUSE_MS_MIN = 1_000

/**
 * Keeps `TidemarkItem`: how many machines have each item. What a machine does not have any more is known only from its next
 * snapshot, so that no view can keep the count insert by insert; it is made anew, and put in place at once. On a small
 * fleet it is as new as the question, on a large one it lags behind by twenty times the time that counting takes.
 */
export class ItemCounts {
  readonly #run: (sql: string) => Promise<void>
  /** The store may have inventory from before. */
  #isBehind = true
  #tookMs = 0
  #endedMs = Number.NEGATIVE_INFINITY
  #counting: Promise<void> | undefined

  constructor(run: (sql: string) => Promise<void>) {
    this.#run = run
    this.#later()
  }

  /** Inventory arrived. */
  changed(): void {
    this.#isBehind = true
    this.#later()
  }

  /** Resolves when the counts are as new as a question may ask for. */
  async broughtUp(): Promise<void> {
    if (this.#tookMs > AT_ONCE_MS_MAX) return
    // Until it has ended the old counts stand; and it may have begun before the last rows came.
    await this.#counting
    if (this.#isBehind) await this.#count()
  }

  #later(): void {
    const pauseMs = Math.max(PAUSE_MS_MIN, this.#tookMs * PAUSES)
    const waitMs = Math.max(0, this.#endedMs + pauseMs - performance.now())
    setTimeout(() => {
      if (this.#isBehind) this.#count().catch(() => undefined)
    }, waitMs).unref()
  }

  async #count(): Promise<void> {
    this.#counting ??= this.#countOnce()
    await this.#counting
  }

  async #countOnce(): Promise<void> {
    const startedMs = performance.now()
    this.#isBehind = false
    const next = `${DATABASE}.\`TidemarkItem_next\``
    try {
      await this.#run(`DROP TABLE IF EXISTS ${next} SYNC`)
      await this.#run(itemTable('TidemarkItem_next'))
      await this.#run(countItems('TidemarkItem_next'))
      await this.#run(`EXCHANGE TABLES ${DATABASE}.TidemarkItem AND ${next}`)
      await this.#run(`DROP TABLE IF EXISTS ${next} SYNC`)
    } catch (error) {
      this.#isBehind = true
      throw error
    } finally {
      this.#endedMs = performance.now()
      this.#tookMs = this.#endedMs - startedMs
      this.#counting = undefined
    }
  }
}
