import { expect, test } from 'vitest'

import { gapsIn, lanesOf } from './gaps.ts'

const iso = (seconds: number): string => new Date(seconds * 1_000).toISOString()
const row = (id: string, more: Record<string, string | null>) => ({
  RecordId: id,
  TimeGenerated: iso(90),
  Reason: 'unreadable',
  From: null,
  To: null,
  ...more,
})

test('gaps stand on the line of their reason, from their begin to their end, within the line', () => {
  const gaps = gapsIn([
    row('whole', { From: iso(25), To: iso(50), Reason: 'watch-overflowed' }),
    row('early', { From: iso(-50), To: iso(50), Reason: 'watch-overflowed' }),
    row('point', {}),
  ])
  const lanes = lanesOf(gaps, { fromMs: 0, toMs: 100_000 })
  expect(lanes.map(({ reason, marks }) => [reason, marks.map(({ id, left, width }) => [id, left, width])])).toEqual([
    [
      'watch-overflowed',
      [
        ['whole', 0.25, 0.25],
        ['early', 0, 0.5],
      ],
    ],
    ['unreadable', [['point', 0.9, 0]]],
  ])
})
