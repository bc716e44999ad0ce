import type { LogFiles, LogStatus } from './log-files.ts'
import { cursorAt, type LogPiece, readLogPieces } from './log-pieces.ts'
import type { SourceMemory } from './operation-memory.ts'
import type { HowLogIsRead, LogProblem, LogReading, Operation, OperationSource } from './operation.ts'

/** Where operations are read from, a log or a database. */
export interface SourceReader {
  readonly source: OperationSource
  /** Files that are locked while the package manager is at work. */
  readonly locks: readonly string[]
  /** What tells whether there is anything new; `undefined` where there is no such source. */
  status(): LogStatus | undefined
  /** What is told from a bit before the cursor on. `isOver`: nobody is at work. Throws what the machine throws. */
  read(how: { readonly memory: SourceMemory | undefined; readonly isOver: boolean }): SourceReading
}

/** An operation, and whether it stands behind what was told; `undefined`: only its name and date can tell. */
export interface PlacedOperation {
  readonly operation: Operation
  readonly isBehind: boolean | undefined
}

/** What a source tells now. */
export interface SourceReading {
  readonly operations: readonly PlacedOperation[]
  readonly problems: readonly LogProblem[]
  readonly skippedBytes: number
  /** The cursor where these operations wait to be over, by their names. */
  readonly cursorBefore: (waiting: ReadonlySet<string>) => SourceMemory['cursor']
}

/** A source that is a text, and its rotated forerunner. */
export function textSource(
  files: LogFiles,
  log: {
    readonly source: OperationSource
    readonly path: string
    readonly locks: readonly string[]
    readonly parse: (text: string, how: HowLogIsRead) => LogReading
  },
): SourceReader {
  const { source, path, locks, parse } = log
  return {
    source,
    locks,
    // Where there is none, it may have come and been rotated away since.
    status: () => files.status(path) ?? files.status(`${path}.1`) ?? files.status(`${path}.1.gz`),
    read: ({ memory, isOver }) => {
      const pieces = readLogPieces(files, path, { cursor: memory?.cursor, isBaseline: memory === undefined })
      return readingOf(pieces, { memory, read: (piece) => parse(piece.text, { isOver }) })
    },
  }
}

function readingOf(
  pieces: readonly LogPiece[],
  { memory, read }: { readonly memory: SourceMemory | undefined; readonly read: (piece: LogPiece) => LogReading },
): SourceReading {
  const operations: PlacedOperation[] = []
  const problems: LogProblem[] = []
  const places: { readonly id: string; readonly piece: LogPiece; readonly at: number }[] = []
  for (const piece of pieces) {
    const reading = read(piece)
    problems.push(...reading.problems.filter(({ line }) => isNewLine(piece, line)))
    for (const { operation, at } of reading.operations) {
      operations.push({ operation, isBehind: piece.newFrom === undefined ? undefined : at >= piece.newFrom })
      places.push({ id: operation.id, piece, at })
    }
  }
  return {
    operations,
    problems,
    skippedBytes: pieces.reduce((sum, { skippedBytes }) => sum + skippedBytes, 0),
    cursorBefore: (waiting) => {
      const place = places.find(({ id }) => waiting.has(id))
      if (place !== undefined) return cursorAt(place.piece, place.at)
      const piece = pieces.at(-1)
      return piece === undefined ? memory?.cursor : cursorAt(piece, piece.text.lastIndexOf('\n') + 1)
    },
  }
}

/** Whether a line, counted from 1, is one of those that are new. */
function isNewLine({ text, newFrom = 0 }: LogPiece, line: number): boolean {
  let at = 0
  for (let number = 1; number < line; number += 1) at = text.indexOf('\n', at) + 1
  return at >= newFrom
}
