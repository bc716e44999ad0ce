import type { ContentHunk } from '@tidemark/model'

import { aroundMark } from './marks.ts'

/** A line of one of the two versions. */
export interface DiffSide {
  /** Counts from 1. */
  readonly number: number
  readonly text: string
  /** Where in `text` the part that differs from the other side begins and ends; the same place where it is not marked. */
  readonly changedFrom: number
  readonly changedTo: number
  /** Whether the file ends with this line, without a line feed. */
  readonly isWithoutEnd: boolean
}

/** A row of two versions side by side. */
export type DiffRow =
  | { readonly kind: 'same'; readonly before: DiffSide; readonly after: DiffSide }
  /** One side is missing where a line was added or removed. `isSpaceOnly`: nothing but white space differs. */
  | {
      readonly kind: 'changed'
      readonly before: DiffSide | undefined
      readonly after: DiffSide | undefined
      readonly isSpaceOnly: boolean
    }
  | Gap

/** Lines that both have and that are left out. */
export interface Gap {
  readonly kind: 'gap'
  readonly lineCount: number
  /** Number of the line before it in the version before, 0 at the beginning. */
  readonly afterLine: number
}

/** The rows of a difference: removed and added lines that follow each other stand side by side. */
export function rowsOf(hunks: readonly ContentHunk[]): DiffRow[] {
  const rows: DiffRow[] = []
  let next = 1
  for (const hunk of hunks) {
    if (hunk.fromStart > next) rows.push({ kind: 'gap', lineCount: hunk.fromStart - next, afterLine: next - 1 })
    next = Math.max(next, hunk.fromStart + hunk.fromLines)
    rows.push(...rowsOfHunk(hunk))
  }
  return rows
}

function rowsOfHunk({ fromStart, toStart, lines }: ContentHunk): DiffRow[] {
  const rows: DiffRow[] = []
  let [from, to] = [fromStart, toStart]
  let [removed, added]: [DiffSide[], DiffSide[]] = [[], []]
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1)
      rows.push(changedRow(removed[index], added[index]))
    ;[removed, added] = [[], []]
  }
  for (const [index, line] of lines.entries()) {
    const [sign, text] = [line[0], line.slice(1)]
    const isWithoutEnd = lines[index + 1]?.startsWith('\\') ?? false
    if (sign === '-') removed.push(sideOf(from++, text, isWithoutEnd))
    else if (sign === '+') added.push(sideOf(to++, text, isWithoutEnd))
    else if (sign !== '\\') {
      flush()
      rows.push({
        kind: 'same',
        before: sideOf(from++, text, isWithoutEnd),
        after: sideOf(to++, text, isWithoutEnd),
      })
    }
  }
  flush()
  return rows
}

/** One version alone, as rows of its lines. */
export function linesOf(text: string): DiffSide[] {
  if (text === '') return []
  const lines = text.split('\n')
  const isEnded = lines.at(-1) === ''
  if (isEnded) lines.pop()
  return lines.map((line, index) => sideOf(index + 1, line, !isEnded && index === lines.length - 1))
}

function sideOf(number: number, text: string, isWithoutEnd: boolean): DiffSide {
  return { number, text, changedFrom: 0, changedTo: 0, isWithoutEnd }
}

function changedRow(before: DiffSide | undefined, after: DiffSide | undefined): DiffRow {
  const isSpaceOnly = withoutSpace(before?.text) === withoutSpace(after?.text)
  if (before === undefined || after === undefined) return { kind: 'changed', before, after, isSpaceOnly }
  const [prefix, suffix] = commonEnds(before.text, after.text)
  // Lines that have nothing in common are marked as a whole already.
  const marked = (side: DiffSide): DiffSide =>
    prefix + suffix === 0 ? side : { ...side, changedFrom: prefix, changedTo: side.text.length - suffix }
  return { kind: 'changed', before: marked(before), after: marked(after), isSpaceOnly }
}

function withoutSpace(text: string | undefined): string {
  return (text ?? '').replaceAll(/\s/g, '')
}

/** How many characters two texts share at their beginning, and how many more at their end. Cuts no character and no mark. */
function commonEnds(a: string, b: string): [number, number] {
  const length = Math.min(a.length, b.length)
  let prefix = 0
  while (prefix < length && a[prefix] === b[prefix]) prefix += 1
  if (prefix > 0 && isHighSurrogate(a, prefix - 1)) prefix -= 1
  let suffix = 0
  while (suffix < length - prefix && a.at(-1 - suffix) === b.at(-1 - suffix)) suffix += 1
  if (suffix > 0 && isHighSurrogate(a, a.length - suffix - 1)) suffix -= 1
  const both = [a, b]
  return [
    Math.min(...both.map((text) => aroundMark(text, prefix)[0])),
    Math.min(...both.map((text) => text.length - aroundMark(text, text.length - suffix)[1])),
  ]
}

function isHighSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code >= 0xd800 && code <= 0xdbff
}

/** A line below a line: what stood there before, then what stands there now. */
export interface InlineLine {
  readonly sign: ' ' | '-' | '+'
  readonly before: number | undefined
  readonly after: number | undefined
  readonly side: DiffSide
  readonly isSpaceOnly: boolean
}

/** The rows of a difference as lines one below the other; a gap stays a gap. */
export function inlineOf(rows: readonly DiffRow[]): (InlineLine | Gap)[] {
  const lines: (InlineLine | Gap)[] = []
  let added: InlineLine[] = []
  const flush = (): void => {
    lines.push(...added)
    added = []
  }
  for (const row of rows) {
    if (row.kind !== 'changed') flush()
    if (row.kind === 'gap') lines.push(row)
    else if (row.kind === 'same') {
      const [before, after] = [row.before.number, row.after.number]
      lines.push({ sign: ' ', before, after, side: row.after, isSpaceOnly: false })
    } else {
      const { before, after, isSpaceOnly } = row
      if (before) lines.push({ sign: '-', before: before.number, after: undefined, side: before, isSpaceOnly })
      if (after) added.push({ sign: '+', before: undefined, after: after.number, side: after, isSpaceOnly })
    }
  }
  flush()
  return lines
}
