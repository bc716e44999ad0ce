import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { LogFiles } from './log-files.ts'

/** Bytes before what is new that are read again: what was told lately ties changes that are found now. */
export const LOOK_BACK_BYTES = 64 * 1024
/** Bytes of a log that are read at once; of a larger one what is newest. */
export const LOG_BYTES_MAX = 16 * 1024 * 1024
/** Bytes before a place by which it is known again. */
const MARK_BYTES = 64

/** A place in a log up to which everything was told, and how it is known again when the log was rotated or replaced. */
export const logCursor = z.object({ inode: z.string(), offset: z.number(), mark: z.string() })
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
 * Reads a log from a bit before the cursor on. Where it was rotated, the rest of the old one comes first: `<path>.1` or
 * `<path>.1.gz`, known by what stands before the cursor. Of a baseline the last bit. Nothing where there is no log.
 */
export function readLogPieces(
  files: LogFiles,
  path: string,
  { cursor, isBaseline }: { readonly cursor: LogCursor | undefined; readonly isBaseline: boolean },
): LogPiece[] {
  const status = files.status(path)
  if (status === undefined) return []
  const { inode, sizeBytes } = status
  const current = (from: number): string => files.read(path, from, sizeBytes - from)
  if (cursor !== undefined) {
    const isSame =
      inode === cursor.inode && sizeBytes >= cursor.offset && isMarked(cursor, readBefore(files, path, cursor))
    if (isSame) return [pieceFrom({ inode, cursor, sizeBytes, read: (from) => current(from) })]
    const rest = restOfRotated(files, path, cursor)
    if (rest !== undefined) return [rest, wholePiece({ inode, sizeBytes, newFrom: 0, read: current })]
  }
  if (!isBaseline)
    return [wholePiece({ inode, sizeBytes, newFrom: cursor === undefined ? 0 : undefined, read: current })]
  const base = Math.max(0, sizeBytes - LOOK_BACK_BYTES)
  return [{ inode, base, newFrom: sizeBytes, text: current(base), skippedBytes: 0 }]
}

/** The cursor at a place of a piece, a byte of its text. */
export function cursorAt({ inode, base, text }: Pick<LogPiece, 'inode' | 'base' | 'text'>, at: number): LogCursor {
  return { inode, offset: base + at, mark: markOf(text.slice(Math.max(0, at - MARK_BYTES), at)) }
}

function markOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16)
}

function readBefore(files: LogFiles, path: string, { offset }: LogCursor): string {
  const from = Math.max(0, offset - MARK_BYTES)
  return files.read(path, from, offset - from)
}

function isMarked(cursor: LogCursor, before: string): boolean {
  return markOf(before) === cursor.mark
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

function restOfRotated(files: LogFiles, path: string, cursor: LogCursor): LogPiece | undefined {
  const plain = `${path}.1`
  const status = files.status(plain)
  if (status !== undefined && status.sizeBytes >= cursor.offset && isMarked(cursor, readBefore(files, plain, cursor))) {
    const read = (from: number): string => files.read(plain, from, status.sizeBytes - from)
    return pieceFrom({ inode: status.inode, cursor, sizeBytes: status.sizeBytes, read })
  }
  if (files.status(`${plain}.gz`) === undefined) return undefined
  const text = files.unpacked(`${plain}.gz`, LOG_BYTES_MAX)
  const before = text?.slice(Math.max(0, cursor.offset - MARK_BYTES), cursor.offset)
  if (text === undefined || before === undefined || text.length < cursor.offset || !isMarked(cursor, before))
    return undefined
  return pieceFrom({ inode: '', cursor, sizeBytes: text.length, read: (from) => text.slice(from) })
}
