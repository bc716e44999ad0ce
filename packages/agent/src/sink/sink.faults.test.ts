// Goal: whatever the disk refuses and wherever the power is cut, each row arrives exactly once and in its order.
// Method: a sender that repeats its chunk until it is acknowledged, a server that counts a batch by its id, and between
// them a stream on a disk that fails at any operation (writes half done), is killed, or loses power (`FaultyDisk`).
// Mutants tried and caught: ack before the sync; a failed write not cut off; the cursor's folder not synced; chunk ids of
// removed segments not kept; a segment's folder not synced; a batch's range not saved before it is seen.
import { ManualClock } from '@tidemark/base/testing'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'

import { FaultyDisk } from './faulty-disk.ts'
import { encodeRecord } from './segment.ts'
import { SinkStream, type SinkStreamOptions } from './sink-stream.ts'

const log = pino({ level: 'silent' })
const RUNS = Number(process.env['TIDEMARK_FAULT_RUNS'] ?? 300)

function open(disk: FaultyDisk, options: Partial<SinkStreamOptions> = {}): SinkStream {
  const stream = new SinkStream('/sink', 'x', {
    files: disk,
    clock: new ManualClock(),
    segmentBytesMax: 150,
    chunksRememberedMax: 1_000,
    makeRoom: () => 'fits',
    log,
    ...options,
  })
  stream.reader('r')
  return stream
}

/** Numbers in [0, 1) that are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let at = seed
  return () => (at = (Math.imul(at, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x80000000
}

/** A sender, a stream and a server; `disk` fails as the test says. */
class Chain {
  disk = new FaultyDisk()
  stream = open(this.disk)
  readonly #chunks: number[][] = []
  readonly #server = new Map<string, unknown[]>()
  #sent = 0
  #value = 0

  make(count: number): void {
    this.#chunks.push(Array.from({ length: count }, () => (this.#value += 1)))
  }

  /** Sends what is next; where the ack is lost, the same comes again. */
  async send(isAcked = true): Promise<void> {
    const chunk = this.#chunks[this.#sent]
    if (chunk === undefined) return
    const rows = chunk.map((value) => ({ value }))
    const { kind } = await this.stream.append(rows, `chunk-${this.#sent}`)
    if (kind === 'accepted' && isAcked) this.#sent += 1
  }

  /** The next batch goes to the server; the answer reaches us or not. */
  upload(rowsMax: number, isAnswered: boolean): boolean {
    const reader = this.stream.reader('r')
    const batch = reader.nextBatch({ rowsMax, bytesMax: 10_000 })
    if (batch === undefined) return false
    const rows = batch.rows.map((row) => row['value'])
    const before = this.#server.get(batch.id)
    // Under one id always the same rows.
    if (before && String(rows) !== String(before))
      throw new Error(`batch ${batch.id}: ${String(rows)} after ${String(before)}`)
    this.#server.set(batch.id, rows)
    if (isAnswered) reader.finish(batch)
    return true
  }

  reopen(): void {
    this.disk.heal()
    this.stream = open(this.disk)
  }

  /** Everything in the end: what arrived, and what was made. */
  async drain() {
    this.reopen()
    while (this.#sent < this.#chunks.length) await this.send()
    while (this.upload(7, true));
    const { backlogBytes, hasUntold } = this.stream
    const arrived = [...this.#server.values()].flat()
    return { arrived, made: Array.from({ length: this.#value }, (_, index) => index + 1), backlogBytes, hasUntold }
  }
}

function expectAll({ arrived, made, ...rest }: Awaited<ReturnType<Chain['drain']>>): void {
  expect(arrived).toEqual(made)
  expect(rest).toEqual({ backlogBytes: 0, hasUntold: false })
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ make: fc.integer({ min: 1, max: 4 }), isAcked: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ upload: fc.integer({ min: 1, max: 6 }), isAnswered: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ failAfter: fc.integer({ min: 1, max: 12 }), bytes: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant('kill' as const) },
  { weight: 2, arbitrary: fc.record({ cut: fc.nat() }) },
)

test(`each row arrives once over faults, kills and power cuts (${RUNS} runs)`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const chain = new Chain()
      for (const one of steps) {
        try {
          if (one === 'kill') chain.reopen()
          else if ('make' in one) {
            chain.make(one.make)
            await chain.send(one.isAcked)
          } else if ('upload' in one) chain.upload(one.upload, one.isAnswered)
          else if ('failAfter' in one) chain.disk.failAfter(one.failAfter, one.bytes)
          else {
            chain.disk = chain.disk.cutPower(randomFrom(one.cut))
            chain.reopen()
          }
        } catch (error) {
          // The disk said no: whoever asked tries again later.
          if (!(error instanceof Error && error.message.startsWith('EIO'))) throw error
        }
      }
      expectAll(await chain.drain())
    }),
    { numRuns: RUNS },
  )
}, 120_000)

// found: the cursor that a killed process had renamed, without its folder's sync, was believed and then lost.
test('what a killed process had not brought to stable storage is brought there before it is believed', async () => {
  for (let failAfter = 1; failAfter <= 14; failAfter += 1) {
    const chain = new Chain()
    chain.make(1)
    await chain.send(false)
    chain.disk.failAfter(failAfter)
    try {
      chain.upload(1, false)
    } catch {
      // The disk said no.
    }
    chain.reopen()
    chain.upload(1, false)
    chain.disk = chain.disk.cutPower(() => 0.5)
    expectAll(await chain.drain())
  }
})

test('power cut in the middle of an append, at every byte: what was acknowledged is there, what was not comes again', async () => {
  const record = encodeRecord({ chunk: 'c2', at: 0, rows: [{ value: 3 }] })
  for (let bytes = 0; bytes <= record.length; bytes += 1) {
    const chain = new Chain()
    chain.make(2)
    await chain.send()
    chain.make(1)
    // Open files go on: write, then sync.
    chain.disk.failAfter(1, bytes)
    await chain.send()
    chain.disk = chain.disk.cutPower(() => 0.999)
    expectAll(await chain.drain())
  }
})

test('after a failed sync nothing is lost or stuck: the next append goes on without a restart', async () => {
  const disk = new FaultyDisk()
  const stream = open(disk)
  await stream.append([{ value: 1 }], 'a')
  for (let at = 1; at <= 8; at += 1) {
    disk.failAfter(at, 5)
    await stream.append([{ value: at + 1 }], `b${at}`)
    disk.heal()
    expect(await stream.append([{ value: at + 1 }], `b${at}`)).toEqual({ kind: 'accepted' })
  }
  const batch = stream.reader('r').nextBatch({ rowsMax: 100, bytesMax: 10_000 })
  expect(batch?.rows.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('a thousand records that come together share few syncs', async () => {
  const disk = new FaultyDisk()
  const stream = open(disk, { segmentBytesMax: 10_000_000 })
  const before = disk.syncs
  await Promise.all(Array.from({ length: 1_000 }, (_, value) => stream.append([{ value }], `c${value}`)))
  expect(disk.syncs - before).toBeLessThanOrEqual(4)
})
