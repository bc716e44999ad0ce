import fc from 'fast-check'
import { expect, test } from 'vitest'

import { BARS_MAX, barsOf, binMs, spans } from './span.ts'

test('every span has a useful number of bars', () => {
  for (const lengthMs of Object.values(spans)) {
    const count = lengthMs / binMs({ fromMs: 0, toMs: lengthMs })
    expect(count).toBeLessThanOrEqual(BARS_MAX)
    expect(count).toBeGreaterThanOrEqual(20)
  }
})

test('each event in the range is in one bar, and no other is', () => {
  const events = fc.array(
    fc.record({ atMs: fc.integer({ min: 0, max: 10_000_000 }), type: fc.constantFrom('Files', 'Daemons') }),
  )
  const ranges = fc.tuple(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 1, max: 5_000_000 }))
  fc.assert(
    fc.property(events, ranges, (all, [fromMs, lengthMs]) => {
      const range = { fromMs, toMs: fromMs + lengthMs }
      const bars = barsOf(all, range)
      expect(bars.length).toBeLessThanOrEqual(BARS_MAX + 1)
      const inside = all.filter(({ atMs }) => atMs >= range.fromMs && atMs < range.toMs)
      expect(bars.reduce((sum, { total }) => sum + total, 0)).toBe(inside.length)
    }),
  )
})
