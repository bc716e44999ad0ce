import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Touch, TouchKind } from '../watch/touch.ts'
import { type Actor, ACTORS_MAX, unknownActor } from '../who/actor.ts'
import { PACED_PATHS_MAX, PACES_MS, TouchPacer } from './touch-pacer.ts'

// What comes into being or is moved has a pace of its own (touch-pacer.test.ts).
const kinds: readonly TouchKind[] = ['deleted', 'content', 'attributes']

function touchOf(path: string, atMs = 0, more: Partial<Touch> = {}): Touch {
  return { path, isFolder: false, kinds: ['content'], firstAtMs: atMs, lastAtMs: atMs, actors: [], ...more }
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    path: fc.constantFrom('/a', '/b', '/c'),
    isFolder: fc.boolean(),
    what: fc.constantFrom(...kinds),
    pid: fc.nat(3),
  }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 1_000, 5_000, 12_000, 60_000, 200_000) }),
)

/** The naive twin: all looks at a path and all that was added since the last one. */
class TwinPath {
  readonly looksMs: number[] = []
  waiting: { readonly atMs: number; readonly isFolder: boolean; readonly what: TouchKind; readonly pid: number }[] = []

  /** By the whole history: how long after the last look the next one may come. */
  get paceMs(): number {
    let pace = 0
    for (const [index, atMs] of this.looksMs.entries()) {
      const quietMs = 2 * Math.max(1_000, PACES_MS[pace] ?? 0)
      const isQuiet = index > 0 && atMs - (this.looksMs[index - 1] ?? 0) > quietMs
      pace = isQuiet ? 1 : Math.min(pace + 1, PACES_MS.length - 1)
    }
    return PACES_MS[pace] ?? 0
  }

  get dueMs(): number | undefined {
    const first = this.waiting[0]
    if (first === undefined) return undefined
    const last = this.looksMs.at(-1)
    return last === undefined ? first.atMs : Math.max(first.atMs, last + this.paceMs)
  }
}

test('nothing is forgotten, nothing is looked at before its time, and what is due is looked at', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const pacer = new TouchPacer()
      const twins = new Map(['/a', '/b', '/c'].map((path) => [path, new TwinPath()]))
      let nowMs = 1_000_000
      const actor = (pid: number): Actor => unknownActor(pid, '')
      for (const each of steps) {
        if (each.kind === 'wait') nowMs += each.ms
        else if (each.kind === 'add') {
          const { path, isFolder, what, pid } = each
          pacer.add([touchOf(path, nowMs, { isFolder, kinds: [what], actors: [actor(pid)] })], nowMs)
          twins.get(path)!.waiting.push({ atMs: nowMs, isFolder, what, pid })
        } else {
          const due = [...twins].filter(([, { dueMs }]) => dueMs !== undefined && dueMs <= nowMs)
          const taken = pacer.take(nowMs)
          expect(taken.map(({ path }) => path).sort()).toEqual(due.map(([path]) => path).sort())
          for (const { path, ...touch } of taken) {
            const twin = twins.get(path)!
            expect(touch).toEqual(joined(twin.waiting, actor))
            twin.waiting = []
            twin.looksMs.push(nowMs)
          }
        }
        const dues = [...twins.values()].flatMap(({ dueMs }) => dueMs ?? [])
        expect(pacer.leftMs(nowMs)).toBe(dues.length === 0 ? undefined : Math.max(0, Math.min(...dues) - nowMs))
        expect(pacer.size).toBe(dues.length)
        for (const [path, { waiting }] of twins) expect(pacer.waiting(path)?.lastAtMs).toBe(waiting.at(-1)?.atMs)
      }
    }),
    { numRuns: 500 },
  )
})

function joined(waiting: TwinPath['waiting'], actor: (pid: number) => Actor): Omit<Touch, 'path'> {
  return {
    isFolder: waiting.some(({ isFolder }) => isFolder),
    kinds: [...new Set(waiting.map(({ what }) => what))],
    firstAtMs: waiting[0]!.atMs,
    lastAtMs: waiting.at(-1)!.atMs,
    actors: [...new Set(waiting.toReversed().map(({ pid }) => pid))].map((pid) => actor(pid)),
  }
}

test('the first touch is due at once; one that comes again and again waits longer, a minute at last', () => {
  const pacer = new TouchPacer()
  let nowMs = 0
  const waitsMs: number[] = []
  for (let count = 0; count < 7; count += 1) {
    pacer.add([touchOf('/log')], nowMs)
    const leftMs = pacer.leftMs(nowMs) ?? Number.NaN
    waitsMs.push(leftMs)
    nowMs += leftMs
    expect(pacer.take(nowMs)).toHaveLength(1)
  }
  expect(waitsMs).toEqual([0, 1_000, 5_000, 30_000, 60_000, 60_000, 60_000])
})

test(`beyond ${PACED_PATHS_MAX} paths the pace is forgotten, and nothing that waits is`, () => {
  const pacer = new TouchPacer()
  const paths = Array.from({ length: PACED_PATHS_MAX + 1 }, (_, index) => `/${index}`)
  pacer.add(
    paths.map((path) => touchOf(path)),
    0,
  )
  expect(pacer.take(0)).toHaveLength(paths.length)
  pacer.add([touchOf('/0'), touchOf(paths.at(-1)!)], 0)
  // The last one came after all were forgotten.
  expect(pacer.take(0).map(({ path }) => path)).toEqual(['/0'])
  expect(pacer.leftMs(0)).toBe(1_000)
})

test(`of many processes the newest ${ACTORS_MAX} are named`, () => {
  const pacer = new TouchPacer()
  for (let pid = 0; pid < ACTORS_MAX + 5; pid += 1)
    pacer.add([touchOf('/a', pid, { actors: [unknownActor(pid, '')] })], 0)
  const pids = pacer.take(0)[0]!.actors.map(({ pid }) => pid)
  expect(pids).toEqual(Array.from({ length: ACTORS_MAX }, (_, index) => ACTORS_MAX + 4 - index))
})
