// Goal: real clients get their acks, hostile ones harm only themselves. Method: real sockets, the npm client as judge.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { FluentClient } from '@fluent-org/logger'
import { type Outcome, systemClock } from '@tidemark/base'
import { afterAll, expect, test } from 'vitest'

import { abstractAddress } from './address.ts'
import { connectForward } from './client.ts'
import { encodeMessage, type ForwardMode } from './encoder.ts'
import type { ForwardMessage } from './message.ts'
import { listenForward, type ListenOptions } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-forward-'))
afterAll(() => rmSync(folder, { recursive: true }))

const entry = { time: { seconds: 1, nanoseconds: 0 }, record: { a: 'b' } }
const accepted: Outcome = { kind: 'accepted' }

async function listening(options: Partial<ListenOptions> & { outcome?: () => Outcome } = {}) {
  const messages: ForwardMessage[] = []
  const troubles: string[] = []
  const address = options.address ?? join(folder, randomUUID())
  const server = await listenForward({
    address,
    clock: systemClock,
    handler: {
      onMessage: (message) => {
        messages.push(message)
        return Promise.resolve(options.outcome?.() ?? accepted)
      },
      onRequest: (text) => Promise.resolve(JSON.stringify({ asked: text })),
    },
    onTrouble: (text) => troubles.push(text),
    ...options,
  })
  return { server, messages, troubles, address, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test.each<ForwardMode>(['Message', 'Forward', 'PackedForward', 'CompressedPackedForward'])(
  'the npm client sends in mode %s and gets its ack',
  async (eventMode) => {
    await using one = await listening()
    const client = new FluentClient('tag', {
      eventMode,
      ack: { ackTimeout: 5_000 },
      socket: { path: one.address, disableReconnect: true },
    })
    await client.connect()
    await Promise.all([client.emit('one', { n: 1 }), client.emit('one', { n: 2 })])
    await client.disconnect()
    const records = one.messages.flatMap((message) => message.entries.map((each) => [message.tag, each.record]))
    expect(records).toEqual([
      ['tag.one', { n: 1 }],
      ['tag.one', { n: 2 }],
    ])
    expect(one.messages.every((message) => message.chunk !== undefined)).toBe(true)
  },
)

const hasSs = ((): boolean => {
  try {
    execFileSync('ss', ['-V'])
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasSs)('ss shows an abstract name padded to 108 bytes (skipped without ss)', async () => {
  const name = `tidemark-test-${randomUUID()}.socket`
  await using _one = await listening({ address: abstractAddress(name) })
  const listed = execFileSync('ss', ['-xl'], { encoding: 'utf8' })
  // The leading NUL shows as @, and so does each byte of the padding.
  expect(listed).toContain(`@${name}${'@'.repeat(107 - name.length)}`)
})

test('a client that does not pad an abstract name meets a different socket', async () => {
  const name = `tidemark-test-${randomUUID()}.socket`
  await using _one = await listening({ address: abstractAddress(name) })
  await using client = await connectForward(abstractAddress(name), { clock: systemClock })
  expect(client.isOpen).toBe(true)
  await expect(connectForward(`\0${name}`, { clock: systemClock })).rejects.toMatchObject({ code: 'unreachable' })
})

test('our client gets acks in order and answers to requests on one connection', async () => {
  await using one = await listening()
  await using client = await connectForward(one.address, { clock: systemClock })
  const results = await Promise.all([
    client.send('t', [entry], { chunk: 'c1' }),
    client.request('{"q":1}'),
    client.send('t', [entry], { chunk: 'c2', mode: 'CompressedPackedForward' }),
    client.send('t', [entry]),
  ])
  expect(results).toEqual([accepted, '{"asked":"{\\"q\\":1}"}', accepted, accepted])
  await expect.poll(() => one.messages.map((message) => message.chunk)).toEqual(['c1', 'c2', undefined])
})

test('however many messages a connection carries, it does not take more for each', async () => {
  await using one = await listening()
  const warnings: Error[] = []
  const warn = (warning: Error): number => warnings.push(warning)
  process.on('warning', warn)
  await using client = await connectForward(one.address, { clock: systemClock })
  for (let count = 0; count < 30; count += 1) await client.send('a', [entry], { chunk: String(count) })
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', warn)
  expect(warnings.map(({ message }) => message)).toEqual([])
})

test.each<Outcome>([
  { kind: 'unavailable', reason: 'the disk is full' },
  { kind: 'refused', reason: 'no such stream' },
])('what is $kind gets no ack, and the connection is closed', async (outcome) => {
  await using one = await listening({ outcome: () => outcome })
  await using client = await connectForward(one.address, { clock: systemClock })
  expect(await client.send('t', [entry], { chunk: 'c' })).toMatchObject({ kind: 'unavailable' })
  expect(client.isOpen).toBe(false)
  expect(one.troubles).toEqual([expect.stringContaining(outcome.kind)])
})

test('a malformed frame closes its own connection and no other', async () => {
  await using one = await listening()
  await using good = await connectForward(one.address, { clock: systemClock })
  const bad = connect(one.address)
  bad.write(Uint8Array.of(0xc1))
  await new Promise((resolve) => bad.once('close', resolve).resume())
  expect(await good.send('t', [entry], { chunk: 'c' })).toEqual(accepted)
  expect(one.troubles).toEqual([expect.stringMatching(/^connection \d+ closed: byte 0: byte 0xc1/)])
})

test('a frame that never gets complete is cut off, and so is one connection too many', async () => {
  await using one = await listening({ limits: { frameMsMax: 100, connectionsMax: 1 } })
  const slow = connect(one.address)
  slow.write(encodeMessage({ tag: 't', entries: [entry] }).subarray(0, 5))
  await expect.poll(() => one.server.connectionCount).toBe(1)
  const second = connect(one.address)
  await new Promise((resolve) => second.once('close', resolve).resume())
  await new Promise((resolve) => slow.once('close', resolve).resume())
  expect(one.troubles).toEqual([
    expect.stringContaining('1 connections are open'),
    expect.stringContaining('not complete after 100 ms'),
  ])
})

test('whoever is not admitted is closed with the reason told', async () => {
  await using one = await listening({ admit: () => 'user 1000 is not root' })
  const client = connect(one.address)
  await new Promise((resolve) => client.once('close', resolve).resume())
  expect(one.troubles).toEqual([expect.stringContaining('user 1000 is not root')])
})

test('an address in use is refused', async () => {
  await using one = await listening()
  await expect(listening({ address: one.address })).rejects.toMatchObject({ code: 'address-in-use' })
})

test('a socket file whose listener was killed is replaced', async () => {
  const stale = join(folder, 'stale-2.socket')
  const script = `require('node:net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`
  expect(() => execFileSync(process.execPath, ['-e', script])).toThrow('SIGKILL')
  await using one = await listening({ address: stale })
  await using client = await connectForward(one.address, { clock: systemClock })
  expect(client.isOpen).toBe(true)
})

test('a plain file in the way is left alone', async () => {
  const path = join(folder, 'plain')
  writeFileSync(path, 'mine')
  await expect(listening({ address: path })).rejects.toMatchObject({ code: 'address-in-use' })
})

test('an answer that does not come is given up in time', async () => {
  const { promise: never, resolve: end } = Promise.withResolvers<string>()
  await using one = await listening({ handler: { onMessage: () => Promise.resolve(accepted), onRequest: () => never } })
  await using client = await connectForward(one.address, { clock: systemClock, answerMsMax: 50 })
  await expect(client.request('{}')).rejects.toMatchObject({ code: 'timed-out' })
  end('{}')
})
