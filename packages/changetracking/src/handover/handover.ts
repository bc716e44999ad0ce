import { backoffMs, chance as systemChance, type Clock } from '@tidemark/base'
import { connectForward, type ForwardClient, forwardTime, socketAddress } from '@tidemark/forward'
import { socketNames } from '@tidemark/model'
import type { Logger } from 'pino'

import type { State, Waiting } from '../state/state.ts'

export interface HandoverOptions {
  readonly state: Pick<State, 'waiting' | 'handedOver'>
  readonly socketsDirectory?: string | undefined
  /** How the agent is reached; by its socket where nothing is said. Throws where it is not. */
  readonly connect?: (signal: AbortSignal) => Promise<AgentConnection>
  readonly clock: Clock
  /** A number in [0, 1) for jitter; random where nothing is said. */
  readonly chance?: () => number
  readonly log: Logger
}

/** A way to the agent, as far as the hand-over needs one. */
export type AgentConnection = Pick<ForwardClient, 'isOpen' | 'send'> & AsyncDisposable

/** Entries that are sent before the taken ones are forgotten, in one transaction. */
const ENTRIES_MAX = 64
/** Bytes of such entries, so that a long wait for the agent does not end in all of memory. */
const BYTES_MAX = 4 * 1024 * 1024
/** How long an ack may take, in milliseconds: the agent has to bring the rows to its disk. */
const ACK_MS_MAX = 30_000
const BACKOFF = { firstMs: 200, delayMsMax: 30_000 } as const
/** How long an empty outbox sleeps where nobody wakes it, in milliseconds. */
const IDLE_MS = 60_000

/**
 * Hands the outbox to the agent, oldest first, each entry until its ack came: it is sent again, as it is, whatever gets
 * in between. A stream that the agent does not take (its rule is gone, its disk is full) holds up no other. Stopping
 * leaves in the outbox what was not acknowledged.
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
    const { state, clock, chance = systemChance } = this.#options
    const stuck = new Stuck(clock, chance)
    let client: AgentConnection | undefined
    while (!this.#stop.signal.aborted) {
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
      stuck.reconsider()
      try {
        const entries = state.waiting({ countMax: ENTRIES_MAX, bytesMax: BYTES_MAX, without: stuck.streams })
        if (entries.length === 0) {
          if (stuck.streams.size === 0) this.#trouble = undefined
          await this.#sleep(stuck.leftMs ?? IDLE_MS, this.#wake.signal)
          continue
        }
        client = client?.isOpen ? client : await this.#connect()
        const failed = await this.#send(client, entries)
        if (failed === undefined) {
          if (stuck.streams.size > 0) continue
          stuck.forget()
          this.#trouble = undefined
        } else {
          this.#tell(failed.reason)
          stuck.add(failed.stream)
        }
      } catch (error) {
        await client?.[Symbol.asyncDispose]()
        client = undefined
        if (this.#stop.signal.aborted) break
        this.#tell(error instanceof Error ? error.message : String(error))
        await this.#sleep(stuck.nextDelayMs())
      }
    }
    await client?.[Symbol.asyncDispose]()
  }

  async #connect(): Promise<AgentConnection> {
    const { socketsDirectory, clock, connect } = this.#options
    const { signal } = this.#stop
    if (connect !== undefined) return await connect(signal)
    const address = socketAddress(socketNames.changeTrackingLinux, socketsDirectory)
    return await connectForward(address, { clock, signal, answerMsMax: ACK_MS_MAX })
  }

  /** Sends entries one after the other up to one that is not taken, and forgets those that were acknowledged. */
  async #send(
    client: AgentConnection,
    entries: readonly Waiting[],
  ): Promise<{ readonly stream: string; readonly reason: string } | undefined> {
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
        if (outcome.kind !== 'accepted')
          return { stream, reason: `the agent did not take ${stream}: ${outcome.reason}` }
        taken.push(key)
      }
      return undefined
    } finally {
      state.handedOver(taken)
    }
  }

  #tell(reason: string): void {
    // Once when it begins; then it is in the status, not in the log again and again.
    if (this.#trouble === undefined) this.#options.log.warn({ reason }, 'the agent takes not all; it is kept')
    this.#trouble = reason
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

/** Streams that the agent did not take, until it is time to try them again: later after each time. */
class Stuck {
  readonly streams = new Set<string>()
  readonly #clock: Clock
  readonly #chance: () => number
  #failures = 0
  #retryAtMs = 0

  constructor(clock: Clock, chance: () => number) {
    this.#clock = clock
    this.#chance = chance
  }

  /** Milliseconds until the next try, `undefined` where nothing is stuck. */
  get leftMs(): number | undefined {
    return this.streams.size === 0 ? undefined : Math.max(0, this.#retryAtMs - this.#clock.monotonicMs())
  }

  add(stream: string): void {
    if (this.streams.size === 0) this.#retryAtMs = this.#clock.monotonicMs() + this.nextDelayMs()
    this.streams.add(stream)
  }

  nextDelayMs(): number {
    this.#failures += 1
    return backoffMs(this.#failures - 1, BACKOFF, this.#chance)
  }

  reconsider(): void {
    if (this.leftMs === 0) this.streams.clear()
  }

  /** All is taken: the next trouble begins with the shortest delay. */
  forget(): void {
    this.#failures = 0
  }
}
