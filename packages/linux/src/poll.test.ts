import { expect, test } from 'vitest'

import { openInotify } from './inotify.ts'
import { openWaker, waitFor, wakerOn } from './poll.ts'

test('the descriptor that is ready is told; without one the time limit ends the wait', () => {
  const [one, two] = [openWaker(), openWaker()]
  const both = [one, two].map(({ descriptor }) => ({ descriptor, for: 'reading' }) as const)
  const startedMs = performance.now()
  expect(waitFor(both, 30)).toEqual(new Set())
  expect(performance.now() - startedMs).toBeGreaterThan(25)
  wakerOn(two.descriptor).wake()
  expect(waitFor(both, 10_000)).toEqual(new Set([two.descriptor]))
  two.clear()
  expect(waitFor(both, 0)).toEqual(new Set())
  one.close()
  two.close()
})

test('a descriptor that is closed counts as ready', () => {
  const inotify = openInotify()
  inotify.close()
  expect(waitFor([{ descriptor: inotify.descriptor, for: 'reading' }], 0).size).toBe(1)
})
