import { type Clock, isAbort } from '@tidemark/base'
import type { Channel, Row } from '@tidemark/model'
import type { Logger } from 'pino'

import { CALL_BYTES_MAX } from '../azure/calls.ts'
import type { Batch, BatchLimits } from '../sink/sink-reader.ts'
import type { Gate, Priority } from './gate.ts'
import { spreadMs } from './pace.ts'
import { type Post, type Posted, TOO_LARGE } from './post.ts'

/** Rows of one upload at most, where the server takes that many. */
export const BATCH_ROWS_MAX = 10_000
/** Bytes of one upload's rows as JSON at most, before compression. So much is uploaded without waiting for more. */
export const BATCH_BYTES_MAX = 4 * 1024 * 1024
/** How long an uploader sleeps where nothing wakes it, in milliseconds. */
const IDLE_MS = 3_600_000

/** A destination's reader of the sink, as far as an uploader needs it. */
export interface UploadSource {
  readonly backlogBytes: number
  nextBatch(limits: BatchLimits): Batch | undefined
  finish(batch: Batch): void
  abandon(batch: Batch): void
}

export interface UploaderOptions {
  /** The stream's id. */
  readonly stream: string
  readonly source: UploadSource
  readonly channel: Channel
  readonly dataType: string
  readonly priority: Priority
  readonly gate: Gate
  readonly post: Post
  /** How old rows may get before they are uploaded, in milliseconds. */
  readonly intervalMs: number
  readonly clock: Clock
  readonly chance: () => number
  readonly log: Logger
  /** Keeps a batch that the server refused for good, and sees to it that this is told; throws where the disk says no. */
  readonly setAside: (refused: RefusedBatch) => Promise<void>
  /** Told when something in the state changed. */
  readonly onChange: () => void
}

/** A batch that the server will not take, whenever it comes. */
export interface RefusedBatch {
  readonly batchId: string
  readonly stream: string
  readonly reason: string
  readonly rows: readonly Row[]
}

/** How an uploader does. */
export interface UploaderState {
  /** Milliseconds since 1970. */
  readonly lastUploadMs?: number
  /** Why the last try did not go well; absent after a good one. */
  readonly lastError?: string
  readonly refusedCount: number
}

/**
 * Uploads one stream to one channel, batch by batch: when rows are old enough or enough of them wait, and on while there
 * is more of what waited then. What is unavailable is tried again when the gate opens, under the same id; what is refused
 * is set aside and told. Stopping loses nothing.
 */
export class Uploader implements AsyncDisposable {
  readonly #options: UploaderOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #wake = new AbortController()
  #channel: Channel
  #state: UploaderState = { refusedCount: 0 }
  #rowsMax = BATCH_ROWS_MAX

  constructor(options: UploaderOptions) {
    this.#options = options
    this.#channel = options.channel
    this.#running = this.#loop()
  }

  get state(): UploaderState {
    return this.#state
  }

  get channel(): Channel {
    return this.#channel
  }

  /** Where the channel is now, under the same id. */
  moveTo(channel: Channel): void {
    this.#channel = channel
  }

  /** Rows came in. */
  wake(): void {
    if (!this.#wake.signal.aborted) this.#wake.abort()
  }

  async #loop(): Promise<void> {
    const { source, intervalMs, chance } = this.#options
    while (!this.#stop.signal.aborted) {
      if (source.backlogBytes === 0) {
        await this.#sleep(IDLE_MS)
        continue
      }
      // What was there at the start need not wait for its age: it has waited through it.
      await this.#untilEnough(spreadMs(intervalMs, chance))
      await this.#drain()
    }
  }

  /** Waits until the rows are old enough, or fill a batch. */
  async #untilEnough(durationMs: number): Promise<void> {
    const { clock, source } = this.#options
    const untilMs = clock.monotonicMs() + durationMs
    while (!this.#stop.signal.aborted && source.backlogBytes < BATCH_BYTES_MAX) {
      const leftMs = untilMs - clock.monotonicMs()
      if (leftMs <= 0) return
      await this.#sleep(leftMs)
    }
  }

  /** Uploads what waits now; what comes meanwhile waits for its own time. */
  async #drain(): Promise<void> {
    const { source, gate, priority } = this.#options
    for (let leftBytes = source.backlogBytes; leftBytes > 0 && !this.#stop.signal.aborted;) {
      const beforeBytes = source.backlogBytes
      try {
        await gate.enter(priority, this.#stop.signal)
      } catch {
        return
      }
      let posted: Posted | undefined
      try {
        posted = await this.#uploadOne()
      } finally {
        gate.leave(posted, posted?.bytesSent)
      }
      if (posted === undefined) return
      if (posted.kind !== 'unavailable') leftBytes -= Math.max(1, beforeBytes - source.backlogBytes)
    }
  }

  /** One batch, `undefined` when there is none. */
  async #uploadOne(): Promise<Posted | undefined> {
    const { source, stream, dataType, post, clock, log } = this.#options
    try {
      const channel = this.#channel
      const bytesMax = channel.protocol === 'ods' ? BATCH_BYTES_MAX : CALL_BYTES_MAX
      const batch = source.nextBatch({ rowsMax: this.#rowsMax, bytesMax })
      if (batch === undefined) return undefined
      const upload = { channel, batchId: batch.id, dataType, solution: 'ChangeTracking', rows: batch.rows }
      const posted = await post(upload, this.#stop.signal)
      await this.#conclude(batch, posted, clock.nowMs())
      return posted
    } catch (error) {
      if (isAbort(error, this.#stop.signal) || this.#stop.signal.aborted) return undefined
      const reason = error instanceof Error ? error.message : String(error)
      if (this.#state.lastError === undefined) log.error({ stream, error }, 'an upload failed; it is tried again')
      this.#tell({ ...this.#state, lastError: reason })
      return { kind: 'unavailable', reason, bytesSent: 0 }
    }
  }

  async #conclude(batch: Batch, outcome: Posted, nowMs: number): Promise<void> {
    const { source, stream, setAside, log } = this.#options
    if (outcome.kind === 'accepted') {
      source.finish(batch)
      this.#rowsMax = Math.min(BATCH_ROWS_MAX, this.#rowsMax * 2)
      const { refusedCount } = this.#state
      return this.#tell({ lastUploadMs: nowMs, refusedCount })
    }
    if (outcome.kind === 'unavailable') {
      if (this.#state.lastError === undefined)
        log.warn({ stream, reason: outcome.reason }, 'the server takes nothing; rows are kept')
      return this.#tell({ ...this.#state, lastError: outcome.reason })
    }
    if (outcome.reason === TOO_LARGE && batch.rows.length > 1 && this.#rowsMax > 1) {
      // The whole batch was refused, so that its rows may come again in smaller batches under other ids.
      this.#rowsMax = Math.max(1, Math.floor(Math.min(this.#rowsMax, batch.rows.length) / 2))
      return source.abandon(batch)
    }
    const { reason, refusedRows: rows = batch.rows } = outcome
    await setAside({ batchId: batch.id, stream, reason, rows })
    source.finish(batch)
    log.error({ stream, batch: batch.id, reason: outcome.reason }, 'the server refused a batch; it is set aside')
    this.#tell({ ...this.#state, refusedCount: this.#state.refusedCount + 1 })
  }

  #tell(state: UploaderState): void {
    this.#state = state
    this.#options.onChange()
  }

  async #sleep(durationMs: number): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#wake.signal])
    await this.#options.clock.sleep(durationMs, signal).catch(() => undefined)
    if (this.#wake.signal.aborted) this.#wake = new AbortController()
  }

  /** Stops a running upload by its signal; its batch is sent again at the next start. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#running
  }
}
