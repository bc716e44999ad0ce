import { expect, test } from 'vitest'

import { systemClock } from './clock.ts'

test('a sleep ends in time, and at once when it is aborted', async () => {
  const before = systemClock.monotonicMs()
  await systemClock.sleep(20)
  expect(systemClock.monotonicMs() - before).toBeGreaterThanOrEqual(18)
  const stop = new AbortController()
  const sleeping = systemClock.sleep(60_000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
  await expect(systemClock.sleep(60_000, stop.signal)).rejects.toThrow('enough')
})

test('a sleep longer than a timer takes does not end at once', async () => {
  const stop = new AbortController()
  const sleeping = systemClock.sleep(2 ** 40, stop.signal)
  await systemClock.sleep(20)
  stop.abort(new Error('still asleep'))
  await expect(sleeping).rejects.toThrow('still asleep')
})
