import type { Clock } from '@tidemark/base'
import { LinuxError } from '@tidemark/linux'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { supervisorOf } from './supervisor.ts'

/** A clock whose sleeps end when the test says so. */
class SteppedClock implements Clock {
  readonly sleptMs: number[] = []
  #wake: (() => void) | undefined

  nowMs(): number {
    return 0
  }

  monotonicMs(): number {
    return 0
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    this.sleptMs.push(durationMs)
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      signal?.addEventListener('abort', () => resolve())
    })
  }

  async step(): Promise<void> {
    this.#wake?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function supervised(environment: Readonly<Record<string, string>>, send?: (address: string, text: string) => void) {
  const clock = new SteppedClock()
  const told: string[] = []
  const stop = new AbortController()
  const warnings: unknown[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(JSON.parse(line)) })
  const supervisor = supervisorOf({
    environment,
    clock,
    log,
    signal: stop.signal,
    send: send ?? ((address, text) => void told.push(`${address} ${text}`)),
  })
  return { clock, told, stop, supervisor, warnings }
}

test('a program that was started by hand tells nobody', () => {
  const { told, supervisor } = supervised({})
  supervisor.ready(() => 'fine')
  supervisor.stopping()
  expect(told).toEqual([])
})

test('it tells that it is ready, alive three times in the watchdog’s time, and stopping', async () => {
  const { clock, told, stop, supervisor } = supervised({ NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '30000000' })
  let summary = 'one  rule\nand more'
  supervisor.ready(() => summary)
  await clock.step()
  await clock.step()
  summary = 'two rules'
  await clock.step()
  stop.abort()
  supervisor.stopping()
  await clock.step()
  expect(told).toEqual([
    '/run/n READY=1\nSTATUS=one rule and more',
    '/run/n WATCHDOG=1\nSTATUS=one rule and more',
    '/run/n WATCHDOG=1',
    '/run/n WATCHDOG=1\nSTATUS=two rules',
    '/run/n STOPPING=1\nSTATUS=stopping',
  ])
  expect(new Set(clock.sleptMs)).toEqual(new Set([10_000]))
})

test('without a watchdog only news are told', async () => {
  const { clock, told, supervisor, stop } = supervised({ NOTIFY_SOCKET: '@n' })
  supervisor.ready(() => 'x'.repeat(600))
  await clock.step()
  await clock.step()
  stop.abort()
  expect(told).toEqual([`@n READY=1\nSTATUS=${'x'.repeat(500)}`, `@n STATUS=${'x'.repeat(500)}`])
})

test('who does not listen is not told, and the program goes on', () => {
  const { supervisor, warnings } = supervised({ NOTIFY_SOCKET: '/gone' }, () => {
    throw new LinuxError('call-failed', 'sendto(/gone): ENOENT', { errno: 2 })
  })
  supervisor.ready(() => 'fine')
  supervisor.stopping()
  expect(warnings).toHaveLength(2)
})
