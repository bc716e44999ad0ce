import { join } from 'node:path'

import { z } from 'zod'

import { readTextIfThere, replaceFile, type SinkFiles } from './sink-files.ts'

const positionShape = z.object({ segment: z.number().int().min(1), offset: z.number().int().min(0) })

const readerShape = z.object({
  /** Where its next batch begins. */
  position: positionShape,
  /** The batch under way, on disk before anybody sees it. */
  batch: z.object({ id: z.string(), to: positionShape }).optional(),
})
export type ReaderPlace = z.infer<typeof readerShape>

/** Rows that will never be uploaded, until a visibility record tells of them. */
const tallyShape = z.object({
  /** The chunk id under which it is told, once. */
  id: z.string(),
  rows: z.number().int(),
  bytes: z.number().int(),
  /** Bytes in which nobody knows how many rows there were. */
  damagedBytes: z.number().int(),
  /** When the first and the last of them were taken, milliseconds since 1970. */
  fromMs: z.number().optional(),
  toMs: z.number().optional(),
})
export type Tally = z.infer<typeof tallyShape>

const cursorShape = z.object({
  readers: z.record(z.string(), readerShape).default({}),
  /** Segments that were given up: counted below, perhaps not removed yet. */
  gone: z.array(z.number().int()).default([]),
  /** Dropped since the last telling. */
  dropped: tallyShape.optional(),
  /** Being told: the record's chunk may be in a stream already. */
  telling: tallyShape.optional(),
})
export type CursorState = z.infer<typeof cursorShape>

const CURSOR = 'cursor.json'

/** What a stream has to remember beside its segments, as one file that is replaced as a whole. */
export class Cursor {
  readonly #path: string
  readonly #files: SinkFiles
  #state: CursorState

  constructor(folder: string, files: SinkFiles) {
    this.#path = join(folder, CURSOR)
    this.#files = files
    this.#state = parseCursor(readTextIfThere(files, this.#path)) ?? { readers: {}, gone: [] }
  }

  get state(): CursorState {
    return this.#state
  }

  /** Throws node's error, and changes nothing, where the disk says no. */
  save(state: CursorState): void {
    replaceFile(this.#files, this.#path, Buffer.from(JSON.stringify(state)))
    this.#state = state
  }

  saveReader(name: string, place: ReaderPlace): void {
    this.save({ ...this.#state, readers: { ...this.#state.readers, [name]: place } })
  }
}

/** A cursor's text; `undefined` where it is none. */
export function parseCursor(text: string | undefined): CursorState | undefined {
  if (text === undefined) return undefined
  try {
    return cursorShape.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Two tallies as one, under the first one's id. */
export function mergedTally(one: Tally | undefined, more: Tally): Tally {
  if (one === undefined) return more
  const fromMs = least([one.fromMs, more.fromMs])
  const toMs = least([one.toMs, more.toMs].map((each) => (each === undefined ? undefined : -each)))
  return {
    id: one.id,
    rows: one.rows + more.rows,
    bytes: one.bytes + more.bytes,
    damagedBytes: one.damagedBytes + more.damagedBytes,
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs: -toMs }),
  }
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
