import { type Clock, type Outcome, uuidFromName } from '@tidemark/base'
import type { LogsIngestionChannel, Row } from '@tidemark/model'

import { outcomeOf } from '../upload/outcome.ts'
import { type Posted, TOO_LARGE, type Upload } from '../upload/post.ts'
import { type IngestionAnswer, type IngestionCall, rowsByStream, rowsOfCall, type StreamRows } from './calls.ts'

export interface IngestionPostingOptions {
  readonly call: IngestionCall
  readonly clock: Clock
}

type IngestionUpload = Upload & { readonly channel: LogsIngestionChannel }

/** How far the batch under way is. */
interface Progress {
  readonly batchId: string
  readonly groups: readonly StreamRows[]
  group: number
  row: number
  /** Halved when a call is too large for the service. */
  rowsMax: number
  readonly refusedRows: Row[]
  reason: string
}

/** Rows of one call, where nothing was too large. */
const CALL_ROWS_MAX = 10_000

/**
 * Sends the batches of one destination by the Logs Ingestion API, call after call. What was taken is not sent again when a
 * later call of the same batch is tried again; after a restart the whole batch is, under the same ids.
 */
export class IngestionPosting {
  readonly #options: IngestionPostingOptions
  #progress: Progress | undefined

  constructor(options: IngestionPostingOptions) {
    this.#options = options
  }

  /** As `Post` says. */
  async post(upload: IngestionUpload, signal: AbortSignal): Promise<Posted> {
    const { channel, batchId } = upload
    const progress = this.#progress?.batchId === batchId ? this.#progress : begun(upload)
    this.#progress = progress
    let bytesSent = 0
    for (let group = progress.groups[progress.group]; group !== undefined; group = progress.groups[progress.group]) {
      if (progress.row >= group.rows.length) {
        progress.group += 1
        progress.row = 0
        continue
      }
      const rows = rowsOfCall(group.rows, progress.row, progress.rowsMax)
      const requestId = uuidFromName(`${batchId} ${group.stream} ${progress.row} ${rows.length}`)
      const sent = await this.#sendOnce({ channel, stream: group.stream, rows, requestId }, signal)
      bytesSent += sent.bytesSent
      if (sent.outcome.kind === 'unavailable') return { ...sent.outcome, bytesSent }
      goOn(progress, rows, sent.outcome)
    }
    const { refusedRows, reason } = progress
    return refusedRows.length === 0
      ? { kind: 'accepted', bytesSent }
      : { kind: 'refused', reason, refusedRows, bytesSent }
  }

  async #sendOnce(
    request: Parameters<IngestionCall>[0],
    signal: AbortSignal,
  ): Promise<{ readonly outcome: Outcome; readonly bytesSent: number }> {
    const { call, clock } = this.#options
    try {
      const answer = await call(request, signal)
      return { outcome: meaningOf(answer, clock.nowMs()), bytesSent: answer.bytesSent }
    } catch (error) {
      signal.throwIfAborted()
      const reason = error instanceof Error ? error.message : String(error)
      return { outcome: { kind: 'unavailable', reason: reason.slice(0, 500) }, bytesSent: 0 }
    }
  }
}

function begun({ batchId, channel, dataType, rows }: IngestionUpload): Progress {
  const groups = rowsByStream(channel, { dataType, rows })
  return { batchId, groups, group: 0, row: 0, rowsMax: CALL_ROWS_MAX, refusedRows: [], reason: '' }
}

/** What was taken is behind us, and so is what nobody will take; what was too large comes in two. */
function goOn(progress: Progress, rows: readonly Row[], outcome: Outcome): void {
  const isRefused = outcome.kind === 'refused'
  if (isRefused && outcome.reason === TOO_LARGE && rows.length > 1) {
    progress.rowsMax = Math.ceil(rows.length / 2)
    return
  }
  if (isRefused) {
    progress.refusedRows.push(...rows)
    progress.reason = outcome.reason
  }
  progress.row += rows.length
}

/** Rights are given and rules are made minutes later than one thinks: neither makes rows good for nothing. */
function meaningOf(answer: IngestionAnswer, nowMs: number): Outcome {
  const { status, text } = answer
  if (status === 413) return { kind: 'refused', reason: TOO_LARGE }
  const hint = HINTS[status]
  if (hint !== undefined)
    return { kind: 'unavailable', reason: `status ${status}: ${text.slice(0, 300)}${text === '' ? '' : ' '}(${hint})` }
  return outcomeOf(answer, nowMs)
}

const HINTS: Readonly<Record<number, string>> = {
  401: 'the token is not good there',
  403: 'has the identity the role Monitoring Metrics Publisher on the rule there?',
  404: 'is the rule with this immutable id there, and its endpoint this one?',
}
