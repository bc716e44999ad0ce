import { expect, test } from 'vitest'

import { agoText, bytesText, safeText, timeText } from './text.ts'

test('characters that hide or turn text are shown', () => {
  expect(safeText('a\u202eb\u0007c\nd')).toBe('a\\u202eb\\u0007c\nd')
  expect(safeText('pass\u200bwd \u00ad')).toBe('pass\\u200bwd \\u00ad')
  expect(safeText(null)).toBe('')
})

test('times are told to the second, and what is no time is empty', () => {
  expect(timeText('2026-01-02T03:04:05.1234567Z')).toMatch(/^2026-01-0\d \d\d:\d\d:05$/)
  expect(timeText('never')).toBe('')
})

test('ages are told in the largest unit that fits', () => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  const ages = ['2026-01-01T23:59:30Z', '2026-01-01T23:30:00Z', '2026-01-01T20:00:00Z', '2025-12-30T00:00:00Z']
  expect(ages.map((iso) => agoText(iso, now))).toEqual(['30 s', '30 min', '4 h', '3 d'])
})

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.5 KiB'],
  [20_480, '20 KiB'],
  [5 * 1_024 ** 4 * 1_024, '5120 TiB'],
])('%d bytes are told as %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})
