import { join } from 'node:path'

import type { Logger } from 'pino'

import { makeFolder, namesIn } from './sink-file.ts'
import { SinkStream } from './sink-stream.ts'

/** Bytes of a segment before the next one begins. */
export const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
/** Chunk ids that each stream remembers: far more than a sender has under way. */
export const CHUNKS_REMEMBERED_MAX = 10_000

export interface SinkOptions {
  /** Bytes of all streams together. At the limit appends are answered `unavailable`, and senders keep their rows. */
  readonly bytesMax: number
  readonly segmentBytesMax?: number
  readonly chunksRememberedMax?: number
  readonly log: Logger
}

/** The agent's buffer on disk: one folder for each stream, named as the stream. */
export class Sink implements AsyncDisposable {
  readonly #folder: string
  readonly #options: SinkOptions
  readonly #streams = new Map<string, SinkStream>()

  /** Opens what is there. `isStream` tells the names of folders that are streams; others are left alone. */
  constructor(folder: string, isStream: (name: string) => boolean, options: SinkOptions) {
    this.#folder = folder
    this.#options = options
    makeFolder(folder)
    for (const name of namesIn(folder)) if (isStream(name)) this.stream(name)
  }

  /** The stream of this id; its folder is made where there is none. */
  stream(id: string): SinkStream {
    const there = this.#streams.get(id)
    if (there) return there
    const {
      segmentBytesMax = SEGMENT_BYTES_MAX,
      chunksRememberedMax = CHUNKS_REMEMBERED_MAX,
      bytesMax,
      log,
    } = this.#options
    const fits = (bytes: number): boolean => this.storedBytes + bytes <= bytesMax
    const stream = new SinkStream(join(this.#folder, id), id, { segmentBytesMax, chunksRememberedMax, fits, log })
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
    return this.streams.reduce((sum, { storedBytes }) => sum + storedBytes, 0)
  }

  get backlogBytes(): number {
    return this.streams.reduce((sum, { backlogBytes }) => sum + backlogBytes, 0)
  }

  /** What was acknowledged stays on disk for the next start. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.streams.map(async (stream) => await stream[Symbol.asyncDispose]()))
  }
}
