import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { LogFiles } from './log-files.ts'

/** Bytes before what is new that are read again: what was told lately ties changes that are found now. */
export const LOOK_BACK_BYTES = 64 * 1024
/** Bytes of a log that are read at once; of a larger one what is newest. */
export const LOG_BYTES_MAX = 16 * 1024 * 1024
/** Rotated logs that are looked at; Debian keeps so many. */
export const ROTATED_MAX = 12
/** Bytes before a place by which it is known again; near a log's begin its first ones, as far as they are there. */
const MARK_BYTES = 64

/** A place in a log up to which everything was told, and how it is known again when the log was rotated or replaced. */
export const logCursor = z.object({
  inode: z.string(),
  offset: z.number(),
  mark: z.string(),
  /** Where the marked bytes end; the offset where nothing is said. */
  markEnd: z.number().optional(),
})
export type LogCursor = z.infer<typeof logCursor>

/** A part of a log, or of the one that it was rotated to. */
export interface LogPiece {
  readonly text: string
  readonly inode: string
  /** Bytes of the log before the text. */
  readonly base: number
  /**
   * From which byte of the text on everything is new. `undefined`: it is another log than the one that was read (copied
   * back, truncated, replaced), and only names and dates tell what is new.
   */
  readonly newFrom: number | undefined
  /** Bytes that are passed over because there are too many. */
  readonly skippedBytes: number
}

/**
 * Reads a log from a bit before the cursor on. Where it was rotated, the rest of the old one comes first, and all
 * between: `<path>.1`, `<path>.2.gz` …, known by what stands before the cursor. Of a baseline the last bit. Nothing where there is no log.
 */
export function readLogPieces(
  files: LogFiles,
  path: string,
  { cursor, isBaseline }: { readonly cursor: LogCursor | undefined; readonly isBaseline: boolean },
): LogPiece[] {
  const status = files.status(path)
  const current = (from: number): string => files.read(path, from, (status?.sizeBytes ?? 0) - from)
  if (isBaseline) {
    if (status === undefined) return []
    const base = Math.max(0, status.sizeBytes - LOOK_BACK_BYTES)
    return [{ inode: status.inode, base, newFrom: status.sizeBytes, text: current(base), skippedBytes: 0 }]
  }
  const whole = (newFrom: number | undefined): LogPiece[] =>
    status === undefined ? [] : [wholePiece({ ...status, newFrom, read: current })]
  if (cursor === undefined) return [...rotatedMeanwhile(files, path), ...whole(0)]
  const isSame =
    status !== undefined &&
    status.inode === cursor.inode &&
    status.sizeBytes >= cursor.offset &&
    isMarked(cursor, (from, to) => files.read(path, from, to - from))
  if (isSame) return [pieceFrom({ ...status, cursor, read: current })]
  // Of a log that was empty nothing tells which one it is now.
  if (markedPart(cursor).bytes === 0) return [...rotatedMeanwhile(files, path), ...whole(undefined)]
  const rotated = rotatedSince(files, path, cursor)
  return rotated === undefined ? whole(undefined) : [...rotated, ...whole(0)]
}

/** The cursor at a place of a piece, a byte of its text. */
export function cursorAt({ inode, base, text }: Pick<LogPiece, 'inode' | 'base' | 'text'>, at: number): LogCursor {
  const offset = base + at
  const end = Math.max(at, Math.min(MARK_BYTES - base, text.length))
  const mark = markOf(text.slice(Math.max(0, at - MARK_BYTES), end))
  return { inode, offset, mark, ...(end === at ? {} : { markEnd: base + end }) }
}

function markOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16)
}

function markedPart({ offset, markEnd = offset }: LogCursor): { from: number; to: number; bytes: number } {
  const from = Math.max(0, offset - MARK_BYTES)
  return { from, to: markEnd, bytes: markEnd - from }
}

function isMarked(cursor: LogCursor, between: (from: number, to: number) => string): boolean {
  const { from, to } = markedPart(cursor)
  return markOf(between(from, to)) === cursor.mark
}

function pieceFrom(of: {
  readonly inode: string
  readonly cursor: LogCursor
  readonly sizeBytes: number
  readonly read: (from: number) => string
}): LogPiece {
  const { inode, cursor, sizeBytes, read } = of
  const wanted = Math.max(0, cursor.offset - LOOK_BACK_BYTES)
  const base = Math.max(wanted, sizeBytes - LOG_BYTES_MAX)
  const newFrom = Math.max(0, cursor.offset - base)
  return { inode, base, newFrom, text: read(base), skippedBytes: Math.max(0, base - cursor.offset) }
}

function wholePiece(of: {
  readonly inode: string
  readonly sizeBytes: number
  readonly newFrom: number | undefined
  readonly read: (from: number) => string
}): LogPiece {
  const base = Math.max(0, of.sizeBytes - LOG_BYTES_MAX)
  return { inode: of.inode, base, newFrom: of.newFrom, text: of.read(base), skippedBytes: base }
}

/** Logs that came and were rotated before anything of them was read, oldest first: dates tell what is new in them. */
function rotatedMeanwhile(files: LogFiles, path: string): LogPiece[] {
  const pieces: LogPiece[] = []
  for (let number = 1; number <= ROTATED_MAX; number += 1) {
    const rotated = rotatedLog(files, `${path}.${number}`)
    if (rotated === undefined) break
    const { sizeBytes, between } = rotated
    pieces.unshift(wholePiece({ ...rotated, newFrom: undefined, read: (from) => between(from, sizeBytes) }))
  }
  return pieces
}

/** What was rotated since the cursor, oldest first; `undefined` where the log that the cursor is of is not found. */
function rotatedSince(files: LogFiles, path: string, cursor: LogCursor): LogPiece[] | undefined {
  const newer: LogPiece[] = []
  for (let number = 1; number <= ROTATED_MAX; number += 1) {
    const rotated = rotatedLog(files, `${path}.${number}`)
    if (rotated === undefined) return undefined
    const { sizeBytes, between } = rotated
    const isIt = sizeBytes >= cursor.offset && isMarked(cursor, between)
    const read = (from: number): string => between(from, sizeBytes)
    if (isIt) return [pieceFrom({ ...rotated, cursor, read }), ...newer]
    newer.unshift(wholePiece({ ...rotated, newFrom: 0, read }))
  }
  return undefined
}

interface RotatedLog {
  readonly inode: string
  readonly sizeBytes: number
  readonly between: (from: number, to: number) => string
}

function rotatedLog(files: LogFiles, path: string): RotatedLog | undefined {
  const status = files.status(path)
  if (status !== undefined) return { ...status, between: (from, to) => files.read(path, from, to - from) }
  const text = files.status(`${path}.gz`) === undefined ? undefined : files.unpacked(`${path}.gz`, LOG_BYTES_MAX)
  if (text === undefined) return undefined
  return { inode: '', sizeBytes: text.length, between: (from, to) => text.slice(from, to) }
}
