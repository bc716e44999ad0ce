import fc from 'fast-check'
import { expect, test } from 'vitest'

import { BARS_MAX, barsOf, binMs, localInput, parseLocalInput, partsOf, spans, wholeBars } from './span.ts'

test('every span has a useful number of bars', () => {
  for (const lengthMs of Object.values(spans)) {
    const count = lengthMs / binMs({ fromMs: 0, toMs: lengthMs })
    expect(count).toBeLessThanOrEqual(BARS_MAX)
    expect(count).toBeGreaterThanOrEqual(20)
  }
})

test('each event in the range is in one bar, and no other is', () => {
  const events = fc.array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 10_000_000 }),
      type: fc.constantFrom('Files', 'Daemons'),
      count: fc.nat(9),
    }),
  )
  const ranges = fc.tuple(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 1, max: 5_000_000 }))
  fc.assert(
    fc.property(events, ranges, (all, [fromMs, lengthMs]) => {
      const range = { fromMs, toMs: fromMs + lengthMs }
      const bars = barsOf(all, range)
      expect(bars.length).toBeLessThanOrEqual(BARS_MAX + 1)
      const whole = wholeBars(range, binMs(range))
      const inside = all.filter(({ atMs }) => atMs >= whole.fromMs && atMs < whole.toMs)
      expect(bars.reduce((sum, { total }) => sum + total, 0)).toBe(inside.reduce((sum, { count }) => sum + count, 0))
    }),
  )
})

test('parts stand on each other, and a small one can be seen', () => {
  const bar = { startMs: 0, counts: { Files: 1_000, Daemons: 1 }, total: 1_001 }
  expect(partsOf(bar, ['Files', 'Software', 'Daemons'], { most: 1_001, height: 110 })).toEqual([
    { type: 'Files', top: 110 - 100_000 / 1_001, height: 100_000 / 1_001 },
    { type: 'Daemons', top: 107 - 100_000 / 1_001, height: 3 },
  ])
})

test('a moment survives its input field, and half a moment is none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      const read = parseLocalInput(localInput(seconds * 1_000))
      // The hour that is there twice when the clocks go back is told as its second half.
      expect(Math.abs((read ?? Number.NaN) - seconds * 1_000)).toBeLessThanOrEqual(3_600_000)
    }),
  )
  expect(parseLocalInput('')).toBeUndefined()
})
