import { invariant, newUuid } from '@tidemark/base'
import type { Row } from '@tidemark/model'

import type { Cursor } from './cursor.ts'
import { parsePayload, parsePreface } from './segment.ts'
import type { Position, Segments } from './segments.ts'

/** Rows to upload under one id. Its range is on disk before anybody sees it, so that every try sends the same rows. */
export interface Batch {
  readonly id: string
  readonly rows: readonly Row[]
  readonly to: Position
}

/** How much one batch may hold. */
export interface BatchLimits {
  readonly rowsMax: number
  readonly bytesMax: number
}

/**
 * One destination's way through a stream: its place survives a restart, and it sees each row once. Rows are kept until
 * every reader has finished with them.
 */
export class SinkReader {
  readonly name: string
  readonly #segments: Segments
  readonly #cursor: Cursor
  readonly #onFinished: () => void

  constructor(
    name: string,
    parts: { readonly segments: Segments; readonly cursor: Cursor; readonly onFinished: () => void },
  ) {
    this.name = name
    this.#segments = parts.segments
    this.#cursor = parts.cursor
    this.#onFinished = parts.onFinished
  }

  get #place() {
    const place = this.#cursor.state.readers[this.name]
    invariant(place !== undefined, `the reader ${this.name} has no place`)
    return place
  }

  /** Bytes that are not finished yet. */
  get backlogBytes(): number {
    return this.#segments.bytesFrom(this.#place.position)
  }

  /** When the oldest row that is not finished was taken, milliseconds since 1970; `undefined` where there is none. */
  get oldestMs(): number | undefined {
    const [first] = this.#segments.records(this.#place.position)
    return first && parsePreface(first.payload)?.at
  }

  /**
   * The batch under way, or a new one from the oldest rows; `undefined` when there are none. A batch has whole records:
   * at least one, and as many more as fit both limits. Throws node's error where the disk says no.
   */
  nextBatch(limits: BatchLimits): Batch | undefined {
    const { batch, position } = this.#place
    if (batch) return { id: batch.id, to: batch.to, rows: this.#rows(position, batch.to) }
    const read = this.#readFrom(position, limits)
    if (read === undefined) return undefined
    const fresh = { id: newUuid(), to: read.to }
    this.#cursor.saveReader(this.name, { position, batch: fresh })
    return { ...fresh, rows: read.rows }
  }

  /** The batch was taken (or set aside for good): its rows are not needed any more by this reader. */
  finish(batch: Batch): void {
    invariant(this.#place.batch?.id === batch.id, 'only the batch under way can be finished')
    this.#cursor.saveReader(this.name, { position: batch.to })
    this.#onFinished()
  }

  /** Gives up the batch under way without losing its rows: the next one may be cut anew, under another id. */
  abandon(batch: Batch): void {
    invariant(this.#place.batch?.id === batch.id, 'only the batch under way can be abandoned')
    this.#cursor.saveReader(this.name, { position: this.#place.position })
  }

  #rows(from: Position, to: Position): Row[] {
    const rows: Row[] = []
    for (const { payload } of this.#segments.records(from, to)) pushAll(rows, parsePayload(payload)?.rows ?? [])
    return rows
  }

  #readFrom(from: Position, limits: BatchLimits): { rows: Row[]; to: Position } | undefined {
    const rows: Row[] = []
    let bytes = 0
    let to: Position | undefined
    for (const { payload, next } of this.#segments.records(from)) {
      const count = parsePreface(payload)?.count ?? 0
      if (to !== undefined && (rows.length + count > limits.rowsMax || bytes + payload.length > limits.bytesMax)) break
      pushAll(rows, parsePayload(payload)?.rows ?? [])
      bytes += payload.length
      to = next
      if (rows.length >= limits.rowsMax || bytes >= limits.bytesMax) break
    }
    return to && { rows, to }
  }
}

/** As `push(...)`, for more than fit on the stack. */
function pushAll(rows: Row[], more: readonly Row[]): void {
  for (const row of more) rows.push(row)
}
