import { backoffMs, chance, type Clock } from '@tidemark/base'
import { connectForward, type ForwardClient, forwardTime, socketAddress } from '@tidemark/forward'
import { socketNames } from '@tidemark/model'
import type { Logger } from 'pino'

import type { State, Waiting } from '../state/state.ts'

export interface HandoverOptions {
  readonly state: Pick<State, 'waiting' | 'handedOver'>
  readonly socketsDirectory?: string | undefined
  readonly clock: Clock
  readonly log: Logger
}

/** Entries that are sent before the taken ones are forgotten, in one transaction. */
const ENTRIES_MAX = 64
/** How long an ack may take, in milliseconds: the agent has to bring the rows to its disk. */
const ACK_MS_MAX = 30_000
const BACKOFF = { firstMs: 200, delayMsMax: 30_000 } as const
/** How long an empty outbox sleeps where nobody wakes it, in milliseconds. */
const IDLE_MS = 60_000

/**
 * Hands the outbox to the agent, oldest first, each entry until its ack came: it is sent again, as it is, whatever gets
 * in between. Stopping leaves in the outbox what was not acknowledged.
 */
export class Handover implements AsyncDisposable {
  readonly #options: HandoverOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #wake = new AbortController()
  #trouble: string | undefined

  constructor(options: HandoverOptions) {
    this.#options = options
    this.#running = this.#loop()
  }

  /** Why the agent takes nothing, `undefined` while it does. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Something was put into the outbox. */
  wake(): void {
    this.#wake.abort()
  }

  async #loop(): Promise<void> {
    const { state } = this.#options
    let client: ForwardClient | undefined
    let failures = 0
    while (!this.#stop.signal.aborted) {
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
      const entries = state.waiting(ENTRIES_MAX)
      if (entries.length === 0) {
        await this.#sleep(IDLE_MS, this.#wake.signal)
        continue
      }
      try {
        client = client?.isOpen ? client : await this.#connect()
        await this.#send(client, entries)
        failures = 0
        this.#trouble = undefined
      } catch (error) {
        await client?.[Symbol.asyncDispose]()
        client = undefined
        if (this.#stop.signal.aborted) break
        this.#tell(error instanceof Error ? error.message : String(error), failures)
        await this.#sleep(backoffMs(failures, BACKOFF, chance))
        failures += 1
      }
    }
    await client?.[Symbol.asyncDispose]()
  }

  async #connect(): Promise<ForwardClient> {
    const address = socketAddress(socketNames.changeTrackingLinux, this.#options.socketsDirectory)
    return await connectForward(address, {
      clock: this.#options.clock,
      signal: this.#stop.signal,
      answerMsMax: ACK_MS_MAX,
    })
  }

  /** Sends entries one after the other and forgets those that were acknowledged, also where a later one was not. */
  async #send(client: ForwardClient, entries: readonly Waiting[]): Promise<void> {
    const { state, clock } = this.#options
    const taken: Uint8Array[] = []
    try {
      for (const { key, stream, chunk, rows } of entries) {
        const time = forwardTime(clock.nowMs())
        const outcome = await client.send(
          stream,
          rows.map((record) => ({ time, record })),
          { chunk },
        )
        if (outcome.kind !== 'accepted') throw new Error(`the agent did not take ${stream}: ${outcome.reason}`)
        taken.push(key)
      }
    } finally {
      state.handedOver(taken)
    }
  }

  #tell(reason: string, failures: number): void {
    this.#trouble = reason
    // Once when it begins; then it is in the status, not in the log again and again.
    if (failures === 0) this.#options.log.warn({ reason }, 'the agent takes nothing; what changed is kept')
  }

  async #sleep(durationMs: number, wake?: AbortSignal): Promise<void> {
    const signals = wake ? [this.#stop.signal, wake] : [this.#stop.signal]
    await this.#options.clock.sleep(durationMs, AbortSignal.any(signals)).catch(() => undefined)
  }

  /** Stops at once; what was sent but not acknowledged is sent again by the next start. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#running
  }
}
