import fc from 'fast-check'
import { expect, test } from 'vitest'

import { FLAP_CHANGES_MIN, FLAP_MS, Heard, HEARD_UNITS_MAX, TIMES_MAX } from './heard.ts'
import { UNIT_PACES_MS, UNIT_SETTLE_MS, UNIT_SETTLE_MS_MAX, UnitPacer } from './unit-pacer.ts'

const states = ['active running', 'deactivating stop-sigterm', 'inactive dead', 'failed failed'] as const

// Goal: whatever comes in whatever order, the rows' counts together are the changes, and what waits is looked at in time. Method: a
// naive twin counts; looks tell or do not tell at random, and may be lost (the state did not keep them). Mutants tried: what was told
// is not taken off; a state that comes again counts; the pace of a look is not stepped up. All were found.
test('no change is lost and none is told twice, whatever is told and whatever is kept', () => {
  const step = fc.oneof(
    fc.record({ state: fc.constantFrom(...states) }),
    fc.record({ isKept: fc.boolean(), isTold: fc.boolean() }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heard = new Heard('s')
      heard.seed([['u', states[0]]])
      let [last, count, told, nowMs] = [states[0] as string, 0, 0, 0]
      let known: Record<string, string | number> | undefined
      for (const each of steps) {
        nowMs += 10
        if ('state' in each) {
          if (each.state !== last) count += 1
          expect(heard.add('u', each.state, { nowMs, monotonicMs: nowMs })).toBe(each.state !== last)
          last = each.state
          continue
        }
        const untold = heard.untold('u', known, nowMs)
        expect(untold?.facts.changes ?? 0).toBe(count - told)
        if (untold === undefined || !each.isTold || !each.isKept) continue
        known = { ...untold.facts }
        told += Number(untold.facts.changes)
      }
      expect(told + Number(heard.untold('u', known, nowMs)?.facts.changes ?? 0)).toBe(count)
    }),
  )
})

test('what changes often within a minute flaps; what does so over hours does not', () => {
  const often = new Heard('s')
  const seldom = new Heard('s')
  for (const heard of [often, seldom]) heard.seed([])
  for (let at = 0; at < FLAP_CHANGES_MIN; at += 1) {
    const state = states[at % 2] ?? ''
    often.add('u', state, { nowMs: at * 100, monotonicMs: at * 100 })
    seldom.add('u', state, { nowMs: at * FLAP_MS, monotonicMs: at * FLAP_MS })
  }
  expect(often.untold('u', undefined, 1_000)?.isFlapping).toBe(true)
  expect(seldom.untold('u', undefined, FLAP_CHANGES_MIN * FLAP_MS)?.isFlapping).toBe(false)
  expect(often.untold('u', undefined, 1_000)?.facts).toEqual({ session: 's', told: 6, changes: 6, fromMs: 0 })
})

test('counts go on beyond the times that are remembered, and units beyond their limit are forgotten', () => {
  const heard = new Heard('s')
  heard.seed([])
  for (let at = 0; at < TIMES_MAX + 10; at += 1) heard.add('u', states[at % 2] ?? '', { nowMs: at, monotonicMs: at })
  expect(heard.untold('u', undefined, 0)?.facts).toMatchObject({ changes: TIMES_MAX + 10, fromMs: 10 })
  for (let at = 0; at < HEARD_UNITS_MAX; at += 1) heard.add(`u${at}`, states[0], { nowMs: 0, monotonicMs: 0 })
  expect([heard.isKnown('u'), heard.isKnown('u1')]).toEqual([false, true])
})

test('a woken look asks only for what was heard; one on schedule asks for everything', () => {
  const heard = new Heard('s')
  heard.begin(0)
  heard.seed([
    ['a', states[0]],
    ['b', states[0]],
  ])
  expect(heard.isQuiet('a')).toBe(false)
  heard.end(0)
  heard.add('a', states[2], { nowMs: 1, monotonicMs: 1 })
  heard.wake()
  heard.begin(1_000)
  expect([heard.isQuiet('a'), heard.isQuiet('b'), heard.isHeld('a')]).toEqual([false, true, false])
  heard.end(1_000)
  heard.begin(1_001)
  expect(heard.isQuiet('b')).toBe(false)
})

test('a unit is looked at when it has settled, soon at first, then more and more seldom', () => {
  const pacer = new UnitPacer()
  pacer.add('u', { isSettled: false, nowMs: 0 })
  expect(pacer.leftMs(0)).toBe(UNIT_SETTLE_MS_MAX)
  pacer.add('u', { isSettled: true, nowMs: 50 })
  expect(pacer.leftMs(50)).toBe(UNIT_SETTLE_MS)
  const looks: number[] = []
  // It changes every 20 ms for three minutes.
  for (let nowMs = 0; nowMs < 180_000; nowMs += 20) {
    pacer.add('u', { isSettled: nowMs % 40 === 0, nowMs })
    if (pacer.leftMs(nowMs) === 0) {
      pacer.take(nowMs)
      looks.push(nowMs)
    }
  }
  const gaps = looks.slice(1).map((at, index) => at - (looks[index] ?? 0))
  expect(looks[0]).toBeLessThan(1_000)
  expect(gaps.slice(1, 4).every((gap, index) => gap >= (UNIT_PACES_MS[index + 2] ?? 0))).toBe(true)
  expect(gaps.length).toBeLessThan(8)
})

test('what waits is always taken at last', () => {
  const adds = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean(), fc.nat({ max: 5_000 })))
  fc.assert(
    fc.property(adds, (all) => {
      const pacer = new UnitPacer()
      let nowMs = 0
      for (const [unit, isSettled, afterMs] of all) {
        nowMs += afterMs
        pacer.add(unit, { isSettled, nowMs })
        if (afterMs % 2 === 0) pacer.take(nowMs)
        // Taken or not, it waits until it was looked at: nothing is dropped by a pace.
        expect(pacer.isWaiting(unit) || afterMs % 2 === 0).toBe(true)
      }
      pacer.take(nowMs + (UNIT_PACES_MS.at(-1) ?? 0) + UNIT_SETTLE_MS_MAX)
      expect(pacer.leftMs(nowMs)).toBeUndefined()
    }),
  )
})
