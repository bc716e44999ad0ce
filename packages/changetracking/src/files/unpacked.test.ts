import { ManualClock } from '@tidemark/base/testing'
import { expect, test } from 'vitest'

import { HELD_MS_MAX, HELD_POLL_MS } from './held-touches.ts'
import { Unpacked } from './unpacked.ts'

const never = new AbortController().signal

/** `untilMs` names until when which package is in the middle. */
function waiting(untilMs: Readonly<Record<string, number>>): { clock: ManualClock; unpacked: Unpacked } {
  const clock = new ManualClock()
  const unfinished = (): Set<string> =>
    new Set(Object.keys(untilMs).filter((name) => clock.monotonicMs() < (untilMs[name] ?? 0)))
  return { clock, unpacked: new Unpacked(unfinished, clock) }
}

test('a look that finds nothing in the middle begins at once', async () => {
  const { clock, unpacked } = waiting({})
  await unpacked.wait(never)
  expect(clock.sleptMs).toEqual([])
})

test('a look waits until all is finished', async () => {
  const { clock, unpacked } = waiting({ 'one 1': HELD_POLL_MS, 'two 2': 2 * HELD_POLL_MS + 1 })
  await unpacked.wait(never)
  expect(clock.sleptMs).toEqual([HELD_POLL_MS, HELD_POLL_MS, HELD_POLL_MS])
})

test('at the limit it looks, and waits no second time', async () => {
  const { clock, unpacked } = waiting({ 'one 1': Infinity })
  await unpacked.wait(never)
  expect(clock.monotonicMs()).toBe(HELD_MS_MAX)
  await unpacked.wait(never)
  expect(clock.monotonicMs()).toBe(HELD_MS_MAX)
})

test('whoever stops does not wait', async () => {
  const { unpacked } = waiting({ 'one 1': Infinity })
  await expect(unpacked.wait(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
})
