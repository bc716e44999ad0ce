import fc from 'fast-check'
import { expect, test } from 'vitest'

import { inlineOf, linesOf, rowsOf } from './diff-rows.ts'
import { LINE_CHARACTERS_MAX, piecesOf } from './line-text.ts'
import { aroundMark, atMarks } from './marks.ts'

const hunk = {
  fromStart: 5,
  fromLines: 5,
  toStart: 5,
  toLines: 5,
  lines: [' same', '-Port 22', '-a b', '+Port 2222', '+a  b', ' end', '-gone', '+last', '\\ No newline at end of file'],
}

test('removed and added lines stand side by side, with what is left out before them', () => {
  const rows = rowsOf([hunk])
  expect(rows.map((row) => row.kind)).toEqual(['gap', 'same', 'changed', 'changed', 'same', 'changed'])
  expect(rows[0]).toEqual({ kind: 'gap', lineCount: 4, afterLine: 0 })
  expect(rows[2]).toMatchObject({
    before: { number: 6, text: 'Port 22', changedFrom: 7, changedTo: 7 },
    after: { number: 6, text: 'Port 2222', changedFrom: 7, changedTo: 9 },
    isSpaceOnly: false,
  })
  expect(rows[3]).toMatchObject({ isSpaceOnly: true })
  expect(rows[5]).toMatchObject({ before: { isWithoutEnd: false }, after: { number: 9, isWithoutEnd: true } })
})

test('inline, what stood there comes before what stands there', () => {
  const told = inlineOf(rowsOf([hunk])).map((line) => ('kind' in line ? line.kind : `${line.sign}${line.side.text}`))
  expect(told).toEqual(['gap', ' same', '-Port 22', '-a b', '+Port 2222', '+a  b', ' end', '-gone', '+last'])
})

test('between two hunks, what both leave out is counted', () => {
  const second = { fromStart: 30, fromLines: 1, toStart: 31, toLines: 0, lines: ['-x'] }
  expect(rowsOf([hunk, second]).filter((row) => row.kind === 'gap')).toEqual([
    { kind: 'gap', lineCount: 4, afterLine: 0 },
    { kind: 'gap', lineCount: 20, afterLine: 9 },
  ])
  const fromNothing = { fromStart: 0, fromLines: 0, toStart: 1, toLines: 1, lines: ['+a'] }
  expect(rowsOf([fromNothing])).toMatchObject([{ before: undefined, after: { number: 1, text: 'a' } }])
})

test('a blank line that came or went is only white space', () => {
  const rows = rowsOf([{ fromStart: 1, fromLines: 1, toStart: 1, toLines: 2, lines: [' a', '+  '] }])
  expect(rows[1]).toMatchObject({ kind: 'changed', before: undefined, isSpaceOnly: true })
})

// Mutants that this failed for: the suffix may overlap the prefix; half a surrogate pair is marked.
test('the part that differs joins with what is around it to the line, and cuts no character in two', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '😀', '😁', 'é'), maxLength: 6 })
  fc.assert(
    fc.property(text, text, (from, to) => {
      const [row] = rowsOf([{ fromStart: 1, fromLines: 1, toStart: 1, toLines: 1, lines: [`-${from}`, `+${to}`] }])
      if (row?.kind !== 'changed' || !row.before || !row.after) throw new Error('there is one row with both sides')
      const parts = [row.before, row.after].map(({ text: line, changedFrom, changedTo }) => {
        expect(changedFrom).toBeLessThanOrEqual(changedTo)
        return [line.slice(0, changedFrom), line.slice(changedFrom, changedTo), line.slice(changedTo)]
      })
      expect(parts.flat().every((part) => part.isWellFormed())).toBe(true)
      const isMarked = row.before.changedTo > 0 || row.after.changedTo > 0
      if (isMarked) expect([parts[0]?.[0], parts[0]?.[2]]).toEqual([parts[1]?.[0], parts[1]?.[2]])
    }),
  )
})

test('a text is its lines, and its last one may have no end', () => {
  expect(linesOf('')).toEqual([])
  expect(linesOf('a\nb\n').map(({ number, isWithoutEnd }) => [number, isWithoutEnd])).toEqual([
    [1, false],
    [2, false],
  ])
  expect(linesOf('a\n\nb').map(({ text, isWithoutEnd }) => [text, isWithoutEnd])).toEqual([
    ['a', false],
    ['', false],
    ['b', true],
  ])
})

test('what turns or hides text is shown, tabs stay, and blanks are visible where only they differ', () => {
  const [side] = linesOf('\ta\u202eb c\r')
  expect(piecesOf(side, { isSpaceShown: false }).after).toBe('\ta\\u202eb c\\u000d')
  expect(piecesOf(side, { isSpaceShown: true }).after).toBe('→\ta\\u202eb·c\\u000d')
})

test('a very long line is cut around what differs', () => {
  const [from, to] = ['x', 'y'].map((one) => `${'a'.repeat(50_000)}${one}${'b'.repeat(50_000)}`)
  const [row] = rowsOf([{ fromStart: 1, fromLines: 1, toStart: 1, toLines: 1, lines: [`-${from}`, `+${to}`] }])
  if (row?.kind !== 'changed') throw new Error('a changed row')
  const { before, changed, after } = piecesOf(row.after!, { isSpaceShown: false })
  expect([before.length, changed]).toEqual([201, 'y'])
  expect(after).toMatch(/^b{200}… \(49,800 more characters\)$/)
  expect(piecesOf(linesOf('c'.repeat(9_000))[0], { isSpaceShown: false }).after.length).toBeLessThan(
    LINE_CHARACTERS_MAX + 40,
  )
})

test('marks of hidden secrets are told from the text around them', () => {
  expect(atMarks('password = [redacted 3f2a] # [redacted]')).toEqual([
    'password = ',
    '[redacted 3f2a]',
    ' # [redacted]',
  ])
})

test('a mark is marked as a whole, though only its digits differ', () => {
  const lines = ['-token = [redacted 3f2a] # x', '+token = [redacted 3f01] # x']
  const [row] = rowsOf([{ fromStart: 1, fromLines: 1, toStart: 1, toLines: 1, lines }])
  if (row?.kind !== 'changed' || !row.after) throw new Error('a changed row')
  expect(piecesOf(row.after, { isSpaceShown: false })).toEqual({
    before: 'token = ',
    changed: '[redacted 3f01]',
    after: ' # x',
  })
  expect([0, 3, 4, 18].map((place) => aroundMark('ab [redacted 3f2a]', place))).toEqual([
    [0, 0],
    [3, 3],
    [3, 18],
    [18, 18],
  ])
})
