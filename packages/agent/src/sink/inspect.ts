import { join } from 'node:path'

import { parseCursor, type Tally } from './cursor.ts'
import { parsePayload, parsePreface, type SinkRecord } from './segment.ts'
import { scanRecords, segmentsIn } from './segments.ts'
import { readTextIfThere, systemFiles } from './sink-files.ts'

/** What lies in one stream of a sink on disk. */
export interface StreamListing {
  readonly id: string
  readonly segments: number
  readonly bytes: number
  readonly records: number
  readonly rows: number
  /** When the oldest and the newest record were taken, milliseconds since 1970. */
  readonly oldestMs?: number
  readonly newestMs?: number
  /** Rows that a destination does not have yet, by its channel. */
  readonly waiting: Readonly<Record<string, number>>
  /** Rows that were dropped and are not told yet. */
  readonly untold: readonly Tally[]
  /** Files with damaged parts that were set aside. */
  readonly damaged: readonly string[]
}

/** Looks at every stream below a sink's folder, reading only; the agent may run meanwhile. Throws node's error where there is none. */
export function listSink(folder: string, isStream: (name: string) => boolean): StreamListing[] {
  return systemFiles
    .namesIn(folder)
    .filter(isStream)
    .map((id) => listStream(folder, id))
}

function listStream(folder: string, id: string): StreamListing {
  const at = join(folder, id)
  const cursor = parseCursor(readTextIfThere(systemFiles, join(at, 'cursor.json')))
  const waiting: Record<string, number> = Object.fromEntries(
    Object.keys(cursor?.readers ?? {}).map((name) => [name, 0]),
  )
  let [bytes, records, rows] = [0, 0, 0]
  const moments: number[] = []
  const numbers = segmentsIn(systemFiles, at)
  for (const { payload, segment, offset } of recordsOf(at, numbers)) {
    const preface = parsePreface(payload)
    bytes += payload.length
    records += 1
    rows += preface?.count ?? 0
    if (preface?.at !== undefined) moments.push(preface.at)
    for (const [name, { position }] of Object.entries(cursor?.readers ?? {}))
      if (segment > position.segment || (segment === position.segment && offset >= position.offset))
        waiting[name] = (waiting[name] ?? 0) + (preface?.count ?? 0)
  }
  const [oldestMs, newestMs] = [moments.at(0), moments.at(-1)]
  return {
    id,
    segments: numbers.length,
    bytes,
    records,
    rows,
    ...(oldestMs === undefined ? {} : { oldestMs }),
    ...(newestMs === undefined ? {} : { newestMs }),
    waiting,
    untold: [cursor?.telling, cursor?.dropped].filter((each) => each !== undefined),
    damaged: systemFiles.namesIn(at).filter((name) => name.endsWith('.damaged')),
  }
}

/** The records of one stream on disk, oldest first, with their place; reading only. */
export function* readSink(folder: string, id: string): Generator<SinkRecord & { readonly place: string }> {
  const at = join(folder, id)
  for (const { payload, segment, offset } of recordsOf(at, segmentsIn(systemFiles, at))) {
    const record = parsePayload(payload)
    if (record) yield { ...record, place: `${String(segment).padStart(8, '0')}:${offset}` }
  }
}

function* recordsOf(
  folder: string,
  numbers: readonly number[],
): Generator<{ payload: Buffer; segment: number; offset: number }> {
  for (const segment of numbers) {
    const path = join(folder, `${String(segment).padStart(8, '0')}.segment`)
    // A segment that is uploaded goes while we look.
    const size = systemFiles.sizeOf(path) ?? 0
    const read = (offset: number, bytesMax: number): Buffer => systemFiles.read(path, offset, bytesMax)
    try {
      for (const found of scanRecords({ read, from: 0, to: size })) {
        if (!('payload' in found)) break
        yield { payload: found.payload, segment, offset: found.at }
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
}
