// Goal: a question comes to change tracking once and its answer to the server, whatever the network does.
// Method: a server of a few lines, time by hand.
import type { Clock } from '@tidemark/base'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { fixedToken } from '../upload/machine-tokens.ts'
import type { Transport } from '../upload/transport.ts'
import { FETCH_MS_MIN, HELD_MS_MAX, Questions } from './questions.ts'

const id = '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab'
const question = { id, kind: 'forecast', secondsLeft: 100, extensionSettings: { a: 1 } }
const registration = { serverUrl: 'https://s/', resourceId: '/subscriptions/0/m', region: 'local', token: 't' }

/** A clock that stands still, and sleepers with it, until it is moved. */
function stillClock(): Clock & { advance(durationMs: number): void } {
  let atMs = 0
  const sleepers: { readonly untilMs: number; readonly wake: () => void }[] = []
  return {
    nowMs: () => atMs,
    monotonicMs: () => atMs,
    sleep: async (durationMs, signal) =>
      await new Promise<void>((resolve, reject) => {
        sleepers.push({ untilMs: atMs + durationMs, wake: resolve })
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
      }),
    advance: (durationMs) => {
      atMs += durationMs
      for (const { untilMs, wake } of sleepers) if (untilMs <= atMs) wake()
    },
  }
}

function open(statuses: number[] = []) {
  const stop = new AbortController()
  const clock = stillClock()
  const asked: { method: string; url: string; body?: string }[] = []
  const transport: Transport = async ({ method, url, body }) => {
    asked.push({ method, url, ...(body ? { body: Buffer.from(body).toString() } : {}) })
    const status = method === 'GET' ? 200 : (statuses.shift() ?? 204)
    if (status === 0) throw new Error('no network')
    return await Promise.resolve({ status, headers: {}, text: JSON.stringify({ questions: [question] }) })
  }
  const log = pino({ level: 'silent' })
  const questions = new Questions({
    transport,
    registration,
    machineTokens: fixedToken('t'),
    clock,
    log,
    signal: stop.signal,
  })
  return { questions, clock, asked, stop }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
}

test('whoever waits is handed a question when an answer of the server says that there is one', async () => {
  const { questions, asked } = open()
  const waiting = questions.next()
  const uploads = questions.noticing(
    async () => await Promise.resolve({ status: 200, headers: { 'x-tidemark-questions': '1' }, text: '' }),
  )
  await uploads({ method: 'POST', url: 'https://s/ods', headers: {}, signal: new AbortController().signal })
  expect(await waiting).toEqual([question])
  expect(asked).toEqual([
    { method: 'GET', url: 'https://s/locations/local/subscriptions/0/m/agentQuestions?api-version=2022-06-02' },
  ])
})

test('it is handed once, however often the server tells it, and forgotten when nobody waits any more', async () => {
  const { questions, clock, asked } = open()
  questions.fetchSoon()
  questions.fetchSoon()
  await settled()
  expect(await questions.next()).toHaveLength(1)
  clock.advance(FETCH_MS_MIN)
  questions.fetchSoon()
  await settled()
  const none = questions.next()
  clock.advance(HELD_MS_MAX)
  expect(await none).toEqual([])
  expect(asked).toHaveLength(2)
  clock.advance(100_000)
  expect(await Promise.race([questions.next(), Promise.resolve('waits')])).toBe('waits')
  expect(questions.answer(id, '{}')).toBe('nobody waits for this answer')
})

test('an answer is brought to the server, again where it does not come there', async () => {
  const { questions, clock, asked } = open([0, 503, 204])
  questions.fetchSoon()
  await settled()
  await questions.next()
  const answer = { kind: 'failed', reason: 'no' }
  expect(questions.answer(id, JSON.stringify(answer))).toBeUndefined()
  for (let step = 0; step < 4; step += 1) {
    await settled()
    clock.advance(10_000)
  }
  const sent = asked.filter(({ method }) => method === 'POST')
  expect(sent.map(({ body }) => JSON.parse(body ?? ''))).toEqual([answer, answer, answer])
  expect(sent[0]?.url).toContain(`/agentQuestions/${id}?`)
  expect(questions.answer(id, '{"kind":"guess"}')).toBe('the answer to a question is none')
  expect(questions.answer(id, '{')).toBe('the answer to a question is none')
})

test('stopping lets nobody wait', async () => {
  const { questions, stop } = open()
  const waiting = questions.next()
  stop.abort()
  expect(await waiting).toEqual([])
  expect(await questions.next()).toEqual([])
})
