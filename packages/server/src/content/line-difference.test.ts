// Goal: whoever applies the hunks to the first text has the second. Method: a naive twin that applies them, and texts of
// few different lines, so that they have much in common; mutants killed: CONTEXT_LINES of 0 in one place, `tail` without `same`.
import type { ContentHunk } from '@tidemark/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { EDITS_MAX, lineDifference } from './line-difference.ts'

/** The second text, from the first and its difference to it. */
function applied(from: string, hunks: readonly ContentHunk[]): string {
  const lines = from.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const result: string[] = []
  let at = 0
  for (const { fromStart, fromLines, lines: told } of hunks) {
    result.push(...lines.slice(at, Math.max(0, fromStart - 1)))
    at = Math.max(0, fromStart - 1) + fromLines
    for (const [index, line] of told.entries()) {
      if (line.startsWith('-') || line.startsWith('\\')) continue
      result.push(told[index + 1]?.startsWith('\\') ? line.slice(1) : `${line.slice(1)}\n`)
    }
  }
  return [...result, ...lines.slice(at)].join('')
}

const text = fc
  .tuple(fc.array(fc.constantFrom('', 'a', 'b', 'c ', '\\', '-x', '+y')), fc.boolean())
  .map(([lines, hasEnd]) => lines.join('\n') + (hasEnd && lines.length > 0 ? '\n' : ''))

test('the hunks make the second text of the first', () => {
  const holds = (from: string, to: string): void => {
    expect(applied(from, lineDifference(from, to))).toBe(to)
  }
  fc.assert(fc.property(text, text, holds))
})

test('also where too much differs to look for the shortest way, and in little time', () => {
  const lines = (word: string) => Array.from({ length: 2 * EDITS_MAX }, (_, number) => `${word} ${number}\n`).join('')
  const [from, to] = [`same\n${lines('a')}end`, `same\n${lines('b')}end\n`]
  const startedMs = performance.now()
  const hunks = lineDifference(from, to)
  expect(performance.now() - startedMs).toBeLessThan(10_000)
  expect(hunks).toHaveLength(1)
  expect(applied(from, hunks)).toBe(to)
})

test('a line, its place and what is around it', () => {
  expect(lineDifference('a\nb\nc\n', 'a\nB\nc\n')).toEqual([
    { fromStart: 1, fromLines: 3, toStart: 1, toLines: 3, lines: [' a', '-b', '+B', ' c'] },
  ])
  expect(lineDifference('', 'a\n')).toEqual([{ fromStart: 0, fromLines: 0, toStart: 1, toLines: 1, lines: ['+a'] }])
  expect(lineDifference('a', 'a\n')[0]?.lines).toEqual(['-a', '\\ No newline at end of file', '+a'])
  expect(lineDifference('a', 'a')).toEqual([])
})
