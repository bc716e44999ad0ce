import fc from 'fast-check'
import { expect, test } from 'vitest'

import { Sample, SAMPLE_MAX } from './sample.ts'

test('what is taken is spread evenly, and never too much', () => {
  fc.assert(
    fc.property(fc.nat(5_000), (count) => {
      const sample = new Sample<number>()
      let made = 0
      for (let index = 0; index < count; index += 1) {
        sample.offer(() => {
          made += 1
          return index
        })
      }
      const { taken } = sample
      expect(taken.length).toBeLessThanOrEqual(SAMPLE_MAX)
      expect(taken.length).toBeGreaterThanOrEqual(Math.min(count, SAMPLE_MAX / 2))
      const step = (taken[1] ?? 1) - (taken[0] ?? 0)
      expect(taken).toEqual(taken.map((_, index) => index * step))
      expect(made).toBeLessThanOrEqual(SAMPLE_MAX + Math.log2(count + 1) * SAMPLE_MAX)
    }),
    { numRuns: 50 },
  )
})
