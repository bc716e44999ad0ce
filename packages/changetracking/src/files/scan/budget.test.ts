import { ManualClock } from '@tidemark/base/testing'
import { expect, test } from 'vitest'

import { BudgetKeeper } from './budget.ts'

function worked(
  budget: { cpuPercent: number; bytesPerSecond: number },
  steps: readonly (readonly [ms: number, bytes: number])[],
) {
  const clock = new ManualClock()
  const rests: number[] = []
  const keeper = new BudgetKeeper(budget, clock, (durationMs) => {
    rests.push(durationMs)
    clock.advance(durationMs)
  })
  for (const [ms, bytes] of steps) {
    clock.advance(ms)
    keeper.breathe(bytes)
  }
  return { rests, spentMs: clock.monotonicMs() }
}

test.each([
  { cpuPercent: 100, workMs: 20, restMs: [0] },
  { cpuPercent: 50, workMs: 20, restMs: [20] },
  { cpuPercent: 20, workMs: 10, restMs: [40] },
  { cpuPercent: 50, workMs: 9, restMs: [] },
  { cpuPercent: 1, workMs: 30, restMs: [1_000, 1_000, 970] },
])('after $workMs ms of work at $cpuPercent % it rests $restMs ms', ({ cpuPercent, workMs, restMs }) => {
  expect(worked({ cpuPercent, bytesPerSecond: 0 }, [[workMs, 1e9]]).rests).toEqual(restMs)
})

test('over a long time the share is kept', () => {
  const steps = Array.from({ length: 1_000 }, (_, index): [number, number] => [1 + (index % 7), 0])
  const workMs = steps.reduce((sum, [ms]) => sum + ms, 0)
  const { spentMs } = worked({ cpuPercent: 25, bytesPerSecond: 0 }, steps)
  expect(workMs / spentMs).toBeCloseTo(0.25, 2)
})

test('over a long time no more bytes are read than allowed', () => {
  const steps = Array.from({ length: 500 }, (): [number, number] => [3, 100_000])
  const { spentMs } = worked({ cpuPercent: 100, bytesPerSecond: 1_000_000 }, steps)
  expect((500 * 100_000) / (spentMs / 1_000)).toBeLessThanOrEqual(1_010_000)
})

test('a rest that throws ends the work', () => {
  const clock = new ManualClock()
  const keeper = new BudgetKeeper({ cpuPercent: 50, bytesPerSecond: 0 }, clock, () => {
    throw new Error('stopped')
  })
  clock.advance(50)
  expect(() => keeper.breathe(0)).toThrow('stopped')
})
