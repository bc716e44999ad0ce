// Goal: whoever waits for a forecast is told how each machine stands to it, whatever it does; and nothing grows without end.
import { ManualClock } from '@tidemark/base/testing'
import { expect, test } from 'vitest'

import { FORECAST_KEPT_MS, FORECASTS_MAX, Forecasts } from './forecasts.ts'

const failed = { kind: 'failed', reason: 'not here' } as const
const machine = (computer: string, awayDetail = '') => ({ resourceId: `/Machines/${computer}`, computer, awayDetail })
const wish = {
  extensionSettings: { a: 1 },
  machines: [machine('a'), machine('b', 'silent'), machine('c')],
  seconds: 60,
}

function open() {
  const clock = new ManualClock()
  const forecasts = new Forecasts(clock)
  const states = (id: string) => forecasts.view(id)?.machines.map(({ state }) => state)
  return { clock, forecasts, states }
}

test('a machine is asked until it answers, and its first answer counts', () => {
  const { clock, forecasts, states } = open()
  const { id } = forecasts.ask(wish)!
  clock.advance(10_000)
  expect(forecasts.questionsFor('/machines/A')).toEqual([
    { id, kind: 'forecast', secondsLeft: 50, extensionSettings: { a: 1 } },
  ])
  expect(forecasts.answer(id, '/machines/a', failed)).toBe(true)
  expect(forecasts.answer(id, '/machines/a', { kind: 'failed', reason: 'other' })).toBe(true)
  expect(forecasts.view(id)?.machines[0]).toMatchObject({ state: 'failed', detail: 'not here' })
  expect([forecasts.isAsked('/machines/a'), forecasts.isAsked('/machines/b')]).toEqual([false, true])
  expect(states(id)).toEqual(['failed', 'away', 'waiting'])
})

test('after the deadline nobody is asked, and what did not come is told; it may still come', () => {
  const { clock, forecasts, states } = open()
  const { id } = forecasts.ask(wish)!
  expect(forecasts.view(id)?.isDone).toBe(false)
  clock.advance(60_000)
  expect([forecasts.view(id)?.isDone, states(id)]).toEqual([true, ['late', 'away', 'late']])
  expect(forecasts.isAsked('/machines/c')).toBe(false)
  expect(forecasts.answer(id, '/machines/c', failed)).toBe(true)
  expect(states(id)).toEqual(['late', 'away', 'failed'])
})

test('no machine answers for another, nor what nobody asked', () => {
  const { forecasts } = open()
  const { id } = forecasts.ask(wish)!
  expect(forecasts.answer(id, '/machines/x', failed)).toBe(false)
  expect(forecasts.cancel(id)).toBe(true)
  expect(forecasts.answer(id, '/machines/a', failed)).toBe(false)
  expect(forecasts.isAsked('/machines/a')).toBe(false)
})

test('there are only so many, and those that are done make room', () => {
  const { clock, forecasts } = open()
  const ids = Array.from({ length: FORECASTS_MAX }, () => forecasts.ask(wish)!.id)
  expect(forecasts.ask(wish)).toBeUndefined()
  for (const name of ['a', 'b', 'c']) forecasts.answer(ids[3]!, `/machines/${name}`, failed)
  expect(forecasts.ask(wish)).toBeDefined()
  expect(forecasts.view(ids[3]!)).toBeUndefined()
  clock.advance(60_000 + FORECAST_KEPT_MS)
  expect(forecasts.view(ids[0]!)).toBeUndefined()
})
