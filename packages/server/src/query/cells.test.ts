import { expect, test } from 'vitest'

import { answerCell } from './cells.ts'

test.each([
  [null, 'string', null],
  [undefined, 'long', null],
  ['', 'string', ''],
  ['', 'dynamic', null],
  ['{"a":1}', 'dynamic', '{"a":1}'],
  [['a'], 'dynamic', '["a"]'],
  [1, 'bool', true],
  [false, 'bool', false],
  ['7', 'long', 7],
  [1.5, 'real', 1.5],
  ['nan', 'real', 'NaN'],
  ['-inf', 'real', '-Infinity'],
  ['2024-01-01T00:00:00.0000000Z', 'datetime', '2024-01-01T00:00:00.0000000Z'],
  [36_000_000_000, 'timespan', '01:00:00'],
] as const)('%j in a column of %s is told as %j', (value, type, expected) => {
  expect(answerCell(value, type)).toEqual(expected)
})
