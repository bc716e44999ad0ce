// Goal: whatever the network does in the middle of an upload, each row is counted once and in order, and changes go before
// inventory. Method: a sink in memory, a server that counts a batch by its id and fails as told, time by hand.
import { setImmediate as turn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

import { ManualClock } from '@tidemark/base/testing'
import { streamId } from '@tidemark/model'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { FaultyDisk } from '../sink/faulty-disk.ts'
import { Sink } from '../sink/sink.ts'
import { Encodings } from './encodings.ts'
import { IngestionTokens } from './ingestion-tokens.ts'
import { fixedToken } from './machine-tokens.ts'
import { postingOf } from './posting.ts'
import type { Answer, Transport } from './transport.ts'
import { DRAIN_MS_MIN, Uploads } from './uploads.ts'

const dcr = `dcr-${'a'.repeat(32)}`
const changes = streamId({ dcr, dataSource: 'CTDataSource-Linux', dataType: 'CONFIG_CHANGE_BLOB_V2' })
const inventory = streamId({ dcr, dataSource: 'CTDataSource-Linux', dataType: 'CONFIG_DATA_BLOB_V2' })
const channel = {
  id: 'ods-w',
  protocol: 'ods' as const,
  endpoint: 'http://s/ods/w',
  tokenEndpointUri: 'http://s/token',
}
const registration = { serverUrl: 'http://s', resourceId: '/subscriptions/0', region: 'local', token: 't' }
const machine = { computer: 'm', sourceComputerId: 'u', vmUuid: 'u' }
const log = pino({ level: 'silent' })

/** Time passes as soon as somebody waits, but one at a time: whoever waits for nothing must not keep the others waiting. */
function turnClock() {
  const clock = new ManualClock()
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    advance: (durationMs: number) => clock.advance(durationMs),
    sleep: async (durationMs: number, signal?: AbortSignal) => {
      await turn()
      await clock.sleep(durationMs, signal)
    },
  }
}

type Fate = 'fine' | 'cut before' | 'cut after' | 503 | 429
const answer = (status: number, headers: Record<string, string> = {}): Answer => ({ status, headers, text: '' })

class Server {
  readonly order: string[] = []
  readonly #batches = new Map<string, { type: string; values: unknown[] }>()
  fates: Fate[] = []

  readonly transport: Transport = async ({ method, headers, body }) => {
    await Promise.resolve()
    if (method === 'GET') return { ...answer(200), text: '{"configurationId":"x","ingestionAuthToken":"t"}' }
    const fate = this.fates.shift() ?? 'fine'
    if (fate === 'cut before') throw new Error('ECONNRESET')
    if (typeof fate === 'number') return answer(fate, { 'retry-after': '3' })
    const { DataType: type, DataItems: rows } = JSON.parse(gunzipSync(body ?? Buffer.alloc(0)).toString())
    const values = rows.map(({ value }: { value: unknown }) => value)
    const id = headers['x-request-id'] ?? ''
    const before = this.#batches.get(id)
    if (before && String(before.values) !== String(values)) throw new Error(`${id} has other rows`)
    if (!before) this.order.push(type)
    this.#batches.set(id, { type, values })
    if (fate === 'cut after') throw new Error('ECONNRESET')
    return answer(200)
  }

  values(type: string): unknown[] {
    return [...this.#batches.values()].filter((each) => each.type === type).flatMap(({ values }) => values)
  }
}

function open(server: Server, disk = new FaultyDisk()) {
  const clock = turnClock()
  const stop = new AbortController()
  const sink = new Sink('/s', () => true, { bytesMax: 100_000_000, segmentBytesMax: 300, files: disk, clock, log })
  const { transport } = server
  const tokens = new IngestionTokens({ transport, clock, machineTokens: fixedToken('t') })
  const encodings = new Encodings()
  const sender = { transport, tokens, encodings, machine, registration: () => registration, clock }
  const uploads = new Uploads({
    sink,
    newPost: postingOf(sender, async () => await Promise.reject(new Error('no Azure here'))),
    intervalMs: 1_000,
    bytesPerSecondMax: 1_000_000,
    clock,
    chance: () => 0.5,
    log,
    signal: stop.signal,
    setAside: async () => await Promise.resolve(),
    onChange: () => undefined,
    onDrained: () => undefined,
  })
  const destinations = [changes, inventory].map((stream) => ({ stream, channel }))
  const end = async (): Promise<void> => {
    stop.abort(new Error('stopped'))
    await uploads[Symbol.asyncDispose]()
  }
  return { sink, uploads, destinations, clock, end }
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadlineMs = Date.now() + 15_000; !isSo(); await turn())
    if (Date.now() > deadlineMs) throw new Error('it does not come')
}

test('changes go before inventory when a backlog is drained', async () => {
  const server = new Server()
  const { sink, uploads, destinations, end } = open(server)
  for (let value = 0; value < 24; value += 1) {
    await sink.stream(inventory).append([{ value, text: 'x'.repeat(300_000) }])
    if (value < 16) await sink.stream(changes).append([{ value, text: 'x'.repeat(300_000) }])
  }
  server.fates = [503]
  uploads.apply(destinations)
  await until(() => sink.backlogBytes === 0)
  expect(server.order).toEqual(server.order.toSorted())
  expect(server.order.length).toBeGreaterThan(3)
  await end()
})

const fate = fc.constantFrom<Fate>('fine', 'cut before', 'cut after', 503, 429)

test('each row is counted once and in order, over cuts, refusals and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fate, { maxLength: 6 }), { minLength: 1, maxLength: 4 }), async (lives) => {
      const server = new Server()
      const disk = new FaultyDisk()
      let value = 0
      for (const [index, fates] of lives.entries()) {
        const { sink, uploads, destinations, end } = open(server, disk)
        server.fates = [...fates]
        uploads.apply(destinations)
        for (let count = 0; count < 5; count += 1) {
          await sink.stream(changes).append([{ value }], `c${value}`)
          value += 1
          uploads.wake(changes)
        }
        const isLast = index === lives.length - 1
        await until(() => sink.backlogBytes === 0 || (!isLast && server.fates.length === 0))
        await end()
      }
      expect(server.values('CONFIG_CHANGE_BLOB_V2')).toEqual(Array.from({ length: value }, (_, index) => index))
    }),
    { numRuns: 40 },
  )
})

test('what no rule names any more is drained, then removed; what comes back goes on', async () => {
  const server = new Server()
  const { sink, uploads, destinations, clock, end } = open(server)
  uploads.apply(destinations)
  uploads.apply([])
  await sink.stream(changes).append([{ value: 1 }])
  uploads.wake(changes)
  await until(() => server.values('CONFIG_CHANGE_BLOB_V2').length === 1)
  uploads.apply(destinations.slice(1))
  clock.advance(DRAIN_MS_MIN + 1)
  uploads.tend()
  await until(() => !sink.has(changes))
  expect(uploads.destinations.map(({ stream }) => stream)).toEqual([inventory])
  await end()
})
