import { expect, test } from 'vitest'

import { unknownActor } from '../who/actor.ts'
import type { Touch } from '../watch/touch.ts'
import { HELD_MS_MAX, HeldTouches } from './held-touches.ts'

const touch = (path: string, executable: string): Touch => ({
  path,
  isFolder: false,
  kinds: ['created'],
  firstAtMs: 0,
  lastAtMs: 0,
  actors: [{ ...unknownActor(7, ''), executable, certainty: 'captured' }],
})
const byDpkg = (path: string): Touch => touch(path, '/usr/bin/dpkg')
const byShell = (path: string): Touch => touch(path, '/bin/sh')
const paths = (touches: readonly Touch[]): string[] => touches.map(({ path }) => path)

function holding(): { held: HeldTouches; unfinished: Set<string> } {
  const unfinished = new Set<string>()
  return { unfinished, held: new HeldTouches(() => new Set(unfinished)) }
}

test('what dpkg touches waits until it has finished with that package, whatever comes next', () => {
  const { held, unfinished } = holding()
  unfinished.add('one 1')
  expect(paths(held.sift([byDpkg('/a'), byShell('/b')], 0))).toEqual(['/b'])
  expect(held.waiting('/a')?.path).toBe('/a')
  expect([held.size, paths(held.release(10, false))]).toEqual([1, []])
  // The next package begins at once; one that is the same again is another begin.
  unfinished.clear()
  unfinished.add('one 2')
  expect(paths(held.sift([byDpkg('/c')], 20))).toEqual([])
  expect(paths(held.release(30, false))).toEqual(['/a'])
  unfinished.clear()
  expect(paths(held.release(40, false))).toEqual(['/c'])
  expect([held.size, held.waiting('/c')]).toEqual([0, undefined])
})

test('nothing is held while dpkg is in the middle of nothing, nor of what its scripts touch', () => {
  const { held, unfinished } = holding()
  expect(paths(held.sift([byDpkg('/a')], 0))).toEqual(['/a'])
  unfinished.add('one 1')
  expect(paths(held.sift([byShell('/a')], 0))).toEqual(['/a'])
})

test('it waits for so long only, and for nothing where there is no room', () => {
  const { held, unfinished } = holding()
  unfinished.add('one 1')
  held.sift([byDpkg('/a')], 0)
  expect(paths(held.release(HELD_MS_MAX - 1, false))).toEqual([])
  expect(paths(held.release(HELD_MS_MAX, false))).toEqual(['/a'])
  held.sift([byDpkg('/b')], 0)
  expect(paths(held.release(1, true))).toEqual(['/b'])
})
