import { expect, test } from 'vitest'

import { dailyPercent } from './cost.ts'

const of = (busySeconds: number) => ({ busySeconds, seconds: busySeconds })

test.each([
  // 96 looks of 0.9 s are 86.4 s: a thousandth of a day.
  { first: 0.9, later: 0.9, every: 900, reading: 0, percent: 0.1 },
  { first: 10, later: 1, every: 86_400, reading: 86_400, percent: (10 / 86_400) * 100 },
  { first: 0, later: 0, every: 1, reading: 1, percent: 0 },
])('a look of $later s every $every s is $percent %', ({ first, later, every, reading, percent }) => {
  const settings = { fileFrequencySeconds: every, fullReadFrequencySeconds: reading }
  expect(dailyPercent({ baseline: of(first), rescan: of(later) }, settings)).toBeCloseTo(percent, 6)
})
