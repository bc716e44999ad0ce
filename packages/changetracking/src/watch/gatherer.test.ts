import { expect, test } from 'vitest'

import { ACTORS_MAX, unknownActor } from '../who/actor.ts'
import { BATCH_TOUCHES_MAX, TouchGatherer, TOUCHES_MAX } from './gatherer.ts'

const by = (pid: number) => unknownActor(pid, '')

test('events of one path become one touch, the newest actor first, each once', () => {
  const gatherer = new TouchGatherer()
  gatherer.add({ path: '/a', isFolder: false, kinds: ['created', 'content'], atMs: 1, actor: by(1) })
  gatherer.add({ path: '/a', isFolder: false, kinds: ['content'], atMs: 2, actor: by(2) })
  gatherer.add({ path: '/a', isFolder: false, kinds: ['attributes'], atMs: 3, actor: by(1) })
  const [touch, ...others] = gatherer.take()
  expect(others).toEqual([])
  expect(touch).toMatchObject({ firstAtMs: 1, lastAtMs: 3, kinds: ['created', 'content', 'attributes'] })
  expect(touch?.actors.map(({ pid }) => pid)).toEqual([1, 2])
  expect(gatherer.take()).toEqual([])
})

test('actors and paths have a bound; known paths are still taken in when it is full', () => {
  const gatherer = new TouchGatherer()
  const add = (path: string, pid: number): boolean =>
    gatherer.add({ path, isFolder: false, kinds: ['content'], atMs: pid, actor: by(pid) })
  for (let pid = 1; pid <= ACTORS_MAX + 2; pid += 1) add('/0', pid)
  for (let each = 1; each < TOUCHES_MAX; each += 1) expect(add(`/${each}`, 1)).toBe(true)
  expect(add('/more', 1)).toBe(false)
  expect(add('/0', 99)).toBe(true)
  const batch = gatherer.take()
  expect(batch).toHaveLength(BATCH_TOUCHES_MAX)
  expect(batch[0]?.actors.map(({ pid }) => pid)).toEqual([99, 10, 9, 8, 7, 6, 5, 4])
  expect(add('/more', 1)).toBe(true)
})
