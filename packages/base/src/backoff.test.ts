import fc from 'fast-check'
import { expect, test } from 'vitest'

import { backoffMs } from './backoff.ts'

const settings = { firstMs: 100, delayMsMax: 5_000 }

test('the wait doubles up to its limit, and chance takes off one half at most', () => {
  expect([0, 1, 2, 3, 10].map((attempt) => backoffMs(attempt, settings, () => 0))).toEqual([100, 200, 400, 800, 5_000])
  expect([0, 10].map((attempt) => backoffMs(attempt, settings, () => 1))).toEqual([50, 2_500])
})

test('whatever the attempt and the chance, the wait is within its limits', () => {
  const attempts = fc.nat({ max: 1_000_000 })
  const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(attempts, chances, (attempt, luck) => {
      const waitMs = backoffMs(attempt, settings, () => luck)
      expect(waitMs).toBeGreaterThanOrEqual(50)
      expect(waitMs).toBeLessThanOrEqual(5_000)
    }),
  )
})
