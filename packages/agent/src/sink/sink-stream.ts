import { join } from 'node:path'

import { invariant, newUuid, type Outcome } from '@tidemark/base'
import type { Row } from '@tidemark/model'
import type { Logger } from 'pino'
import { z } from 'zod'

import { encodeRecord, readRecord } from './segment.ts'
import {
  appendAll,
  closeFile,
  makeFolder,
  namesIn,
  openAppend,
  readAll,
  readTextIfThere,
  removeFile,
  replaceFile,
  syncData,
  truncateTo,
} from './sink-file.ts'

/** A place in a stream: the number of a segment and a byte in it, at the beginning of a record. */
export interface Position {
  readonly segment: number
  readonly offset: number
}

/** Rows to upload under one id. Its range is on disk before anybody sees it, so that every try sends the same rows. */
export interface Batch {
  readonly id: string
  readonly rows: readonly Row[]
  readonly to: Position
}

const positionShape = z.object({ segment: z.number().int(), offset: z.number().int() })
const cursorShape = z.object({
  /** Where the next batch begins. */
  position: positionShape,
  /** The batch under way. */
  batch: z.object({ id: z.string(), to: positionShape }).optional(),
})
type Cursor = z.infer<typeof cursorShape>

export interface SinkStreamOptions {
  readonly segmentBytesMax: number
  readonly chunksRememberedMax: number
  /** Whether so many bytes more fit into the budget of all streams. */
  readonly fits: (bytes: number) => boolean
  readonly log: Logger
}

const CURSOR = 'cursor.json'

/**
 * One stream of the sink: a folder with numbered segments and a cursor.
 *
 *     00000001.segment   records, oldest first; the last segment grows
 *     cursor.json        where the next batch begins, and the id and the end of the batch under way
 *
 * `append` resolves when its rows are on stable storage; appends that come together share one fdatasync.
 */
export class SinkStream {
  readonly id: string
  readonly #folder: string
  readonly #options: SinkStreamOptions
  /** Bytes in each segment, ascending by number. */
  readonly #segments = new Map<number, number>()
  readonly #chunks = new Set<string>()
  #cursor: Cursor = { position: { segment: 1, offset: 0 } }
  #open: { readonly segment: number; readonly descriptor: number } | undefined
  #syncing: Promise<void> | undefined
  #next: { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } | undefined
  #isClosed = false
  #failure: string | undefined

  /** Opens the folder, making it where there is none. A torn tail is cut; a damaged segment is cut and told. */
  constructor(folder: string, id: string, options: SinkStreamOptions) {
    this.id = id
    this.#folder = folder
    this.#options = options
    makeFolder(folder)
    this.#recover()
  }

  /** Bytes that are not uploaded yet. */
  get backlogBytes(): number {
    const { segment, offset } = this.#cursor.position
    let bytes = 0
    for (const [number, size] of this.#segments) {
      if (number > segment) bytes += size
      else if (number === segment) bytes += size - offset
    }
    return bytes
  }

  /** Bytes on disk. */
  get storedBytes(): number {
    let bytes = 0
    for (const size of this.#segments.values()) bytes += size
    return bytes
  }

  /**
   * Accepted: the rows are on stable storage, or were before under this chunk id. Unavailable: the budget is used up, or
   * the disk said no; nothing was kept, the sender keeps it and sends it again.
   */
  async append(rows: readonly Row[], chunk?: string): Promise<Outcome> {
    if (this.#isClosed) return { kind: 'unavailable', reason: 'the agent is stopping' }
    if (this.#failure !== undefined) return { kind: 'unavailable', reason: this.#failure }
    if (chunk !== undefined && this.#chunks.has(chunk)) {
      // The first append of this chunk may still be on its way to the disk: its ack must wait for that, too.
      await this.#synced()
      return { kind: 'accepted' }
    }
    const bytes = encodeRecord({ chunk, rows })
    if (!this.#options.fits(bytes.length)) return { kind: 'unavailable', reason: 'the sink is full' }
    try {
      this.#write(bytes)
      if (chunk !== undefined) this.#remember(chunk)
      await this.#synced()
      return { kind: 'accepted' }
    } catch (error) {
      // After a failed write or sync nobody knows what is on disk: only a new start, which looks, goes on (fsyncgate).
      this.#failure = `the sink's disk failed: ${error instanceof Error ? error.message : String(error)}`
      this.#options.log.error({ stream: this.id, error }, this.#failure)
      return { kind: 'unavailable', reason: this.#failure }
    }
  }

  #write(bytes: Buffer): void {
    const last = this.#end()
    const segment = last.offset >= this.#options.segmentBytesMax ? last.segment + 1 : last.segment
    if (this.#open?.segment !== segment) {
      this.#close()
      this.#open = { segment, descriptor: openAppend(this.#path(segment)) }
    }
    invariant(this.#open, 'a segment is open')
    appendAll(this.#open.descriptor, bytes)
    this.#segments.set(segment, (this.#segments.get(segment) ?? 0) + bytes.length)
  }

  /** Where the next record is written. */
  #end(): Position {
    const segment = Math.max(this.#cursor.position.segment, ...this.#segments.keys())
    return { segment, offset: this.#segments.get(segment) ?? 0 }
  }

  #close(): void {
    // What was written to it is synced by whoever wrote it: a segment changes only between two appends.
    if (this.#open) this.#retired.push(this.#open.descriptor)
    this.#open = undefined
  }

  readonly #retired: number[] = []
  /** Up to here everything is on stable storage. Only that is uploaded: the rest may still be sent again by its sender. */
  #durable: Position = { segment: 1, offset: 0 }

  /** Resolves when everything written before this call is on stable storage. At most one sync runs, one waits. */
  async #synced(): Promise<void> {
    if (!this.#syncing) {
      this.#syncing = this.#sync()
      return await this.#syncing
    }
    this.#next ??= Promise.withResolvers<void>()
    const { promise } = this.#next
    return await promise
  }

  async #sync(): Promise<void> {
    try {
      // Without this wait a sync of nothing would be over before its caller has noted that it runs.
      await Promise.resolve()
      const retired = this.#retired.splice(0)
      const current = this.#open?.descriptor
      const written = this.#end()
      for (const descriptor of retired) {
        await syncData(descriptor)
        closeFile(descriptor)
      }
      if (current !== undefined) await syncData(current)
      this.#durable = written
    } finally {
      this.#syncing = undefined
      const waiting = this.#next
      this.#next = undefined
      if (waiting) {
        this.#syncing = this.#sync()
        this.#syncing.then(waiting.resolve, waiting.reject)
      }
    }
  }

  #remember(chunk: string): void {
    this.#chunks.add(chunk)
    if (this.#chunks.size <= this.#options.chunksRememberedMax) return
    const [oldest] = this.#chunks
    if (oldest !== undefined) this.#chunks.delete(oldest)
  }

  /**
   * The batch under way, or a new one from the oldest rows; `undefined` when there are none. A batch has whole records:
   * at least one, and as many more as fit both limits.
   */
  nextBatch(limits: { readonly rowsMax: number; readonly bytesMax: number }): Batch | undefined {
    const { batch, position } = this.#cursor
    if (batch) return { id: batch.id, to: batch.to, rows: this.#rows(position, batch.to) }
    const read = this.#readFrom(position, limits)
    if (read === undefined) return undefined
    const fresh = { id: newUuid(), to: read.to }
    this.#saveCursor({ position, batch: fresh })
    return { ...fresh, rows: read.rows }
  }

  /** The batch was taken (or set aside for good): its rows are not needed any more. */
  finish(batch: Batch): void {
    invariant(this.#cursor.batch?.id === batch.id, 'only the batch under way can be finished')
    this.#saveCursor({ position: batch.to })
    for (const number of this.#segments.keys()) {
      if (number >= batch.to.segment) continue
      removeFile(this.#path(number))
      this.#segments.delete(number)
    }
  }

  /** Gives up the batch under way without losing its rows: the next one may be cut anew, under another id. */
  abandon(batch: Batch): void {
    invariant(this.#cursor.batch?.id === batch.id, 'only the batch under way can be abandoned')
    this.#saveCursor({ position: this.#cursor.position })
  }

  #rows(from: Position, to: Position): Row[] {
    const rows: Row[] = []
    this.#walk(from, (record, next) => {
      rows.push(...record.rows)
      return next.segment < to.segment || (next.segment === to.segment && next.offset < to.offset)
    })
    return rows
  }

  #readFrom(from: Position, limits: { rowsMax: number; bytesMax: number }): { rows: Row[]; to: Position } | undefined {
    const rows: Row[] = []
    let bytes = 0
    let to: Position | undefined
    this.#walk(from, (record, next, size) => {
      if (to !== undefined && (rows.length + record.rows.length > limits.rowsMax || bytes + size > limits.bytesMax))
        return false
      rows.push(...record.rows)
      bytes += size
      to = next
      return rows.length < limits.rowsMax && bytes < limits.bytesMax
    })
    return to && { rows, to }
  }

  /** Goes over records from a place on until `visit` says false or there are no more. */
  #walk(
    from: Position,
    visit: (record: { readonly rows: readonly Row[] }, next: Position, bytes: number) => boolean,
  ): void {
    for (const segment of [...this.#segments.keys()].filter((number) => number >= from.segment)) {
      if (segment > this.#durable.segment) return
      const size = segment === this.#durable.segment ? this.#durable.offset : this.#segments.get(segment)
      const bytes = readAll(this.#path(segment)).subarray(0, size)
      let offset = segment === from.segment ? from.offset : 0
      for (let read = readRecord(bytes, offset); read.kind === 'record'; read = readRecord(bytes, offset)) {
        if (!visit(read.record, { segment, offset: read.next }, read.next - offset)) return
        offset = read.next
      }
    }
  }

  #saveCursor(cursor: Cursor): void {
    replaceFile(join(this.#folder, CURSOR), JSON.stringify(cursor))
    this.#cursor = cursor
  }

  #path(segment: number): string {
    return join(this.#folder, `${String(segment).padStart(8, '0')}.segment`)
  }

  #recover(): void {
    this.#cursor = parseCursor(readTextIfThere(join(this.#folder, CURSOR))) ?? this.#cursor
    for (const name of namesIn(this.#folder)) {
      const [, number] = /^(\d{8,})\.segment$/.exec(name) ?? []
      if (number === undefined) continue
      if (Number(number) < this.#cursor.position.segment) removeFile(join(this.#folder, name))
      else this.#recoverSegment(Number(number))
    }
    const { segment, offset } = this.#cursor.position
    // A new segment never takes the number of one that the cursor has passed.
    if (!this.#segments.has(segment) && offset > 0) this.#cursor = { position: { segment: segment + 1, offset: 0 } }
    this.#durable = this.#end()
  }

  #recoverSegment(segment: number): void {
    const path = this.#path(segment)
    const bytes = readAll(path)
    let offset = 0
    let read = readRecord(bytes, offset)
    for (; read.kind === 'record'; read = readRecord(bytes, offset)) {
      if (read.record.chunk !== undefined) this.#remember(read.record.chunk)
      offset = read.next
    }
    if (read.kind === 'damaged') {
      replaceFile(`${path}.damaged`, bytes.subarray(offset).toString('latin1'))
      this.#options.log.error(
        { stream: this.id, path, offset, reason: read.reason },
        'a segment is damaged; what follows in it is set aside beside it',
      )
    }
    // Also where nothing is cut: what a killed process wrote may not have reached the disk yet.
    truncateTo(path, offset)
    this.#segments.set(segment, offset)
  }

  /** Waits for what is being synced and closes the files. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      if (this.#failure === undefined) await this.#synced()
    } catch (error) {
      this.#options.log.error({ stream: this.id, error }, 'the last sync failed')
    }
    this.#close()
    for (const descriptor of this.#retired.splice(0)) closeFile(descriptor)
  }
}

function parseCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined
  try {
    return cursorShape.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
