import { type Clock, newUuid, type Outcome } from '@tidemark/base'
import type { Row } from '@tidemark/model'
import type { Logger } from 'pino'

import { ChunkMemory } from './chunk-memory.ts'
import { Cursor, mergedTally, type Tally } from './cursor.ts'
import { encodeRecord, parsePreface } from './segment.ts'
import { type Damage, type Position, Segments } from './segments.ts'
import type { SinkFiles } from './sink-files.ts'
import { SinkReader } from './sink-reader.ts'

/** What the budget says to so many more bytes: they fit (perhaps since others were dropped), not now, or never. */
export type Room = 'fits' | 'not-now' | 'never'

export interface SinkStreamOptions {
  readonly files: SinkFiles
  readonly clock: Clock
  readonly segmentBytesMax: number
  readonly chunksRememberedMax: number
  readonly makeRoom: (bytes: number, isReserved: boolean) => Room
  /** Told when rows came in, and when some were dropped. */
  readonly onChange?: () => void
  readonly log: Logger
}

/** Bytes that are written and synced at a time. */
export const COMMIT_BYTES_MAX = 16 * 1024 * 1024

/** The part of a full segment, one so many-th, from which on a segment that is used up is removed before it is full. */
const USED_UP_PARTS = 8

interface Append {
  readonly bytes: Buffer
  readonly rowCount: number
  readonly chunk: string | undefined
  readonly isReserved: boolean
  /** Written by itself. */
  readonly isAlone: boolean
  readonly resolve: (outcome: Outcome) => void
}

/**
 * One stream of the sink: a folder with numbered segments, a cursor and the newest chunk ids (docs/formats/sink.md).
 * `append` resolves when its rows are on stable storage; appends that come together share one write and one fdatasync.
 */
export class SinkStream {
  readonly id: string
  readonly #options: SinkStreamOptions
  readonly #segments: Segments
  readonly #cursor: Cursor
  readonly #chunks: ChunkMemory
  readonly #readers = new Map<string, SinkReader>()
  readonly #queue: Append[] = []
  /** Chunks that are on their way to the disk. */
  readonly #underWay = new Map<string, Promise<Outcome>>()
  #committing: Promise<void> | undefined
  #isClosed = false
  #trouble: string | undefined

  /** Opens the folder, making it where there is none. A torn tail is cut; other damage is set aside, counted and told. */
  constructor(folder: string, id: string, options: SinkStreamOptions) {
    const { files } = options
    this.id = id
    this.#options = options
    files.makeFolder(folder)
    // A killed process may have put a file in its place without waiting until that is on stable storage.
    files.syncFolder(folder)
    this.#cursor = new Cursor(folder, files)
    this.#chunks = new ChunkMemory(folder, files, options.chunksRememberedMax)
    const { readers, gone } = this.#cursor.state
    const damages: Damage[] = []
    this.#segments = new Segments(folder, {
      files,
      segmentBytesMax: options.segmentBytesMax,
      isGone: (segment) => gone.includes(segment) || segment < firstNeeded(Object.values(readers)),
      onRecord: ({ chunk }) => {
        if (chunk !== undefined) this.#chunks.add(chunk)
      },
      onDamage: (damage) => damages.push(damage),
    })
    for (const segment of gone) this.#segments.beginAfter(segment)
    // A new record never takes a place that a reader has passed.
    for (const { position } of Object.values(readers))
      if (this.#segments.sizeOf(position.segment) < position.offset) this.#segments.beginAfter(position.segment)
    for (const name of Object.keys(readers)) this.#openReader(name)
    for (const damage of damages) this.#tellDamage(damage)
  }

  /** Bytes that some reader has not finished with; all where there is none. */
  get backlogBytes(): number {
    if (this.#readers.size === 0) return this.storedBytes
    return Math.max(...[...this.#readers.values()].map(({ backlogBytes }) => backlogBytes))
  }

  /** Bytes on disk. */
  get storedBytes(): number {
    return this.#segments.storedBytes
  }

  /** When the oldest row on disk was taken, milliseconds since 1970; `undefined` where there is none. */
  get oldestMs(): number | undefined {
    const [first] = this.#segments.records({ segment: 1, offset: 0 })
    return first && parsePreface(first.payload)?.at
  }

  /** Why nothing is taken at the moment; `undefined` where all is well. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  get readers(): readonly SinkReader[] {
    return [...this.#readers.values()]
  }

  /**
   * The reader of this name: a destination's way through the stream. A new one begins at the oldest row where it is the
   * only one, and behind the newest where others were before it. Throws node's error where the disk says no.
   */
  reader(name: string): SinkReader {
    const there = this.#readers.get(name)
    if (there) return there
    const position = this.#readers.size === 0 ? { segment: 1, offset: 0 } : this.#segments.end
    this.#cursor.saveReader(name, { position })
    return this.#openReader(name)
  }

  #openReader(name: string): SinkReader {
    const parts = { segments: this.#segments, cursor: this.#cursor, onFinished: () => this.#removeFinished() }
    const reader = new SinkReader(name, parts)
    this.#readers.set(name, reader)
    return reader
  }

  /** Nobody will ask for this destination's rows again: they are no longer kept for it. */
  forgetReader(name: string): void {
    const { readers, ...rest } = this.#cursor.state
    this.#cursor.save({
      ...rest,
      readers: Object.fromEntries(Object.entries(readers).filter(([each]) => each !== name)),
    })
    this.#readers.delete(name)
    this.#removeFinished()
  }

  /**
   * Accepted: the rows are on stable storage, or were before under this chunk id, or the budget will never have room for
   * them and they are counted as dropped. Unavailable: nothing was kept; the sender keeps it and sends it again.
   * `isReserved` takes what is kept free for records of what was dropped.
   */
  async append(rows: readonly Row[], chunk?: string, { isReserved = false } = {}): Promise<Outcome> {
    if (this.#isClosed) return { kind: 'unavailable', reason: 'the agent is stopping' }
    if (chunk === undefined) return await this.#enqueue(rows, chunk, isReserved)
    // The first append of this chunk may still be on its way to the disk: its ack must wait for that, too.
    const before = this.#underWay.get(chunk)
    if (before) return await before
    if (this.#chunks.has(chunk)) return { kind: 'accepted' }
    const outcome = this.#enqueue(rows, chunk, isReserved)
    this.#underWay.set(chunk, outcome)
    return await outcome.finally(() => this.#underWay.delete(chunk))
  }

  #enqueue(rows: readonly Row[], chunk: string | undefined, isReserved: boolean): Promise<Outcome> {
    const bytes = encodeRecord({ chunk, at: this.#options.clock.nowMs(), rows })
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.#queue.push({ bytes, rowCount: rows.length, chunk, isReserved, isAlone: isReserved, resolve })
    this.#committing ??= this.#commitAll()
    return promise
  }

  async #commitAll(): Promise<void> {
    // What is appended in the same turn shares the first sync, too.
    await Promise.resolve()
    while (this.#queue.length > 0) await this.#commit(this.#nextGroup())
    this.#committing = undefined
  }

  /** As many as are written together. */
  #nextGroup(): Append[] {
    let bytes = 0
    let count = 0
    for (const each of this.#queue) {
      if (count > 0 && (each.isAlone || bytes + each.bytes.length > COMMIT_BYTES_MAX)) break
      bytes += each.bytes.length
      count += 1
      if (each.isAlone) break
    }
    return this.#queue.splice(0, count)
  }

  async #commit(group: readonly Append[]): Promise<void> {
    const outcome = await this.#tryCommit(group)
    if (outcome === undefined) {
      // Together they are too much: whoever fits by itself is taken.
      this.#queue.unshift(...group.map((each) => ({ ...each, isAlone: true })))
      return
    }
    for (const { resolve } of group) resolve(outcome)
    // What waits behind may be what the same sender wrote after it: taken now, it would come before what comes again.
    if (outcome.kind === 'unavailable') for (const { resolve } of this.#queue.splice(0)) resolve(outcome)
    this.#options.onChange?.()
  }

  /** What became of the group as a whole; `undefined` where it has no room as one but its parts may have. */
  async #tryCommit(group: readonly Append[]): Promise<Outcome | undefined> {
    try {
      const bytes = group.reduce((sum, each) => sum + each.bytes.length, 0)
      const room = this.#options.makeRoom(
        bytes,
        group.some(({ isReserved }) => isReserved),
      )
      if (room !== 'fits' && group.length > 1) return undefined
      if (room === 'not-now') return { kind: 'unavailable', reason: 'the sink is full' }
      if (room === 'never') this.#dropAtTheDoor(group)
      else await this.#segments.append(Buffer.concat(group.map((each) => each.bytes)))
      for (const { chunk } of group) if (chunk !== undefined) this.#chunks.add(chunk)
      // A dropped chunk is in no segment from which a start could read that it was taken.
      if (room === 'never') this.#chunks.keep()
      this.#trouble = undefined
      return { kind: 'accepted' }
    } catch (error) {
      const reason = `the sink's disk failed: ${error instanceof Error ? error.message : String(error)}`
      if (this.#trouble === undefined) this.#options.log.error({ stream: this.id, error }, reason)
      this.#trouble = reason
      return { kind: 'unavailable', reason }
    }
  }

  #dropAtTheDoor(group: readonly Append[]): void {
    const rows = group.reduce((sum, { rowCount }) => sum + rowCount, 0)
    const bytes = group.reduce((sum, each) => sum + each.bytes.length, 0)
    const nowMs = this.#options.clock.nowMs()
    this.#count({ rows, bytes, damagedBytes: 0, fromMs: nowMs, toMs: nowMs })
  }

  #count(more: Omit<Tally, 'id'>, gone: readonly number[] = []): void {
    const { state } = this.#cursor
    const dropped = mergedTally(state.dropped, { id: newUuid(), ...more })
    this.#cursor.save({ ...state, dropped, gone: [...state.gone, ...gone] })
    this.#options.log.warn({ stream: this.id, ...more }, 'rows were dropped; a visibility record will tell')
  }

  #tellDamage({ path, offset, bytes, reason }: Damage): void {
    this.#options.log.error(
      { stream: this.id, path, offset, reason },
      'a segment is damaged; what follows in it is set aside beside it',
    )
    this.#count({ rows: 0, bytes: 0, damagedBytes: bytes })
  }

  /**
   * Gives up the oldest segment that no batch under way needs: counted first, then removed. Returns how many bytes that
   * freed, 0 where there is none to give up. Throws node's error where the disk says no.
   */
  dropOldest(): number {
    const segment = this.#segments.numbers.find((number) => !this.#isUnderWay(number))
    if (segment === undefined) return 0
    const bytes = this.#segments.sizeOf(segment)
    const start = this.#startOf(segment)
    if (start.offset < bytes) this.#count(this.#tallyOf(start), [segment])
    this.#chunks.keep()
    this.#segments.remove(segment)
    const { gone, ...rest } = this.#cursor.state
    if (gone.length > 0) this.#cursor.save({ ...rest, gone: [] })
    return bytes
  }

  /** Whether there is a segment that no batch under way needs. */
  get canDrop(): boolean {
    return this.#segments.numbers.some((number) => !this.#isUnderWay(number))
  }

  #isUnderWay(segment: number): boolean {
    return Object.values(this.#cursor.state.readers).some(
      ({ position, batch }) => batch && position.segment <= segment && segment <= batch.to.segment,
    )
  }

  /** Where the first row of a segment stands that some reader still wants. */
  #startOf(segment: number): Position {
    const readers = Object.values(this.#cursor.state.readers)
    if (readers.length === 0) return { segment, offset: 0 }
    const offsets = readers.map(({ position }) =>
      position.segment < segment ? 0 : position.segment > segment ? this.#segments.sizeOf(segment) : position.offset,
    )
    return { segment, offset: Math.min(...offsets) }
  }

  #tallyOf(start: Position): Omit<Tally, 'id'> {
    let rows = 0
    let bytes = 0
    const moments: number[] = []
    const end = { segment: start.segment, offset: this.#segments.sizeOf(start.segment) }
    for (const { payload } of this.#segments.records(start, end)) {
      const preface = parsePreface(payload)
      rows += preface?.count ?? 0
      bytes += payload.length
      if (preface?.at !== undefined) moments.push(preface.at)
    }
    const [fromMs, toMs] = [moments.at(0), moments.at(-1)]
    return {
      rows,
      bytes,
      damagedBytes: 0,
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
    }
  }

  /** What was dropped and has to be told, under one id until `told` is said; `undefined` where nothing was. */
  untold(): Tally | undefined {
    const { state } = this.#cursor
    if (state.telling) return state.telling
    if (state.dropped === undefined) return undefined
    const { dropped, ...rest } = state
    this.#cursor.save({ ...rest, telling: dropped })
    return dropped
  }

  /** Whether something was dropped that no record tells of yet. */
  get hasUntold(): boolean {
    return this.#cursor.state.telling !== undefined || this.#cursor.state.dropped !== undefined
  }

  /** The record of it is on stable storage. */
  told(): void {
    const { telling: _told, ...rest } = this.#cursor.state
    this.#cursor.save(rest)
  }

  #removeFinished(): void {
    const readers = Object.values(this.#cursor.state.readers)
    const first = firstNeeded(readers)
    const finished = this.#segments.numbers.filter((number) => number < first || this.#isUsedUp(number))
    if (finished.length === 0) return
    this.#chunks.keep()
    for (const number of finished) this.#segments.remove(number)
  }

  /** Whether all readers are behind the last row of a segment that is worth its removal. */
  #isUsedUp(segment: number): boolean {
    const size = this.#segments.sizeOf(segment)
    if (this.#queue.length > 0 || this.#committing || size * USED_UP_PARTS < this.#options.segmentBytesMax) return false
    return this.#startOf(segment).offset >= size && !this.#isUnderWay(segment)
  }

  /** Waits for what is being written and closes the file. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#committing
    this.#segments.close()
  }
}

/** The first segment that some reader needs; 1 where there is none. */
function firstNeeded(readers: readonly { readonly position: Position }[]): number {
  return readers.length === 0 ? 1 : Math.min(...readers.map(({ position }) => position.segment))
}
