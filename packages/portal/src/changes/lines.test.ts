import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { AnswerRow } from '../api/answer-row.ts'
import { FLAP_GAP_MS_MAX, lineKey, linesOf, newerThan, newestTime } from './lines.ts'

const startMs = Date.UTC(2026, 0, 1)
const at = (minutes: number): string => new Date(startMs - minutes * 60_000).toISOString()
const file = (id: number, more: AnswerRow = {}): AnswerRow => ({
  RecordId: `r${id}`,
  TimeGenerated: at(id),
  Computer: 'a',
  ConfigChangeType: 'Files',
  ...more,
})
const daemon = (id: number, more: AnswerRow = {}): AnswerRow =>
  file(id, {
    ConfigChangeType: 'Daemons',
    ChangeCategory: 'Modified',
    SvcName: 'web',
    FieldsChanged: 'SvcState, SvcRestarts',
    ...more,
  })
const shape = (rows: readonly AnswerRow[], open: readonly string[] = []): string[] =>
  linesOf(rows, new Set(open)).map((line) =>
    line.kind === 'group'
      ? `${line.group.kind} ${line.group.rows.length}`
      : `${line.isInside ? '  ' : ''}${lineKey(line)}`,
  )

test('the changes of one package operation on one machine are one line where the first of them stood', () => {
  const rows = [
    file(1),
    file(2, { OperationId: 'op' }),
    file(3),
    file(4, { OperationId: 'op' }),
    file(5, { OperationId: 'op', Computer: 'b' }),
  ]
  expect(shape(rows)).toEqual(['r1', 'operation 2', 'r3', 'r5'])
  expect(shape(rows, ['op@a'])).toEqual(['r1', 'operation 2', '  r2', '  r4', 'r3', 'r5'])
})

test('a daemon that goes up and down is one line, until it is quiet for long', () => {
  const quiet = FLAP_GAP_MS_MAX / 60_000 + 1
  const rows = [1, 2, 3, 3 + quiet, 4 + quiet].map((minutes) => daemon(minutes))
  expect(shape(rows)).toEqual(['flaps 3', `r${3 + quiet}`, `r${4 + quiet}`])
})

test.each([
  ['another field changed too', { FieldsChanged: 'SvcState,SvcPath' }],
  ['it was added', { ChangeCategory: 'Added' }],
  ['the state did not change', { FieldsChanged: 'SvcRestarts' }],
])('no flap where %s', (_what, more) => {
  expect(shape([daemon(1), daemon(2, more), daemon(3)])).toHaveLength(3)
})

test('a group keeps its key when newer changes join it', () => {
  const rows = [daemon(2), daemon(3), daemon(4)]
  const key = (all: readonly AnswerRow[]) => linesOf(all, new Set()).map(lineKey)
  expect(key([daemon(1), ...rows])).toEqual(key(rows))
})

test('every change stands once, alone or in its group, whatever comes', () => {
  const row = fc.record({
    OperationId: fc.constantFrom('', 'x', 'y'),
    Computer: fc.constantFrom('a', 'b'),
    ConfigChangeType: fc.constantFrom('Files', 'Daemons'),
    ChangeCategory: fc.constant('Modified'),
    SvcName: fc.constantFrom('s', 't'),
    FieldsChanged: fc.constantFrom('SvcState', 'Size'),
    minutes: fc.nat(60),
  })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (made) => {
      const rows = made.map(({ minutes, ...more }, index) => ({ ...file(index), ...more, TimeGenerated: at(minutes) }))
      const told = linesOf(rows, new Set()).flatMap((line) => (line.kind === 'group' ? line.group.rows : [line.row]))
      expect(told.map((one) => one['RecordId']).sort()).toEqual(rows.map((one) => one.RecordId as string).sort())
    }),
  )
})

test('new changes are counted from the newest that was seen', () => {
  const rows = [file(1), file(2), file(3)]
  expect(newestTime(rows)).toBe(at(1))
  expect([newerThan(rows, at(2)), newerThan(rows, newestTime(rows)), newestTime([])]).toEqual([1, 0, ''])
})
