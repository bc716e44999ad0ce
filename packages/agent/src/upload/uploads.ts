import { type Clock, newUuid, type Outcome } from '@tidemark/base'
import { type Channel, heartbeatDataType, parseStreamId, type Row } from '@tidemark/model'
import type { Logger } from 'pino'

import type { Destination } from '../rules/config-chunks.ts'
import { isInventory, type Sink } from '../sink/sink.ts'
import { Gate, priorities } from './gate.ts'
import type { Post } from './post.ts'
import { type RefusedBatch, Uploader, type UploaderState } from './uploader.ts'

export interface UploadsOptions {
  readonly sink: Sink
  /** A way to send for one destination, which may remember what it sent. */
  readonly newPost: () => Post
  readonly intervalMs: number
  readonly bytesPerSecondMax: number
  readonly clock: Clock
  readonly chance: () => number
  readonly log: Logger
  readonly signal: AbortSignal
  readonly setAside: (refused: RefusedBatch) => Promise<void>
  readonly onChange: () => void
  /** Told when a destination is done with, which then need not be remembered. */
  readonly onDrained: () => void
}

/** How one destination of a stream does. */
export interface DestinationState extends UploaderState {
  readonly channel: string
  readonly backlogBytes: number
  /** Its rule is gone, or sends elsewhere now: what waits goes there still. */
  readonly isDraining: boolean
}

interface Running {
  readonly destination: Destination
  readonly uploader: Uploader
  /** Since when no rule asks for it, on the monotonic clock. */
  drainingSinceMs: number | undefined
}

/** How long a stream whose rule is gone takes what its extension still has: three of its questions for rules. */
export const DRAIN_MS_MIN = 15 * 60_000

/**
 * An uploader for each destination of each stream, and a gate for each server. A destination that no rule names any more
 * is drained first; then its reader goes, and a stream without readers with all its files.
 */
export class Uploads implements AsyncDisposable {
  readonly #options: UploadsOptions
  readonly #gates = new Map<string, Gate>()
  readonly #running = new Map<string, Running>()
  #wanted: ReadonlySet<string> = new Set()
  #ending: Promise<unknown>[] = []

  constructor(options: UploadsOptions) {
    this.#options = options
  }

  /** Every destination with something to do, those that are drained among them. */
  get destinations(): Destination[] {
    return [...this.#running.values()].map(({ destination, uploader }) => ({
      stream: destination.stream,
      channel: uploader.channel,
    }))
  }

  /** The destinations of one stream, and how they do. */
  statesOf(stream: string): DestinationState[] {
    return [...this.#running.values()]
      .filter(({ destination }) => destination.stream === stream)
      .map(({ destination, uploader, drainingSinceMs }) => ({
        ...uploader.state,
        channel: destination.channel.id,
        backlogBytes: this.#reader(destination).backlogBytes,
        isDraining: drainingSinceMs !== undefined,
      }))
  }

  /** Rows came into a stream. */
  wake(stream: string): void {
    for (const { destination, uploader } of this.#running.values()) if (destination.stream === stream) uploader.wake()
  }

  /** Goes over to these destinations; `known` are those of before, of which some may have to be drained yet. */
  apply(wanted: readonly Destination[], known: readonly Destination[] = []): void {
    this.#wanted = new Set(wanted.map(keyOf))
    for (const destination of [...wanted, ...known]) this.#start(destination, this.#wanted.has(keyOf(destination)))
    const nowMs = this.#options.clock.monotonicMs()
    for (const [key, running] of this.#running) {
      if (this.#wanted.has(key)) running.drainingSinceMs = undefined
      else running.drainingSinceMs ??= nowMs
    }
    this.tend()
  }

  #start(destination: Destination, isWanted: boolean): void {
    const key = keyOf(destination)
    const there = this.#running.get(key)
    if (there) return isWanted ? there.uploader.moveTo(destination.channel) : undefined
    const { sink, newPost, intervalMs, clock, chance, log, setAside, onChange } = this.#options
    // What is to be drained is only where there is something.
    if (!isWanted && !sink.has(destination.stream)) return
    const { stream, channel } = destination
    const uploader = new Uploader({
      stream,
      source: this.#reader(destination),
      channel,
      dataType: parseStreamId(stream)?.dataType ?? '',
      priority: isInventory({ id: stream }) ? priorities.inventory : priorities.changes,
      gate: this.gateOf(channel),
      post: newPost(),
      intervalMs,
      clock,
      chance,
      log,
      setAside,
      onChange,
    })
    this.#running.set(key, { destination, uploader, drainingSinceMs: undefined })
  }

  #reader({ stream, channel }: Destination) {
    return this.#options.sink.stream(stream).reader(channel.id)
  }

  /** The way to a channel's server, which all its uploads share; Azure gives and takes rights rule by rule. */
  gateOf(channel: Channel): Gate {
    const { origin } = new URL(channel.endpoint)
    const way = channel.protocol === 'ods' ? origin : `${origin} ${channel.immutableId}`
    const there = this.#gates.get(way)
    if (there) return there
    const gate = new Gate(this.#options)
    this.#gates.set(way, gate)
    return gate
  }

  /** Sends the heartbeat to a channel; never rejects. `undefined` where it was stopped. */
  async heartbeat(channel: Channel, row: Row): Promise<Outcome | undefined> {
    const { newPost, signal } = this.#options
    const gate = this.gateOf(channel)
    let outcome: Outcome | undefined
    try {
      await gate.enter(priorities.heartbeat, signal)
    } catch {
      return undefined
    }
    try {
      const upload = {
        channel,
        batchId: newUuid(),
        dataType: heartbeatDataType,
        solution: 'LogManagement',
        rows: [row],
      }
      outcome = await newPost()(upload, signal).catch(() => undefined)
      return outcome
    } finally {
      gate.leave(outcome)
    }
  }

  /** Ends what is drained; to be called from time to time. */
  tend(): void {
    const nowMs = this.#options.clock.monotonicMs()
    for (const [key, { destination, uploader, drainingSinceMs }] of this.#running) {
      if (drainingSinceMs === undefined || nowMs - drainingSinceMs < DRAIN_MS_MIN) continue
      if (this.#reader(destination).backlogBytes > 0) continue
      this.#running.delete(key)
      this.#ending.push(this.#end(destination, uploader))
    }
  }

  async #end({ stream, channel }: Destination, uploader: Uploader): Promise<void> {
    const { sink, log, onDrained } = this.#options
    try {
      await uploader[Symbol.asyncDispose]()
      const left = sink.stream(stream)
      left.forgetReader(channel.id)
      log.info({ stream, channel: channel.id }, 'everything for a destination that no rule names any more was uploaded')
      if (left.readers.length === 0) await sink.remove(stream)
    } catch (error) {
      log.warn({ stream, error }, 'a stream that is done with cannot be removed')
    }
    onDrained()
  }

  /** Stops all uploads; what waits is on disk. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map(async ({ uploader }) => await uploader[Symbol.asyncDispose]()))
    await Promise.all(this.#ending)
  }
}

function keyOf({ stream, channel }: Destination): string {
  return `${stream} ${channel.id}`
}
