import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Touch, TouchKind } from '../watch/touch.ts'
import { unknownActor } from '../who/actor.ts'
import { PACES_MS, SETTLE_MS, TouchPacer } from './touch-pacer.ts'

function touch(path: string, kinds: readonly TouchKind[], pid = 1): Touch {
  return { path, isFolder: false, kinds, firstAtMs: 0, lastAtMs: 0, actors: [unknownActor(pid, `process ${pid}`)] }
}
const paths = (touches: readonly Touch[]): string[] => touches.map(({ path }) => path)

test('what is written is due at once, then the more seldom the more often', () => {
  const pacer = new TouchPacer()
  const lookedMs: number[] = []
  for (let nowMs = 0; nowMs <= 200_000; nowMs += 100) {
    pacer.add([touch('/log', ['content'])], nowMs)
    if (pacer.take(nowMs).length > 0) lookedMs.push(nowMs)
  }
  expect(lookedMs.slice(0, 6)).toEqual([0, 1_000, 6_000, 36_000, 96_000, 156_000])
})

test('what was quiet for long is due at once again', () => {
  const pacer = new TouchPacer()
  for (const nowMs of [0, 10_000, 20_000, 30_000]) {
    pacer.add([touch('/f', ['content'])], nowMs)
    expect(paths(pacer.take(nowMs))).toEqual(['/f'])
  }
})

test('what came into being has time to settle', () => {
  const pacer = new TouchPacer()
  pacer.add([touch('/new', ['created', 'content'])], 0)
  expect(pacer.take(SETTLE_MS - 1)).toEqual([])
  expect(pacer.leftMs(50)).toBe(SETTLE_MS - 50)
  expect(paths(pacer.take(SETTLE_MS))).toEqual(['/new'])
})

test('a file that is renamed over another one is looked at now, its first name when it has settled', () => {
  const pacer = new TouchPacer()
  pacer.add([touch('/f.new', ['created', 'content'])], 0)
  pacer.add([touch('/f.new', ['moved-from']), touch('/f', ['moved-to'])], 20)
  expect(paths(pacer.take(20))).toContain('/f')
})

test('both names of what was moved are due together, whatever their pace', () => {
  const pacer = new TouchPacer()
  pacer.add([touch('/a', ['content'])], 0)
  pacer.take(0)
  pacer.add([touch('/a', ['content'])], 100)
  expect(pacer.take(100)).toEqual([])
  pacer.add([touch('/a', ['moved-from']), touch('/b', ['moved-to'])], 200)
  expect(paths(pacer.take(200))).toEqual(['/a', '/b'])
})

test('a file that is saved again and again by a rename keeps its pace', () => {
  const pacer = new TouchPacer()
  let looks = 0
  for (let nowMs = 0; nowMs < 10_000; nowMs += 100) {
    pacer.add([touch(`/t${nowMs}`, ['created', 'moved-from']), touch('/f', ['moved-to'])], nowMs)
    looks += paths(pacer.take(nowMs)).filter((path) => path === '/f').length
  }
  expect(looks).toBe(3)
})

test('who touched a path while it waited is told, the newest first and each once', () => {
  const pacer = new TouchPacer()
  for (const pid of [1, 2, 1, 3]) pacer.add([touch('/f', ['created'], pid)], 0)
  expect(pacer.waiting('/f')?.actors.map(({ pid }) => pid)).toEqual([3, 1, 2])
})

// Mutants tried: dropping a touch that joins a waiting one; taking what is not due; forgetting to delete what is taken.
test('nothing that was added is lost, and nothing waits longer than the slowest pace', () => {
  const kind = fc.constantFrom<TouchKind>('created', 'deleted', 'moved-from', 'moved-to', 'content', 'attributes')
  const batch = fc.array(fc.tuple(fc.constantFrom('/a', '/b', '/c'), kind), { maxLength: 4 })
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40_000), batch), { maxLength: 30 }), (steps) => {
      const pacer = new TouchPacer()
      const addedMs = new Map<string, number>()
      let nowMs = 0
      for (const [waitMs, touches] of steps) {
        // Whoever drives it wakes when something is due.
        for (const endMs = nowMs + waitMs; nowMs < endMs;) {
          nowMs = Math.min(endMs, nowMs + Math.max(1, pacer.leftMs(nowMs) ?? Infinity))
          for (const { path } of pacer.take(nowMs)) {
            expect(nowMs - (addedMs.get(path) ?? NaN)).toBeLessThanOrEqual(PACES_MS[4] + SETTLE_MS)
            addedMs.delete(path)
          }
        }
        pacer.add(
          touches.map(([path, each]) => touch(path, [each])),
          nowMs,
        )
        for (const [path] of touches) if (!addedMs.has(path)) addedMs.set(path, nowMs)
        for (const path of addedMs.keys()) expect(pacer.waiting(path)).toBeDefined()
      }
    }),
  )
})
