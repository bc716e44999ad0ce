import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Outcome, systemClock } from '@tidemark/base'
import { type ForwardMessage, type ForwardServer, listenForward, socketAddress } from '@tidemark/forward'
import { socketNames } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { State, type WaitingLimits } from '../state/state.ts'
import { Handover } from './handover.ts'

/** A busy machine may take its time. */
const soon = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 })

let folder = ''
let state: State
let server: ForwardServer | undefined
let handover: Handover | undefined
let messages: ForwardMessage[] = []
let answer: (message: ForwardMessage) => Outcome | 'no ack' = () => ({ kind: 'accepted' })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-handover-'))
  state = State.open(join(folder, 'db'), 0)
  messages = []
  answer = () => ({ kind: 'accepted' })
})
afterEach(async () => {
  await handover?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  state[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function listen(): Promise<void> {
  server = await listenForward({
    address: socketAddress(socketNames.changeTrackingLinux, folder),
    clock: systemClock,
    handler: {
      onRequest: async () => await Promise.resolve('{}'),
      onMessage: async (message, { socket }) => {
        messages.push(message)
        const said = answer(message)
        if (said !== 'no ack') return await Promise.resolve(said)
        // The rows are taken and the connection breaks before the ack is out.
        socket.destroy()
        return { kind: 'accepted' }
      },
    },
  })
}

function start(): void {
  const log = pino({ level: 'silent' })
  handover = new Handover({ state, socketsDirectory: folder, clock: systemClock, log })
}

function put(chunks: readonly (readonly [stream: string, chunk: string])[]): void {
  const outbox = chunks.map(([stream, chunk]) => ({ stream, chunk: base64(chunk), rows: [{ Name: chunk }] }))
  state.apply({ type: 'Files', items: [], memory: state.memory('Files'), outbox, sequence: 0 })
}

const base64 = (name: string): string => Buffer.from(name.padEnd(16)).toString('base64')
const sent = (): string[] => messages.map(({ chunk = '' }) => Buffer.from(chunk, 'base64').toString().trim())

test('entries go in their order, each under its chunk, and leave the outbox when acknowledged', async () => {
  await listen()
  put([
    ['s', '1'],
    ['t', '2'],
    ['s', '3'],
  ])
  start()
  await soon(() => state.outboxCount).toBe(0)
  expect(sent()).toEqual(['1', '2', '3'])
  expect(messages[1]).toMatchObject({ tag: 't', entries: [{ record: { Name: '2' } }] })
  put([['s', '4']])
  handover?.wake()
  await soon(() => sent()).toEqual(['1', '2', '3', '4'])
})

test('an ack that is lost is followed by the same rows under the same chunk', async () => {
  await listen()
  put([
    ['s', '1'],
    ['s', '2'],
    ['s', '3'],
  ])
  let isLost = false
  answer = ({ entries }) => {
    if (isLost || entries[0]?.record['Name'] !== '2') return { kind: 'accepted' }
    isLost = true
    return 'no ack'
  }
  start()
  await soon(() => state.outboxCount).toBe(0)
  expect(sent()).toEqual(['1', '2', '2', '3'])
  expect(messages[1]?.entries[0]?.record).toEqual(messages[2]?.entries[0]?.record)
})

test('an agent that comes later gets everything', async () => {
  put([['s', '1']])
  start()
  await soon(() => handover?.trouble).toContain('does not answer')
  expect(state.outboxCount).toBe(1)
  await listen()
  await soon(() => state.outboxCount).toBe(0)
  await soon(() => handover?.trouble).toBeUndefined()
})

test('a stream that the agent does not take holds up no other, stays in the outbox, and is tried again', async () => {
  await listen()
  put([
    ['gone', '1'],
    ['s', '2'],
    ['gone', '3'],
    ['s', '4'],
  ])
  let isGone = true
  answer = ({ tag }) =>
    tag === 'gone' && isGone ? { kind: 'refused', reason: 'no rule has it' } : { kind: 'accepted' }
  start()
  await soon(() => sent().filter((chunk) => chunk !== '1')).toEqual(['2', '4'])
  await soon(() => state.outboxCount).toBe(2)
  expect(handover?.trouble).toContain('gone')
  put([['s', '5']])
  handover?.wake()
  await soon(() => sent()).toContain('5')
  isGone = false
  await soon(() => state.outboxCount).toBe(0)
  expect(sent().slice(-2)).toEqual(['1', '3'])
  await soon(() => handover?.trouble).toBeUndefined()
})

test('a state that cannot be read at the moment is read later', async () => {
  await listen()
  put([['s', '1']])
  let failures = 2
  const failing = {
    waiting: (limits: WaitingLimits) => {
      if (failures-- > 0) throw new Error('EIO: i/o error')
      return state.waiting(limits)
    },
    handedOver: (keys: readonly Uint8Array[]) => state.handedOver(keys),
  }
  const log = pino({ level: 'silent' })
  handover = new Handover({ state: failing, socketsDirectory: folder, clock: systemClock, chance: () => 1, log })
  await soon(() => handover?.trouble).toContain('EIO')
  await soon(() => state.outboxCount).toBe(0)
})

test('stopping is safe at any time and twice, and what was not acknowledged stays', async () => {
  await listen()
  answer = () => ({ kind: 'unavailable', reason: 'full' })
  put([['s', '1']])
  start()
  await soon(() => messages.length).toBeGreaterThan(0)
  await Promise.all([handover?.[Symbol.asyncDispose](), handover?.[Symbol.asyncDispose]()])
  expect(state.outboxCount).toBe(1)
})
