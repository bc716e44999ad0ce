import { expect, test } from 'vitest'

import { chartData, SERIES_MAX } from './chart-data.ts'

const table = (columns: [string, 'datetime' | 'string' | 'long'][], rows: (string | number | null)[][]) => ({
  name: 'T',
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
})
const day = (n: number): string => `2026-01-0${n}T00:00:00Z`

test('times are the axis, a text splits into series, what is missing is missing', () => {
  const data = chartData(
    table(
      [
        ['Type', 'string'],
        ['At', 'datetime'],
        ['Count', 'long'],
      ],
      [
        ['Files', day(2), 5],
        ['Files', day(1), 3],
        ['Daemons', day(2), 1],
      ],
    ),
  )
  expect(data?.xs).toEqual([Date.parse(day(1)), Date.parse(day(2))])
  expect(data?.series).toEqual([
    { name: 'Files', values: [3, 5] },
    { name: 'Daemons', values: [undefined, 1] },
  ])
})

test('without times the first text is the axis, in the order of the rows', () => {
  const data = chartData(
    table(
      [
        ['Version', 'string'],
        ['Machines', 'long'],
      ],
      [
        ['3', 7],
        ['1', 2],
      ],
    ),
  )
  expect([data?.xs, data?.isTime, data?.series]).toEqual([['3', '1'], false, [{ name: 'Machines', values: [7, 2] }]])
})

test.each([
  ['no numbers', table([['A', 'string']], [['x']])],
  ['only numbers', table([['A', 'long']], [[1]])],
  [
    'no rows',
    table(
      [
        ['A', 'string'],
        ['N', 'long'],
      ],
      [],
    ),
  ],
])('no chart of what has %s', (_what, made) => {
  expect(chartData(made)).toBeUndefined()
})

test('more series than can be told apart are cut, and counted', () => {
  const rows = Array.from({ length: 30 }, (_, index) => [day(1), `s${index}`, index])
  const data = chartData(
    table(
      [
        ['At', 'datetime'],
        ['S', 'string'],
        ['N', 'long'],
      ],
      rows,
    ),
  )
  expect([data?.series.length, data?.seriesCount]).toEqual([SERIES_MAX, 30])
})
