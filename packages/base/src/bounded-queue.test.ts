import fc from 'fast-check'
import { expect, test } from 'vitest'

import { BoundedQueue } from './bounded-queue.ts'

// Mutant tried: `>` for `>=` in isFull; it was found.
test('it does what an array with a limit does', () => {
  const steps = fc.array(fc.oneof(fc.record({ push: fc.nat() }), fc.constant('shift' as const)), { maxLength: 4_000 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (all, countMax) => {
      const queue = new BoundedQueue<number>(countMax)
      const twin: number[] = []
      for (const step of all) {
        if (step === 'shift') expect(queue.shift()).toBe(twin.shift())
        else expect(queue.push(step.push)).toBe(twin.length < countMax && twin.push(step.push) > 0)
        expect([queue.count, queue.isFull]).toEqual([twin.length, twin.length === countMax])
      }
    }),
  )
})

test('a long life does not lose its place', () => {
  const queue = new BoundedQueue<number>(2_000)
  for (let round = 0; round < 10_000; round += 1) {
    queue.push(round)
    if (round >= 1_500) expect(queue.shift()).toBe(round - 1_500)
  }
})
