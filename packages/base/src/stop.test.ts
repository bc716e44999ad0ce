import { EventEmitter } from 'node:events'

import { expect, test } from 'vitest'

import { isAbort, untilStopped } from './stop.ts'

test.each(['SIGINT', 'SIGTERM'])('%s stops', async (name) => {
  const source = new EventEmitter()
  const stop = untilStopped(source)
  expect(stop.signal.aborted).toBe(false)
  source.emit(name)
  await stop.done
  expect(isAbort(stop.signal.reason, stop.signal)).toBe(true)
  expect(isAbort(new Error('other'), stop.signal)).toBe(false)
})
