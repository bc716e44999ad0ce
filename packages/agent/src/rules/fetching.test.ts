import { ManualClock } from '@tidemark/base/testing'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { fixedToken } from '../upload/machine-tokens.ts'
import type { Answer } from '../upload/transport.ts'
import type { RuleInForce } from './config-chunks.ts'
import { fetchRules, type FetchState } from './fetching.ts'

const dcr = `dcr-${'a'.repeat(32)}`
const registration = { serverUrl: 'https://home', resourceId: '/subscriptions/0', region: 'local', token: 't' }
const ok = (content: unknown, eTag = '"1"'): Answer => ({
  status: 200,
  headers: { etag: eTag },
  text: JSON.stringify({ configurations: [{ configurationId: dcr, eTag: '1', op: 'added', content }] }),
})
const status = (code: number, headers: Record<string, string> = {}): Answer => ({ status: code, headers, text: 'x' })

/** Plays the answers one after the other; gives what was asked, which rules came in force and what was told. */
async function play(answers: readonly (Answer | Error)[]) {
  const stop = new AbortController()
  const clock = new ManualClock()
  const asked: { readonly host: string; readonly eTag: string | undefined }[] = []
  const applied: (readonly RuleInForce[])[] = []
  const states: FetchState[] = []
  await fetchRules({
    transport: async ({ url, headers }) => {
      asked.push({ host: new URL(url).host, eTag: headers['if-none-match'] })
      const answer = answers[asked.length - 1]
      if (asked.length >= answers.length) stop.abort(new Error('stopped'))
      if (answer instanceof Error || answer === undefined) throw answer ?? new Error('no more')
      return await Promise.resolve(answer)
    },
    registration,
    machineTokens: fixedToken('t'),
    refreshMs: 300_000,
    clock,
    chance: () => 0.5,
    log: pino({ level: 'silent' }),
    signal: stop.signal,
    current: () => applied.at(-1) ?? [],
    onRules: (rules) => applied.push(rules),
    onState: (state) => states.push(state),
  })
  return { asked, applied, states, sleptMs: clock.sleptMs }
}

test('the tag of the last answer is sent, and 304 changes nothing', async () => {
  const { asked, applied, states } = await play([ok({}), status(304), status(304)])
  expect(asked.map(({ eTag }) => eTag)).toEqual([undefined, '"1"', '"1"'])
  expect(applied).toHaveLength(1)
  expect(states.every(({ error }) => error === undefined)).toBe(true)
})

test('sent elsewhere it asks there, and home again when nobody answers there', async () => {
  const elsewhere = status(421, { 'x-ms-agent-config-endpoint': 'https://away' })
  const { asked } = await play([elsewhere, ok({}), new Error('ECONNREFUSED'), ok({})])
  expect(asked.map(({ host }) => host)).toEqual(['home', 'away', 'away', 'home'])
})

test('it follows to no address without TLS, and not for ever', async () => {
  const unsafe = await play([status(421, { 'x-ms-agent-config-endpoint': 'http://away' }), ok({})])
  expect(unsafe.states[0]?.error).toContain('has no TLS')
  const turning = Array.from({ length: 5 }, () => status(421, { 'x-ms-agent-config-endpoint': 'https://away' }))
  expect((await play(turning)).states[0]?.error).toContain('status 421')
})

test('a broken rule is told with its place; its last good version stays, and waits are jittered', async () => {
  const broken = ok({ channels: [{ id: 5 }] })
  const { applied, states, sleptMs } = await play([
    ok({}),
    broken,
    { ...ok({}), text: '{' },
    status(503, { 'retry-after': '20' }),
    ok({}),
  ])
  expect(applied[1]).toEqual(applied[0])
  expect(states[1]?.problems).toEqual([expect.stringContaining(`${dcr}: channels[0].id`)])
  expect([states[2]?.error, states[3]?.error]).toEqual([expect.stringContaining('JSON'), 'status 503: x'])
  expect(sleptMs.slice(0, 4)).toEqual([285_000, 285_000, 500, 21_000])
})
