import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CONTENT_PART_BYTES_MAX, contentRows, type Row } from '@tidemark/model'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { BATCH_BYTES_MAX, BATCH_ROWS_MAX } from '../upload/uploader.ts'
import { encodeRecord } from './segment.ts'
import { SEGMENT_BYTES_MAX } from './sink.ts'
import { SinkStream, type SinkStreamOptions } from './sink-stream.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-sink-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const log = pino({ level: 'silent' })
const open = (options: Partial<SinkStreamOptions> = {}, at = folder): SinkStream =>
  new SinkStream(at, 'x', { segmentBytesMax: 100, chunksRememberedMax: 1_000, fits: () => true, log, ...options })
const row = (value: number) => ({ value })
const everything = { rowsMax: 1_000_000, bytesMax: 1_000_000 }

/** All rows that are still to be uploaded, batch by batch. */
function drain(stream: SinkStream, limits = everything): number[] {
  const values: number[] = []
  for (let batch = stream.nextBatch(limits); batch; batch = stream.nextBatch(limits)) {
    values.push(...batch.rows.map(({ value }) => Number(value)))
    stream.finish(batch)
  }
  return values
}

test('rows come out once, in their order, over many segments', async () => {
  await using stream = open()
  for (let value = 0; value < 50; value += 1) await stream.append([row(value)])
  expect(readdirSync(folder).length).toBeGreaterThan(5)
  expect(drain(stream, { rowsMax: 7, bytesMax: 1_000 })).toEqual(Array.from({ length: 50 }, (_, value) => value))
  expect([stream.backlogBytes, stream.nextBatch(everything)]).toEqual([0, undefined])
  expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toHaveLength(1)
})

test('a chunk that comes again is accepted and kept once, also after a restart', async () => {
  {
    await using stream = open()
    await stream.append([row(1)], 'c1')
    expect(await stream.append([row(1)], 'c1')).toEqual({ kind: 'accepted' })
  }
  await using stream = open()
  await stream.append([row(1)], 'c1')
  await stream.append([row(2)], 'c2')
  expect(drain(stream)).toEqual([1, 2])
})

test('a batch keeps its id and its rows over a restart, whatever came in between', async () => {
  let first
  {
    await using stream = open()
    await stream.append([row(1)])
    first = stream.nextBatch(everything)
    await stream.append([row(2)])
    expect(stream.nextBatch(everything)).toEqual(first)
  }
  await using stream = open()
  expect(stream.nextBatch(everything)).toEqual(first)
  if (first) stream.finish(first)
  expect(drain(stream)).toEqual([2])
})

test('at the budget nothing is kept and nothing is lost', async () => {
  let left = 100
  await using stream = open({ fits: (bytes) => bytes <= left })
  await stream.append([row(1)])
  left = 0
  expect(await stream.append([row(2)], 'c')).toEqual({ kind: 'unavailable', reason: 'the sink is full' })
  left = 100
  expect(await stream.append([row(2)], 'c')).toEqual({ kind: 'accepted' })
  expect(drain(stream)).toEqual([1, 2])
})

test('many appends at once share their syncs and all get their word', async () => {
  await using stream = open()
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, value) => stream.append([row(value)])))
  expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true)
  expect(drain(stream)).toEqual(Array.from({ length: 200 }, (_, value) => value))
})

test('cut at any byte of its tail, it opens and holds a prefix', async () => {
  {
    await using stream = open({ segmentBytesMax: 10_000 })
    for (let value = 0; value < 5; value += 1) await stream.append([row(value)], `c${value}`)
  }
  const bytes = readFileSync(join(folder, '00000001.segment'))
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const at = mkdtempSync(join(folder, 'cut-'))
    writeFileSync(join(at, '00000001.segment'), bytes.subarray(0, cut))
    await using survived = open({}, at)
    await survived.append([row(99)])
    const values = drain(survived)
    expect(values).toEqual([...Array.from({ length: values.length - 1 }, (_, value) => value), 99])
    if (cut === bytes.length) expect(values).toHaveLength(6)
  }
})

test('damage in the middle is set aside, and later segments go on', async () => {
  {
    await using stream = open()
    for (let value = 0; value < 30; value += 1) await stream.append([row(value)])
  }
  const path = join(folder, '00000002.segment')
  const bytes = readFileSync(path)
  bytes[12] = 255 - bytes[12]!
  writeFileSync(path, bytes)
  await using stream = open()
  const values = drain(stream)
  expect(values.at(-1)).toBe(29)
  expect(values.length).toBeLessThan(30)
  expect(readdirSync(folder).some((name) => name.endsWith('.damaged'))).toBe(true)
})

// Goal: whatever is done in which order, restarts and kills included, each accepted row comes out once and in order.
// Method: a naive twin holds the rows; segments of 60 bytes, so that every few steps begin a new one.
// Mutants tried: finish that keeps the batch; chunk ids that a start does not read back. Both were found.
test('it does what a list does', async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ append: fc.integer({ min: 1, max: 4 }), chunk: fc.integer({ min: 0, max: 5 }) }),
    },
    { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 5 }) }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('finish' as const, 'abandon' as const, 'kill' as const, 'restart' as const),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let at = mkdtempSync(join(folder, 'model-'))
      let stream = open({ segmentBytesMax: 60 }, at)
      const opened = [stream]
      let twin: number[] = []
      const chunks = new Set<string>()
      let value = 0
      let under: { id: string; values: number[] } | undefined
      for (const one of steps) {
        if (one === 'restart' || one === 'kill') {
          if (one === 'restart') await stream[Symbol.asyncDispose]()
          // A killed process leaves its files as they are: a copy opens them while the old one knows nothing of it.
          const copy = mkdtempSync(join(folder, 'model-'))
          for (const name of readdirSync(at)) copyFileSync(join(at, name), join(copy, name))
          at = copy
          stream = open({ segmentBytesMax: 60 }, at)
          opened.push(stream)
        } else if (one === 'finish' || one === 'abandon') {
          const batch = under && stream.nextBatch(everything)
          if (!under || !batch) continue
          expect([batch.id, batch.rows.map((each) => each['value'])]).toEqual([under.id, under.values])
          if (one === 'finish') twin = twin.slice(under.values.length)
          if (one === 'finish') stream.finish(batch)
          else stream.abandon(batch)
          under = undefined
        } else if ('append' in one) {
          const values = Array.from({ length: one.append }, () => (value += 1))
          // A chunk of a segment that is uploaded and gone may be forgotten; senders repeat only their last ones.
          const chunk = `${one.chunk}-${Math.floor(value / 8)}`
          expect(await stream.append(values.map(row), chunk)).toEqual({ kind: 'accepted' })
          if (!chunks.has(chunk)) twin.push(...values)
          chunks.add(chunk)
        } else {
          const batch = stream.nextBatch({ rowsMax: one.take, bytesMax: 10_000 })
          expect(batch === undefined).toBe(twin.length === 0)
          if (batch) under = { id: batch.id, values: batch.rows.map((each) => Number(each['value'])) }
          if (under) expect(under.values).toEqual(twin.slice(0, under.values.length))
        }
      }
      if (under) stream.finish(stream.nextBatch(everything)!)
      expect(drain(stream)).toEqual(under ? twin.slice(under.values.length) : twin)
      for (const each of opened) await each[Symbol.asyncDispose]()
    }),
    { numRuns: 60 },
  )
})

test('a record of no rows or of odd text is damage, not a crash', () => {
  writeFileSync(
    join(folder, '00000001.segment'),
    Buffer.concat([encodeRecord({ rows: [] }), Buffer.from('garbage that is long')]),
  )
  expect(() => open()).not.toThrow()
})

test('the largest parts of contents come out as they went in, in batches that a server takes', async () => {
  await using stream = open({ segmentBytesMax: SEGMENT_BYTES_MAX })
  const compressed = Buffer.alloc(40 * CONTENT_PART_BYTES_MAX, 7)
  const parts = contentRows('ab'.repeat(32), compressed, { contentSize: 50_000_000 })
  for (const part of parts) expect(await stream.append([part])).toEqual({ kind: 'accepted' })
  const taken: Row[] = []
  const limits = { rowsMax: BATCH_ROWS_MAX, bytesMax: BATCH_BYTES_MAX }
  for (let batch = stream.nextBatch(limits); batch; batch = stream.nextBatch(limits)) {
    expect(Buffer.byteLength(JSON.stringify(batch.rows))).toBeLessThanOrEqual(BATCH_BYTES_MAX)
    taken.push(...batch.rows)
    stream.finish(batch)
  }
  expect(taken).toEqual(parts)
})
