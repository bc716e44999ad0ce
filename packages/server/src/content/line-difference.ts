import type { ContentHunk } from '@tidemark/model'
import { structuredPatch } from 'diff'

/** Lines around a difference that are told with it. */
export const CONTEXT_LINES = 3
/** Lines that differ at most for the shortest difference to be looked for: the work grows with the square of it. */
export const EDITS_MAX = 4_000

/**
 * What differs between two texts, line by line, as `diff -u` tells it. Beyond `EDITS_MAX` it is right, but not the
 * shortest: all between the first and the last line that differ counts as replaced.
 */
export function lineDifference(from: string, to: string): readonly ContentHunk[] {
  if (from === to) return []
  const options = { context: CONTEXT_LINES, maxEditLength: EDITS_MAX }
  const patch = structuredPatch('', '', from, to, '', '', options)
  if (patch === undefined) return replacedLines(from, to)
  return patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    fromStart: oldLines === 0 ? 0 : oldStart,
    fromLines: oldLines,
    toStart: newLines === 0 ? 0 : newStart,
    toLines: newLines,
    lines,
  }))
}

const NO_END = String.raw`\ No newline at end of file`

function replacedLines(from: string, to: string): ContentHunk[] {
  const [before, after] = [linesOf(from), linesOf(to)]
  const shorter = Math.min(before.length, after.length)
  let same = 0
  while (same < shorter && before[same] === after[same]) same += 1
  let tail = 0
  while (tail < shorter - same && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  const start = Math.max(0, same - CONTEXT_LINES)
  const behind = Math.min(tail, CONTEXT_LINES)
  const [fromEnd, toEnd] = [before.length - tail, after.length - tail]
  const lines = [
    ...before.slice(start, same).flatMap((line) => told(' ', line)),
    ...before.slice(same, fromEnd).flatMap((line) => told('-', line)),
    ...after.slice(same, toEnd).flatMap((line) => told('+', line)),
    ...before.slice(fromEnd, fromEnd + behind).flatMap((line) => told(' ', line)),
  ]
  const [fromLines, toLines] = [fromEnd + behind - start, toEnd + behind - start]
  return [
    { fromStart: fromLines === 0 ? 0 : start + 1, fromLines, toStart: toLines === 0 ? 0 : start + 1, toLines, lines },
  ]
}

/** Lines with their ends, so that a last one without is another one. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  return [...lines.map((line) => `${line}\n`), ...(last === '' ? [] : [last])]
}

function told(mark: string, line: string): string[] {
  return line.endsWith('\n') ? [`${mark}${line.slice(0, -1)}`] : [`${mark}${line}`, NO_END]
}
