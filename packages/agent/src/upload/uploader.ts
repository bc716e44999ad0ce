import { backoffMs, type Clock, isAbort, type Outcome } from '@tidemark/base'
import type { Channel, Row } from '@tidemark/model'
import type { Logger } from 'pino'

import type { Batch } from '../sink/sink-stream.ts'
import { postUpload, type Sender, TOO_LARGE } from './post.ts'

/** Rows of one upload at most, where the server takes that many. */
export const BATCH_ROWS_MAX = 10_000
/** Bytes of one upload's rows as JSON at most, before compression. */
export const BATCH_BYTES_MAX = 4 * 1024 * 1024
const BACKOFF = { firstMs: 1_000, delayMsMax: 300_000 } as const

/** The stream of the sink, as far as an uploader needs it. */
export interface UploadSource {
  readonly id: string
  readonly backlogBytes: number
  nextBatch(limits: { readonly rowsMax: number; readonly bytesMax: number }): Batch | undefined
  finish(batch: Batch): void
  abandon(batch: Batch): void
}

export interface UploaderOptions {
  readonly source: UploadSource
  readonly channel: Channel
  readonly dataType: string
  readonly sender: Sender
  readonly intervalMs: number
  readonly clock: Clock
  readonly chance: () => number
  readonly log: Logger
  /** Keeps a batch that the server refused for good; throws where it cannot. */
  readonly setAside: (refused: RefusedBatch) => void
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
 * Uploads one stream to one channel, batch by batch: at each interval, and on while there is more. What is unavailable
 * is tried again with growing waits, under the same id; what is refused is set aside and told. Stopping loses nothing.
 */
export class Uploader implements AsyncDisposable {
  readonly #options: UploaderOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #state: UploaderState = { refusedCount: 0 }
  #rowsMax = BATCH_ROWS_MAX

  constructor(options: UploaderOptions) {
    this.#options = options
    this.#running = this.#loop()
  }

  get state(): UploaderState {
    return this.#state
  }

  async #loop(): Promise<void> {
    const { clock, intervalMs, chance } = this.#options
    let failures = 0
    while (!this.#stop.signal.aborted) {
      const outcome = await this.#uploadOne()
      if (outcome === undefined) await this.#sleep(intervalMs)
      else if (outcome.kind !== 'unavailable') failures = 0
      else {
        const waitMs = Math.max(outcome.retryAfterMs ?? 0, backoffMs(failures, BACKOFF, chance))
        failures += 1
        await this.#sleep(waitMs)
      }
      // A clock that stands still in a test must not hold the loop in one turn.
      await clock.sleep(0).catch(() => undefined)
    }
  }

  /** One batch, `undefined` when there is none. */
  async #uploadOne(): Promise<Outcome | undefined> {
    const { source, channel, dataType, sender, clock, log } = this.#options
    try {
      const batch = source.nextBatch({ rowsMax: this.#rowsMax, bytesMax: BATCH_BYTES_MAX })
      if (batch === undefined) return undefined
      const upload = { channel, batchId: batch.id, dataType, solution: 'ChangeTracking', rows: batch.rows }
      const outcome = await postUpload(sender, upload, this.#stop.signal)
      this.#conclude(batch, outcome, clock.nowMs())
      return outcome
    } catch (error) {
      if (isAbort(error, this.#stop.signal) || this.#stop.signal.aborted) return undefined
      const reason = error instanceof Error ? error.message : String(error)
      log.error({ stream: source.id, error }, 'an upload failed; it is tried again')
      this.#tell({ ...this.#state, lastError: reason })
      return { kind: 'unavailable', reason }
    }
  }

  #conclude(batch: Batch, outcome: Outcome, nowMs: number): void {
    const { source, setAside, log } = this.#options
    if (outcome.kind === 'accepted') {
      source.finish(batch)
      this.#rowsMax = Math.min(BATCH_ROWS_MAX, this.#rowsMax * 2)
      const { refusedCount } = this.#state
      return this.#tell({ lastUploadMs: nowMs, refusedCount })
    }
    if (outcome.kind === 'unavailable') {
      if (this.#state.lastError === undefined)
        log.warn({ stream: source.id, reason: outcome.reason }, 'the server takes nothing; rows are kept')
      return this.#tell({ ...this.#state, lastError: outcome.reason })
    }
    if (outcome.reason === TOO_LARGE && batch.rows.length > 1) {
      // The whole batch was refused, so that its rows may come again in smaller batches under other ids.
      this.#rowsMax = Math.max(1, Math.floor(batch.rows.length / 2))
      return source.abandon(batch)
    }
    setAside({ batchId: batch.id, stream: source.id, reason: outcome.reason, rows: batch.rows })
    source.finish(batch)
    log.error(
      { stream: source.id, batch: batch.id, reason: outcome.reason },
      'the server refused a batch; it is set aside',
    )
    this.#tell({ ...this.#state, refusedCount: this.#state.refusedCount + 1 })
  }

  #tell(state: UploaderState): void {
    this.#state = state
    this.#options.onChange()
  }

  async #sleep(durationMs: number): Promise<void> {
    await this.#options.clock.sleep(durationMs, this.#stop.signal).catch(() => undefined)
  }

  /** Stops a running upload by its signal; its batch is sent again at the next start. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#running
  }
}
