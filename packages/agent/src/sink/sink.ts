import { join } from 'node:path'

import type { Clock } from '@tidemark/base'
import { parseStreamId } from '@tidemark/model'
import type { Logger } from 'pino'

import { type SinkFiles, systemFiles } from './sink-files.ts'
import { type Room, SinkStream } from './sink-stream.ts'

/** Bytes of a segment before the next one begins; a small budget has smaller ones. */
export const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
/** Segments that a budget is made of at least, so that dropping the oldest drops little. */
const SEGMENTS_MIN = 32
/** Chunk ids that each stream remembers: far more than a sender has under way. */
export const CHUNKS_REMEMBERED_MAX = 10_000
/** Bytes beyond the budget for records that tell what was dropped. */
export const RESERVE_BYTES_MAX = 256 * 1024
/** How long the free bytes of the disk are believed, in milliseconds. */
const FREE_BYTES_AGE_MS_MAX = 1_000

export interface SinkOptions {
  /** Bytes of all streams together. At the limit the oldest inventory is dropped, then the oldest changes. */
  readonly bytesMax: number
  /** Bytes of one stream; `bytesMax` where nothing is said. */
  readonly streamBytesMax?: number
  /** Bytes that stay free on the disk: below that the sink does not grow. 0 where nothing is said. */
  readonly diskFreeBytesMin?: number
  readonly segmentBytesMax?: number
  readonly chunksRememberedMax?: number
  readonly files?: SinkFiles
  readonly clock: Clock
  readonly log: Logger
  /** Told the stream when rows came in, and when some were dropped. */
  readonly onChange?: (stream: SinkStream) => void
}

/** The agent's buffer on disk: one folder for each stream, named as the stream. */
export class Sink implements AsyncDisposable {
  readonly #folder: string
  readonly #options: SinkOptions
  readonly #files: SinkFiles
  readonly #streams = new Map<string, SinkStream>()
  #free: { readonly bytes: number; readonly atMs: number } | undefined
  /** Bytes that were given up since the disk is nearly full, and are not used again yet. */
  #freedBytes = 0

  /** Opens what is there. `isStream` tells the names of folders that are streams; others are left alone. */
  constructor(folder: string, isStream: (name: string) => boolean, options: SinkOptions) {
    this.#folder = folder
    this.#options = options
    this.#files = options.files ?? systemFiles
    this.#files.makeFolder(folder)
    for (const name of this.#files.namesIn(folder)) if (isStream(name)) this.stream(name)
  }

  /** The stream of this id; its folder is made where there is none. Throws node's error where the disk says no. */
  stream(id: string): SinkStream {
    const there = this.#streams.get(id)
    if (there) return there
    const { bytesMax, clock, log, onChange } = this.#options
    const segmentBytesMax = this.#options.segmentBytesMax ?? segmentBytesFor(this.#options.streamBytesMax ?? bytesMax)
    const stream: SinkStream = new SinkStream(join(this.#folder, id), id, {
      files: this.#files,
      clock,
      segmentBytesMax,
      chunksRememberedMax: this.#options.chunksRememberedMax ?? CHUNKS_REMEMBERED_MAX,
      makeRoom: (bytes, isReserved) => this.#makeRoom(stream, bytes, isReserved),
      onChange: () => onChange?.(stream),
      log,
    })
    this.#streams.set(id, stream)
    return stream
  }

  has(id: string): boolean {
    return this.#streams.has(id)
  }

  get streams(): readonly SinkStream[] {
    return [...this.#streams.values()]
  }

  get storedBytes(): number {
    let bytes = 0
    for (const stream of this.#streams.values()) bytes += stream.storedBytes
    return bytes
  }

  get backlogBytes(): number {
    let bytes = 0
    for (const stream of this.#streams.values()) bytes += stream.backlogBytes
    return bytes
  }

  /** Removes a stream with all that is in it. */
  async remove(id: string): Promise<void> {
    const stream = this.#streams.get(id)
    this.#streams.delete(id)
    await stream?.[Symbol.asyncDispose]()
    this.#files.removeFolder(join(this.#folder, id))
  }

  /**
   * Room for so many bytes more, made by dropping what is oldest where it takes that: of the stream itself at its own
   * limit; else of inventory, and only for changes also of changes.
   */
  #makeRoom(stream: SinkStream, bytes: number, isReserved: boolean): Room {
    const { bytesMax, streamBytesMax = bytesMax } = this.#options
    if (isReserved) return this.storedBytes + bytes <= bytesMax + RESERVE_BYTES_MAX ? 'fits' : 'not-now'
    if (bytes > Math.min(bytesMax, streamBytesMax)) return 'never'
    while (stream.storedBytes + bytes > streamBytesMax) if (stream.dropOldest() === 0) return 'not-now'
    for (;;) {
      if (this.#fits(bytes)) return 'fits'
      const victim = this.#victimFor(stream)
      if (victim === undefined) return isInventory(stream) && !this.#hasInventory() ? 'never' : 'not-now'
      this.#freedBytes += victim.dropOldest()
    }
  }

  #fits(bytes: number): boolean {
    const { bytesMax, diskFreeBytesMin = 0 } = this.#options
    if (this.storedBytes + bytes > bytesMax) return false
    if (diskFreeBytesMin === 0 || this.#freeBytes() - bytes >= diskFreeBytesMin) this.#freedBytes = 0
    // Somebody else fills the disk: as much as was given up may come in, and no more.
    else if (this.#freedBytes >= bytes) this.#freedBytes -= bytes
    else return false
    return true
  }

  #freeBytes(): number {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#free === undefined || nowMs - this.#free.atMs > FREE_BYTES_AGE_MS_MAX)
      this.#free = { bytes: this.#files.freeBytes(this.#folder), atMs: nowMs }
    return this.#free.bytes
  }

  /** The stream whose oldest rows go first. */
  #victimFor(stream: SinkStream): SinkStream | undefined {
    const candidates = this.streams.filter((each) => each.canDrop)
    const inventory = candidates.filter(isInventory)
    const chosen = inventory.length > 0 || isInventory(stream) ? inventory : candidates
    const byAge = chosen.map((each) => ({ each, oldestMs: each.oldestMs ?? 0 }))
    return byAge.sort((one, other) => one.oldestMs - other.oldestMs)[0]?.each
  }

  /** Inventory whose batch is under way will make room soon. */
  #hasInventory(): boolean {
    return this.streams.some((each) => isInventory(each) && each.storedBytes > 0)
  }

  /** What was acknowledged stays on disk for the next start. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.streams.map(async (stream) => await stream[Symbol.asyncDispose]()))
  }
}

/** Whether a stream carries the state of things, which comes again, and not what happened, which does not. */
export function isInventory({ id }: { readonly id: string }): boolean {
  return parseStreamId(id)?.dataType === 'CONFIG_DATA_BLOB_V2'
}

function segmentBytesFor(bytesMax: number): number {
  return Math.min(SEGMENT_BYTES_MAX, Math.max(1, Math.floor(bytesMax / SEGMENTS_MIN)))
}
