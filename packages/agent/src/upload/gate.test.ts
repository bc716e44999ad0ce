import { ManualClock } from '@tidemark/base/testing'
import { expect, test } from 'vitest'

import { Gate, priorities, type Priority } from './gate.ts'

const stop = new AbortController()
const open = (clock: ManualClock, bytesPerSecondMax = 1_000) =>
  new Gate({ clock, chance: () => 0.5, bytesPerSecondMax, signal: stop.signal })
const unavailable = { kind: 'unavailable', reason: 'x' } as const

test('one goes at a time, heartbeat before changes before inventory, whoever came first', async () => {
  const gate = open(new ManualClock())
  const order: Priority[] = []
  await gate.enter(priorities.inventory, stop.signal)
  const all = [priorities.inventory, priorities.changes, priorities.heartbeat, priorities.changes].map(async (one) => {
    await gate.enter(one, stop.signal)
    order.push(one)
    gate.leave(undefined)
  })
  await Promise.resolve()
  expect(order).toEqual([])
  gate.leave(undefined)
  await Promise.all(all)
  expect(order).toEqual([0, 1, 1, 2])
})

test('after a failure nobody goes before the wait, which grows until one goes well', async () => {
  const clock = new ManualClock()
  const gate = open(clock)
  const waited: number[] = []
  for (const outcome of [
    unavailable,
    unavailable,
    { ...unavailable, retryAfterMs: 7_000 },
    { kind: 'accepted' } as const,
  ]) {
    await gate.enter(priorities.changes, stop.signal)
    gate.leave(outcome)
    waited.push(gate.waitMs)
  }
  expect(waited).toEqual([500, 1_000, 9_000, 0])
  await gate.enter(priorities.changes, stop.signal)
  gate.leave(unavailable)
  expect(gate.waitMs).toBe(500)
})

test('no faster than the rate', async () => {
  const clock = new ManualClock()
  const gate = open(clock)
  const startedMs = clock.monotonicMs()
  for (let count = 0; count < 10; count += 1) {
    await gate.enter(priorities.changes, stop.signal)
    gate.leave({ kind: 'accepted' }, 500)
  }
  await gate.enter(priorities.changes, stop.signal)
  expect(clock.monotonicMs() - startedMs).toBe(5_000)
})

test('who gives up waiting is in nobody’s way', async () => {
  const gate = open(new ManualClock())
  await gate.enter(priorities.changes, stop.signal)
  const impatient = new AbortController()
  const first = gate.enter(priorities.heartbeat, impatient.signal)
  const second = gate.enter(priorities.inventory, stop.signal)
  impatient.abort(new Error('enough'))
  await expect(first).rejects.toThrow('enough')
  gate.leave(undefined)
  await second
})

test('what fails again and again does not keep the others waiting', async () => {
  const gate = open(new ManualClock())
  const order: Priority[] = []
  const goes = async (priority: Priority, outcome: Parameters<Gate['leave']>[0]): Promise<void> => {
    await gate.enter(priority, stop.signal)
    order.push(priority)
    gate.leave(outcome)
  }
  await gate.enter(priorities.changes, stop.signal)
  const beats = [1, 2, 3].map(async () => await goes(priorities.heartbeat, unavailable))
  const inventory = goes(priorities.inventory, { kind: 'accepted' })
  gate.leave(undefined)
  await Promise.all([...beats, inventory])
  expect(order).toEqual([0, 0, 2, 0])
})

test('two kinds that fail do not keep a third one waiting for ever', async () => {
  const gate = open(new ManualClock())
  const order: Priority[] = []
  const fails = async (priority: Priority): Promise<void> => {
    for (let tries = 0; tries < 4; tries += 1) {
      await gate.enter(priority, stop.signal)
      order.push(priority)
      gate.leave(unavailable)
    }
  }
  const inventory = async (): Promise<void> => {
    await gate.enter(priorities.inventory, stop.signal)
    order.push(priorities.inventory)
    gate.leave({ kind: 'accepted' })
  }
  await Promise.all([inventory(), fails(priorities.changes), fails(priorities.heartbeat)])
  expect(order.indexOf(priorities.inventory)).toBeLessThanOrEqual(5)
})
