import { safeText } from '../view/text.ts'
import type { DiffSide } from './diff-rows.ts'

/** Characters of one line that are shown; lines of what a program made may have millions. */
export const LINE_CHARACTERS_MAX = 2_000
/** Characters that are kept on each side of the part that differs, where the line is cut. */
const AROUND_CHARACTERS = 200

/** A line in its three parts, harmless as text: what is the same, what differs, what is the same again. */
export interface LinePieces {
  readonly before: string
  readonly changed: string
  readonly after: string
}

/** The parts of a line. `isSpaceShown`: blanks and tabs become visible, for lines that differ in nothing else. */
export function piecesOf(side: DiffSide, { isSpaceShown }: { readonly isSpaceShown: boolean }): LinePieces {
  const { text, changedFrom, changedTo } = side
  const pieces = shortened(text.slice(0, changedFrom), text.slice(changedFrom, changedTo), text.slice(changedTo))
  const [before = '', changed = '', after = ''] = pieces.map((piece) =>
    harmless(isSpaceShown ? withSpaces(piece) : piece),
  )
  return { before, changed, after }
}

function shortened(before: string, changed: string, after: string): string[] {
  if (before.length + changed.length + after.length <= LINE_CHARACTERS_MAX) return [before, changed, after]
  const isMarked = changed !== ''
  const head = isMarked && before.length > AROUND_CHARACTERS ? `…${before.slice(-AROUND_CHARACTERS)}` : before
  return [head, cut(changed, LINE_CHARACTERS_MAX), cut(after, isMarked ? AROUND_CHARACTERS : LINE_CHARACTERS_MAX)]
}

function cut(text: string, charactersMax: number): string {
  const more = text.length - charactersMax
  return more <= 0 ? text : `${text.slice(0, charactersMax)}… (${more.toLocaleString()} more characters)`
}

function withSpaces(text: string): string {
  return text.replaceAll(' ', '·').replaceAll('\t', '→\t')
}

/** As `safeText`, but tabs stay what they are: they belong into files. */
function harmless(text: string): string {
  return text.split('\t').map(safeText).join('\t')
}
