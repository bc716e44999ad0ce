import { ManualClock } from '@tidemark/base/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { RateLimits } from './rate-limits.ts'

test('a holder that sends too much waits as long as it is told, and nobody else does', () => {
  const clock = new ManualClock()
  const limits = new RateLimits({ perSecondMax: 2, burstMax: 3 }, clock)
  expect([1, 2, 3, 4].map(() => limits.take('one'))).toEqual([0, 0, 0, 1])
  expect(limits.take('other')).toBe(0)
  clock.advance(1_000)
  expect([1, 2, 3].map(() => limits.take('one'))).toEqual([0, 0, 1])
})

test('holders that were quiet longest are forgotten', () => {
  const limits = new RateLimits({ perSecondMax: 1, burstMax: 1 }, new ManualClock(), 2)
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map((holder) => limits.take(holder))).toEqual([0, 0, 1, 0, 1, 0])
})

// Mutants that this found: a bucket that fills beyond its size; time that is counted twice after a refusal.
test('whatever the pace, no more pass than the burst and what filled up since', () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(2_000), asks: fc.nat(20) }))
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (all, perSecondMax, burstMax) => {
        const clock = new ManualClock()
        const limits = new RateLimits({ perSecondMax, burstMax }, clock)
        let passed = 0
        let waitedMs = 0
        for (const { waitMs, asks } of all) {
          clock.advance(waitMs)
          waitedMs += waitMs
          for (let ask = 0; ask < asks; ask += 1) if (limits.take('x') === 0) passed += 1
          expect(passed).toBeLessThanOrEqual(burstMax + (waitedMs / 1_000) * perSecondMax + 1e-6)
        }
      },
    ),
  )
})
