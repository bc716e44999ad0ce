import { backoffMs, type Clock } from '@tidemark/base'

import type { Program, ProgramEnd } from '../host/processes.ts'

/** How a supervised program is doing. */
export type ProgramState = 'running' | 'waiting' | 'stopped' | 'given up'

export interface SuperviseOptions {
  readonly name: string
  readonly start: () => Program
  readonly clock: Clock
  readonly chance: () => number
  /** Told at every unexpected end, and when the program is given up. */
  readonly onTrouble: (message: string) => void
}

/** Ends in a row, each within `SETTLED_MS` of its start, after which a program is given up. */
export const ENDS_IN_A_ROW_MAX = 10
/** A program that ran this long has settled: the count of ends begins anew. */
export const SETTLED_MS = 30_000
/** What a program gets to end by itself before it is ended. */
export const STOP_MS_MAX = 15_000

/** Exit code by which a program says that starting it again would not help (`exitCodes.unavailable`, `usage`). */
const HOPELESS_CODES: ReadonlySet<number> = new Set([2, 3])

/**
 * Keeps one program running: an unexpected end starts it again, with growing waits. An end with code 2 or 3 means that
 * it cannot run here (sockets held, no registration) and is final.
 */
export class Supervised {
  readonly name: string
  readonly #options: SuperviseOptions
  readonly #stop = new AbortController()
  #program: Program | undefined
  #state: ProgramState = 'waiting'
  readonly #running: Promise<void>

  constructor(options: SuperviseOptions) {
    this.name = options.name
    this.#options = options
    this.#running = this.#run()
  }

  get state(): ProgramState {
    return this.#state
  }

  /** 0 while it is not running. */
  get pid(): number {
    return this.#state === 'running' ? (this.#program?.pid ?? 0) : 0
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    let endsInARow = 0
    while (!this.#stop.signal.aborted) {
      const startedMs = clock.monotonicMs()
      this.#program = this.#options.start()
      this.#state = 'running'
      const end = await this.#program.ended
      if (this.#stop.signal.aborted) break
      endsInARow = clock.monotonicMs() - startedMs >= SETTLED_MS ? 1 : endsInARow + 1
      if (this.#isFinal(end, endsInARow)) return
      this.#state = 'waiting'
      this.#options.onTrouble(`${this.name} ended (${endText(end)}); it is started again`)
      await clock
        .sleep(backoffMs(endsInARow - 1, { firstMs: 500, delayMsMax: 30_000 }, this.#options.chance), this.#stop.signal)
        .catch(() => undefined)
    }
    this.#state = 'stopped'
  }

  #isFinal(end: ProgramEnd, endsInARow: number): boolean {
    const isHopeless = end.code !== null && HOPELESS_CODES.has(end.code)
    if (!isHopeless && endsInARow < ENDS_IN_A_ROW_MAX) return false
    this.#state = 'given up'
    this.#options.onTrouble(`${this.name} cannot run here (${endText(end)}); its log tells why`)
    return true
  }

  /** Asks the program to end, ends it after `STOP_MS_MAX`, and waits for it. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    const program = this.#program
    program?.signal('SIGTERM')
    const late = new AbortController()
    const killer = this.#options.clock
      .sleep(STOP_MS_MAX, late.signal)
      .then(() => program?.signal('SIGKILL'))
      .catch(() => undefined)
    await this.#running
    late.abort()
    await killer
  }
}

function endText(end: ProgramEnd): string {
  return end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`
}
