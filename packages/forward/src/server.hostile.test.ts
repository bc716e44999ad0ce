// Goal: no bytes do harm, and nobody's bytes harm others. Method: frames that are broken by chance, in the decoder and on a
// real socket, with a good sender beside them whose acks must come; memory is looked at. TIDEMARK_FUZZ says how many frames.
// Mutants tried and caught: the deadline renewed by each byte; begun frames not counted together; values not counted.
import { randomFrom } from '@tidemark/base/testing'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import { systemClock } from '@tidemark/base'
import { afterAll, expect, test } from 'vitest'

import { connectForward } from './client.ts'
import { encodeValue } from './codec.ts'
import { ForwardDecoder } from './decoder.ts'
import { encodeMessage } from './encoder.ts'
import { forwardLimits, type ForwardLimits } from './limits.ts'
import { listenForward } from './server.ts'

const FRAMES = Number(process.env['TIDEMARK_FUZZ'] ?? 5_000)
const folder = mkdtempSync(join(tmpdir(), 'tidemark-hostile-'))
afterAll(() => rmSync(folder, { recursive: true }))

const entry = { time: { seconds: 1, nanoseconds: 0 }, record: { a: 'b', n: 1, yes: true } }
const seeds = [
  ...(['Message', 'Forward', 'PackedForward', 'CompressedPackedForward'] as const).map((mode) =>
    encodeMessage({ tag: 'tag', entries: [entry, entry], chunk: 'c' }, mode),
  ),
  encodeValue('{"Request":"AgentTaggedData","RequestId":"x","Tag":"ChangeTracking-Linux","Version":"1"}'),
  encodeValue(['t', gzipSync(Buffer.alloc(100)), { compressed: 'gzip' }]),
  encodeValue([['t'], {}, [1, [2, [3]]]]),
]

/** A good frame with some bytes changed, cut out, doubled or put in. */
function broken(random: () => number): Buffer {
  let bytes = Buffer.from(seeds[Math.floor(random() * seeds.length)] ?? [])
  for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
    const at = Math.floor(random() * bytes.length)
    const what = random()
    if (what < 0.5) bytes[at] = Math.floor(random() * 256)
    else if (what < 0.7)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(random() * 8))])
    else if (what < 0.85) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.floor(random() * at))])
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), bytes.subarray(at)])
  }
  return bytes
}

test(`${FRAMES} broken frames: an event or a reason for each, and memory stays`, () => {
  const random = randomFrom(1)
  const kinds: Record<string, number> = {}
  const beforeBytes = process.memoryUsage().heapUsed
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const decoder = new ForwardDecoder()
    for (const event of decoder.push(broken(random))) kinds[event.kind] = (kinds[event.kind] ?? 0) + 1
    if (decoder.begunBytes > 1_000) throw new Error(`${decoder.begunBytes} bytes are kept`)
  }
  expect(Math.min(kinds['malformed'] ?? 0, kinds['message'] ?? 0, kinds['request'] ?? 0)).toBeGreaterThan(0)
  expect(process.memoryUsage().heapUsed - beforeBytes).toBeLessThan(256 * 1024 * 1024)
}, 3_600_000)

async function listening(limits: Partial<ForwardLimits>) {
  const troubles: string[] = []
  const address = join(folder, `${Math.random()}`)
  const server = await listenForward({
    address,
    clock: systemClock,
    limits,
    handler: {
      onMessage: async () => await Promise.resolve({ kind: 'accepted' }),
      onRequest: async () => await Promise.resolve('x'.repeat(4_000_000)),
    },
    onTrouble: (text) => troubles.push(text),
  })
  return { address, troubles, server, [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose]() }
}

const opened = async (address: string): Promise<Socket> => {
  const socket = connect(address)
  socket.on('error', () => socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}
const closed = async (socket: Socket): Promise<void> => {
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve).resume())
}

test('a good sender gets its acks while others send what is broken', async () => {
  await using one = await listening({})
  await using good = await connectForward(one.address, { clock: systemClock })
  const random = randomFrom(2)
  for (let round = 0; round < 100; round += 1) {
    const bad = await opened(one.address)
    bad.end(broken(random))
    expect(await good.send('t', [entry], { chunk: `c${round}` })).toEqual({ kind: 'accepted' })
    bad.destroy()
  }
  await expect.poll(() => one.server.connectionCount, { timeout: 10_000 }).toBe(1)
}, 60_000)

test('a drip of bytes does not renew the time that a frame has', async () => {
  await using one = await listening({ frameMsMax: 300 })
  const slow = await opened(one.address)
  const bytes = encodeMessage({ tag: 't', entries: Array.from({ length: 1_000 }, () => entry) })
  const gone = closed(slow)
  for (let at = 0; at < bytes.length && !slow.destroyed; at += 1) {
    slow.write(bytes.subarray(at, at + 1))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await gone
  expect(one.troubles).toEqual([expect.stringContaining('not complete after 300 ms')])
}, 60_000)

test('who does not read its answer is closed', async () => {
  await using one = await listening({ frameMsMax: 300 })
  const deaf = await opened(one.address)
  deaf.pause()
  deaf.write(encodeValue('{}'))
  await expect
    .poll(() => one.troubles, { timeout: 10_000 })
    .toEqual([expect.stringContaining('an answer was not read')])
  deaf.destroy()
})

test('begun frames of many connections are limited together, and the largest goes', async () => {
  await using one = await listening({ begunBytesMax: 3_000_000 })
  const head = Buffer.from([0x92, 0xa1, 0x74, 0xc6, 0, 0x70, 0, 0])
  const small = await opened(one.address)
  small.write(Buffer.concat([head, Buffer.alloc(1_000)]))
  const large = await opened(one.address)
  large.write(Buffer.concat([head, Buffer.alloc(4_000_000)]))
  await closed(large)
  expect(one.troubles).toEqual([expect.stringContaining('begun frames of all connections')])
  expect(small.destroyed).toBe(false)
  small.destroy()
})

test.each([
  { name: 'plain', frame: encodeValue(['t', [[1, { list: Array.from({ length: 3_000 }, () => 1) }]]]) },
  {
    name: 'packed',
    frame: encodeValue([
      't',
      gzipSync(Buffer.concat(Array.from({ length: 3_000 }, () => encodeValue(1)))),
      { compressed: 'gzip' },
    ]),
  },
])('values are counted before they are made: $name', ({ frame }) => {
  const events = new ForwardDecoder({ ...forwardLimits, valuesMax: 2_000 }).push(frame)
  expect(events).toEqual([
    expect.objectContaining({ kind: 'malformed', reason: expect.stringContaining('values in a frame') }),
  ])
})

test('messages that came together are answered in order, up to the first that is not taken', async () => {
  const address = join(folder, 'order')
  let count = 0
  await using _server = await listenForward({
    address,
    clock: systemClock,
    handler: {
      onMessage: async () => {
        count += 1
        const isLast = count === 3
        await turn()
        return isLast ? { kind: 'unavailable', reason: 'full' } : { kind: 'accepted' }
      },
      onRequest: async () => await Promise.resolve(''),
    },
  })
  const socket = await opened(address)
  const got: Buffer[] = []
  socket.on('data', (bytes: Buffer) => got.push(bytes))
  socket.write(Buffer.concat(['a', 'b', 'c', 'd'].map((chunk) => encodeMessage({ tag: 't', entries: [entry], chunk }))))
  await closed(socket)
  expect(Buffer.concat(got)).toEqual(Buffer.concat(['a', 'b'].map((ack) => encodeValue({ ack }))))
})
