import { dirname, join } from 'node:path'

import { parsePreface, readRecord, type RecordPreface } from './segment.ts'
import { replaceFile, type SinkFiles, writeAll } from './sink-files.ts'

/** A place in a stream: the number of a segment and a byte in it, at the beginning of a record. */
export interface Position {
  readonly segment: number
  readonly offset: number
}

/** A record as it stands on disk. */
export interface StoredRecord {
  readonly payload: Buffer
  readonly from: Position
  readonly next: Position
}

/** Bytes that were wrong when the folder was opened; they are set aside beside their segment. */
export interface Damage {
  readonly path: string
  readonly offset: number
  readonly bytes: number
  readonly reason: string
}

/** Bytes read at a time; a longer record takes one longer read. */
const WINDOW_BYTES = 1024 * 1024

/**
 * The numbered files of one stream, `00000001.segment` and on. What `append` resolved for is on stable storage; only that
 * is read. A failed write or sync is cut off again before anything else is written, so that nothing is ever behind a gap.
 */
export class Segments {
  readonly #folder: string
  readonly #files: SinkFiles
  readonly #segmentBytesMax: number
  /** Bytes on stable storage of each segment, ascending by number. */
  readonly #sizes = new Map<number, number>()
  /** The segment that grows. */
  #last: number
  #descriptor: number | undefined
  #isBroken = false

  /**
   * Opens what is there, from `first` on: earlier segments are removed. A torn tail is cut, other damage is set aside.
   * `onRecord` is told each record that is whole.
   */
  constructor(
    folder: string,
    options: {
      readonly files: SinkFiles
      readonly segmentBytesMax: number
      readonly isGone: (segment: number) => boolean
      readonly onRecord: (preface: RecordPreface) => void
      readonly onDamage: (damage: Damage) => void
    },
  ) {
    this.#folder = folder
    this.#files = options.files
    this.#segmentBytesMax = options.segmentBytesMax
    const numbers = segmentsIn(options.files, folder)
    this.#last = Math.max(1, ...numbers)
    for (const number of numbers) {
      if (options.isGone(number)) options.files.remove(this.path(number))
      else this.#recover(number, options)
    }
  }

  get storedBytes(): number {
    let bytes = 0
    for (const size of this.#sizes.values()) bytes += size
    return bytes
  }

  /** Where the next record will begin, as far as readers may go. */
  get end(): Position {
    return { segment: this.#last, offset: this.#sizes.get(this.#last) ?? 0 }
  }

  /** Numbers of the segments that hold something, ascending. */
  get numbers(): number[] {
    return [...this.#sizes].filter(([, size]) => size > 0).map(([number]) => number)
  }

  /** Bytes from a place on. */
  bytesFrom({ segment, offset }: Position): number {
    let bytes = 0
    for (const [number, size] of this.#sizes) {
      if (number > segment) bytes += size
      else if (number === segment) bytes += Math.max(0, size - offset)
    }
    return bytes
  }

  sizeOf(segment: number): number {
    return this.#sizes.get(segment) ?? 0
  }

  path(segment: number): string {
    return join(this.#folder, `${String(segment).padStart(8, '0')}.segment`)
  }

  /** New records go to a segment whose number is above this. */
  beginAfter(segment: number): void {
    if (segment < this.#last) return
    this.#close()
    this.#last = segment + 1
  }

  /** Resolves when the bytes, whole records, are on stable storage. Rejects with node's error, and then none of them is kept. */
  async append(bytes: Uint8Array): Promise<void> {
    this.#mend()
    if (this.sizeOf(this.#last) >= this.#segmentBytesMax) this.beginAfter(this.#last)
    const segment = this.#last
    try {
      this.#descriptor ??= this.#open(segment)
      writeAll(this.#files, this.#descriptor, bytes)
      await this.#files.sync(this.#descriptor)
    } catch (error) {
      this.#isBroken = true
      try {
        this.#mend()
      } catch {
        // Whoever appends next tries again.
      }
      throw error
    }
    this.#sizes.set(segment, this.sizeOf(segment) + bytes.length)
  }

  #open(segment: number): number {
    const descriptor = this.#files.openAppend(this.path(segment))
    this.#files.syncFolder(dirname(this.path(segment)))
    return descriptor
  }

  /** After a failed write or sync nobody knows what is behind the last good byte: it is cut off, on stable storage. */
  #mend(): void {
    if (!this.#isBroken) return
    this.#close()
    const size = this.sizeOf(this.#last)
    const descriptor = this.#open(this.#last)
    try {
      this.#files.truncate(descriptor, size)
      this.#files.syncNow(descriptor)
    } finally {
      this.#files.close(descriptor)
    }
    this.#isBroken = false
  }

  /** The records from a place on, oldest first, up to `to` where it is given. */
  *records(from: Position, to?: Position): Generator<StoredRecord> {
    for (const [segment, size] of this.#sizes) {
      if (segment < from.segment || (to !== undefined && segment > to.segment)) continue
      const end = to?.segment === segment ? Math.min(size, to.offset) : size
      const start = segment === from.segment ? from.offset : 0
      for (const found of this.#scan(this.path(segment), start, end)) {
        if (!('payload' in found)) break
        yield {
          payload: found.payload,
          from: { segment, offset: found.at },
          next: { segment, offset: found.next },
        }
      }
    }
  }

  *#scan(path: string, from: number, to: number): Generator<Found> {
    yield* scanRecords({ read: (offset, bytesMax) => this.#files.read(path, offset, bytesMax), from, to })
  }

  /** Removes a segment for good. The one that grows is closed first; the next record begins another. */
  remove(segment: number): void {
    if (segment === this.#last) this.beginAfter(segment)
    this.#sizes.delete(segment)
    this.#files.remove(this.path(segment))
  }

  #recover(
    segment: number,
    { onRecord, onDamage }: { onRecord: (preface: RecordPreface) => void; onDamage: (damage: Damage) => void },
  ): void {
    const path = this.path(segment)
    const size = this.#files.sizeOf(path) ?? 0
    let good = 0
    let wrong: string | undefined
    for (const found of this.#scan(path, 0, size)) {
      const preface = 'payload' in found ? parsePreface(found.payload) : undefined
      if ('payload' in found && preface !== undefined) {
        onRecord(preface)
        good = found.next
        continue
      }
      const isTail = 'isTorn' in found && found.isTorn && segment === this.#last
      if (!isTail) wrong = 'reason' in found ? found.reason : 'it is cut off, or holds no rows'
      break
    }
    if (wrong !== undefined) {
      replaceFile(this.#files, `${path}.damaged`, this.#files.read(path, good, size - good))
      onDamage({ path, offset: good, bytes: size - good, reason: wrong })
    }
    // Also where nothing is cut: what a killed process wrote may not have reached the disk yet.
    const descriptor = this.#files.openAppend(path)
    try {
      this.#files.truncate(descriptor, good)
      this.#files.syncNow(descriptor)
    } finally {
      this.#files.close(descriptor)
    }
    this.#sizes.set(segment, good)
  }

  #close(): void {
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    if (descriptor !== undefined) this.#files.close(descriptor)
  }

  close(): void {
    this.#close()
  }
}

/** Numbers of the segments in a folder, ascending. */
export function segmentsIn(files: Pick<SinkFiles, 'namesIn'>, folder: string): number[] {
  return files
    .namesIn(folder)
    .flatMap((name) => {
      const [, number] = /^(\d{8,})\.segment$/.exec(name) ?? []
      return number === undefined ? [] : [Number(number)]
    })
    .sort((one, other) => one - other)
}

/** A record with its place, or what stands where none is: the end, perhaps torn, or damage. */
export type Found =
  | { readonly payload: Buffer; readonly at: number; readonly next: number }
  | { readonly at: number; readonly isTorn: boolean }
  | { readonly at: number; readonly reason: string }

/** Reads records one after the other, window by window; what is no record is the last one given. */
export function* scanRecords(range: {
  readonly read: (offset: number, bytesMax: number) => Buffer
  readonly from: number
  readonly to: number
}): Generator<Found> {
  let windowBytes = WINDOW_BYTES
  for (let at = range.from; at < range.to;) {
    const bytes = range.read(at, Math.min(windowBytes, range.to - at))
    let offset = 0
    let found = readRecord(bytes, offset)
    for (; found.kind === 'record'; found = readRecord(bytes, offset)) {
      yield { payload: found.payload, at: at + offset, next: at + found.next }
      offset = found.next
    }
    if (found.kind === 'damaged') return yield { at: at + offset, reason: found.reason }
    const isLast = at + bytes.length >= range.to || bytes.length === 0
    if (isLast && (found.isTorn || bytes.length === 0)) return yield { at: at + offset, isTorn: true }
    // The record goes on behind the window: a longer look, if it begins with the record already.
    windowBytes = offset > 0 ? WINDOW_BYTES : windowBytes * 2
    windowBytes = Math.max(windowBytes, found.bytesWanted + 8)
    at += offset
  }
}
