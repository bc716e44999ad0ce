import type { Clock } from '@tidemark/base'
import { ManualClock } from '@tidemark/base/testing'
import { expect, test } from 'vitest'

import type { Program, ProgramEnd } from '../host/processes.ts'
import { ENDS_IN_A_ROW_MAX, Supervised } from './supervise.ts'

/** Programs that end as told, one after the other; the last one runs until it is asked to end. */
function programs(ends: readonly ProgramEnd[]): { start: () => Program; started: () => number; signals: string[] } {
  let count = 0
  const signals: string[] = []
  const start = (): Program => {
    const end = ends[count]
    count += 1
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>()
    if (end) resolve(end)
    return { pid: count, ended: promise, signal: (name) => (signals.push(name), resolve({ code: 0, signal: null })) }
  }
  return { start, started: () => count, signals }
}

const crash: ProgramEnd = { code: 1, signal: null }
// A sleep that never comes to its end by itself would hold a stop back: the killer's sleep must be aborted.
const clockWithoutKiller = (): Clock => {
  const manual = new ManualClock()
  return {
    nowMs: () => manual.nowMs(),
    monotonicMs: () => manual.monotonicMs(),
    sleep: (ms, signal) => (ms >= 15_000 ? waitForAbort(signal) : manual.sleep(ms, signal)),
  }
}

function waitForAbort(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve()
}

test('a program that dies is started again, and told about', async () => {
  const { start, started, signals } = programs([crash, { code: null, signal: 'SIGKILL' }])
  const troubles: string[] = []
  const one = new Supervised({
    name: 'agent',
    start,
    clock: clockWithoutKiller(),
    chance: () => 0,
    onTrouble: (text) => troubles.push(text),
  })
  await settle()
  expect(started()).toBe(3)
  expect(one.state).toBe('running')
  expect(troubles).toEqual([
    'agent ended (exit code 1); it is started again',
    'agent ended (signal SIGKILL); it is started again',
  ])
  await one[Symbol.asyncDispose]()
  await one[Symbol.asyncDispose]()
  expect(one.state).toBe('stopped')
  expect(signals[0]).toBe('SIGTERM')
})

test('a program that says it cannot run here is not started again', async () => {
  const { start, started } = programs([{ code: 3, signal: null }])
  const one = new Supervised({
    name: 'agent',
    start,
    clock: clockWithoutKiller(),
    chance: () => 0,
    onTrouble: () => undefined,
  })
  await settle()
  expect([started(), one.state]).toEqual([1, 'given up'])
})

test('a program that never settles is given up', async () => {
  const { start, started } = programs(Array.from({ length: 50 }, () => crash))
  const one = new Supervised({
    name: 'agent',
    start,
    clock: new ManualClock(),
    chance: () => 0,
    onTrouble: () => undefined,
  })
  await settle()
  expect([started(), one.state]).toEqual([ENDS_IN_A_ROW_MAX, 'given up'])
})
