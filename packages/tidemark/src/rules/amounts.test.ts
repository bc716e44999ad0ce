import { expect, test } from 'vitest'

import { bytesText, nounText, secondsText } from './amounts.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.00 kB'],
  [1_500, '1.50 kB'],
  [9_994, '9.99 kB'],
  [9_995, '10.0 kB'],
  [99_949, '99.9 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [6_118_741_265, '6.12 GB'],
  [5e15, '5.00 PB'],
  [5e18, '5000 PB'],
])('%d bytes: %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

test.each([
  [0, 'less than 0.1 s'],
  [0.26, '0.3 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [89, '89 s'],
  [90, '2 min'],
  [3_600, '60 min'],
  [9_000, '2.5 h'],
])('%d seconds: %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text)
})

test('one of something, and many', () => {
  expect([nounText(1, 'file'), nounText(0, 'file'), nounText(1_234, 'file')]).toEqual([
    '1 file',
    '0 files',
    '1,234 files',
  ])
})
