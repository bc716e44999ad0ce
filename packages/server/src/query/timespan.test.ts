import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseTimespan } from './timespan.ts'

const now = Date.UTC(2024, 0, 10)
const day = 86_400_000

test.each([
  ['P1D', now - day, now + 1],
  ['P1W', now - 7 * day, now + 1],
  ['PT1H30M', now - 5_400_000, now + 1],
  ['P1DT0.5S', now - day - 500, now + 1],
  ['2024-01-01/2024-01-02', Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 2)],
  ['2024-01-01T00:00:00Z/2024-01-01T12:00:00+02:00', Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 1, 10)],
  ['2024-01-01T06:00:00/PT1H', Date.UTC(2024, 0, 1, 6), Date.UTC(2024, 0, 1, 7)],
  ['P2D/2024-01-03', Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 3)],
])('%s', (text, startMs, endMs) => {
  expect(parseTimespan(text, now)).toEqual({ startMs, endMs })
})

test.each([
  '',
  'P',
  'PT',
  'P1DT',
  'P1Y',
  '1D',
  'P1D/P1D',
  '2024-01-01',
  '2024-13-01/P1D',
  'P1D/',
  '/',
  'P1D/2024-01-01/P1D',
])('"%s" is none', (text) => {
  expect(parseTimespan(text, now)).toBeUndefined()
})

test('any text is a window of whole milliseconds or none', () => {
  const part = fc.oneof(
    fc.string(),
    fc.stringMatching(/^P\d*D?T?\d*[HMS]?$/),
    fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
  )
  fc.assert(
    fc.property(part, part, fc.boolean(), (one, other, isPair) => {
      const window = parseTimespan(isPair ? `${one}/${other}` : one, now)
      if (window) expect([window.startMs, window.endMs].every(Number.isSafeInteger)).toBe(true)
    }),
  )
})
