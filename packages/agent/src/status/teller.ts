import { type Clock } from '@tidemark/base'
import type { MachineIdentity } from '@tidemark/model'
import type { Logger } from 'pino'

import type { Sink } from '../sink/sink.ts'
import type { SinkStream } from '../sink/sink-stream.ts'
import { changesBeside, droppedTrouble, type Trouble, visibilityRow } from './visibility.ts'

export interface TellerOptions {
  readonly sink: Sink
  readonly machine: MachineIdentity
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** A stream of changes that is uploaded, for what has none beside it. */
  readonly anyChanges: () => string | undefined
}

/** How soon after the first drop it is told, and how often while more is dropped, in milliseconds. */
export const TELL_MS = { first: 1_000, again: 60_000 } as const

/**
 * Tells in visibility records what the agent itself could not keep. Each record goes into the sink, into room that is
 * kept free for it, under the id of what it tells of: it is told once, whatever dies in between.
 */
export class Teller {
  readonly #options: TellerOptions
  #wake = new AbortController()

  constructor(options: TellerOptions) {
    this.#options = options
  }

  /** Something may have been dropped. */
  wake(stream: SinkStream): void {
    if (stream.hasUntold && !this.#wake.signal.aborted) this.#wake.abort()
  }

  /** Tells until the signal; never rejects. */
  async run(): Promise<void> {
    const { clock, signal, sink } = this.#options
    while (!signal.aborted) {
      const untold = sink.streams.some(({ hasUntold }) => hasUntold)
      if (!untold) await this.#sleep(3_600_000, this.#wake.signal)
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
      await clock.sleep(TELL_MS.first, signal).catch(() => undefined)
      if (signal.aborted) return
      let toldCount = 0
      for (const stream of sink.streams) if (await this.#tellDropped(stream)) toldCount += 1
      if (toldCount > 0 || untold) await this.#sleep(TELL_MS.again)
    }
  }

  async #tellDropped(stream: SinkStream): Promise<boolean> {
    try {
      const tally = stream.hasUntold ? stream.untold() : undefined
      if (tally === undefined) return false
      const isTold = await this.tell(droppedTrouble(stream.id, tally), tally.id)
      if (isTold) stream.told()
      return isTold
    } catch (error) {
      this.#options.log.warn({ stream: stream.id, error }, 'what was dropped cannot be told yet')
      return false
    }
  }

  /** Puts a record into the sink; true when it is on stable storage. The same id is told once. */
  async tell(trouble: Trouble, id: string): Promise<boolean> {
    const { sink, machine, clock, anyChanges } = this.#options
    const beside = changesBeside(trouble.subject)
    const target = beside !== undefined && sink.has(beside) ? beside : anyChanges()
    if (target === undefined) return false
    const row = visibilityRow(machine, trouble, clock.nowMs())
    const outcome = await sink.stream(target).append([row], `told-${id}`, { isReserved: true })
    return outcome.kind === 'accepted'
  }

  async #sleep(durationMs: number, wake?: AbortSignal): Promise<void> {
    const { clock, signal } = this.#options
    await clock.sleep(durationMs, wake ? AbortSignal.any([signal, wake]) : signal).catch(() => undefined)
  }
}
