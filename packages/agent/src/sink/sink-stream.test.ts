import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { CONTENT_PART_BYTES_MAX, contentRows, type Row } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { BATCH_BYTES_MAX, BATCH_ROWS_MAX } from '../upload/uploader.ts'
import { encodeRecord } from './segment.ts'
import { SEGMENT_BYTES_MAX } from './sink.ts'
import { systemFiles } from './sink-files.ts'
import type { SinkReader } from './sink-reader.ts'
import { SinkStream, type SinkStreamOptions } from './sink-stream.ts'

// What a sync takes is not what is looked at here: in memory where that is possible.
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(memory, 'tidemark-sink-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const log = pino({ level: 'silent' })
const open = (options: Partial<SinkStreamOptions> = {}, at = folder): SinkStream =>
  new SinkStream(at, 'x', {
    files: systemFiles,
    clock: systemClock,
    segmentBytesMax: 100,
    chunksRememberedMax: 1_000,
    makeRoom: () => 'fits',
    log,
    ...options,
  })
const reader = (stream: SinkStream): SinkReader => stream.reader('r')
const row = (value: number) => ({ value })
const everything = { rowsMax: 1_000_000, bytesMax: 1_000_000 }

/** All rows that are still to be uploaded, batch by batch. */
function drain(stream: SinkStream, limits = everything): number[] {
  const values: number[] = []
  const from = reader(stream)
  for (let batch = from.nextBatch(limits); batch; batch = from.nextBatch(limits)) {
    values.push(...batch.rows.map(({ value }) => Number(value)))
    from.finish(batch)
  }
  return values
}

test('rows come out once, in their order, over many segments', async () => {
  await using stream = open()
  for (let value = 0; value < 50; value += 1) await stream.append([row(value)])
  expect(readdirSync(folder).length).toBeGreaterThan(5)
  expect(drain(stream, { rowsMax: 7, bytesMax: 1_000 })).toEqual(Array.from({ length: 50 }, (_, value) => value))
  expect([stream.backlogBytes, reader(stream).nextBatch(everything)]).toEqual([0, undefined])
  expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toHaveLength(0)
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
    first = reader(stream).nextBatch(everything)
    await stream.append([row(2)])
    expect(reader(stream).nextBatch(everything)).toEqual(first)
  }
  await using stream = open()
  expect(reader(stream).nextBatch(everything)).toEqual(first)
  if (first) reader(stream).finish(first)
  expect(drain(stream)).toEqual([2])
})

test('at the budget nothing is kept and nothing is lost', async () => {
  let left = 100
  await using stream = open({ makeRoom: (bytes) => (bytes <= left ? 'fits' : 'not-now') })
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
  const [damaged = ''] = readdirSync(folder).filter((name) => name.endsWith('.damaged'))
  expect(readFileSync(join(folder, damaged))).toEqual(bytes)
  expect(stream.untold()).toMatchObject({ rows: 0, damagedBytes: bytes.length })
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
  const from = reader(stream)
  for (let batch = from.nextBatch(limits); batch; batch = from.nextBatch(limits)) {
    expect(Buffer.byteLength(JSON.stringify(batch.rows))).toBeLessThanOrEqual(BATCH_BYTES_MAX)
    taken.push(...batch.rows)
    from.finish(batch)
  }
  expect(taken).toEqual(parts)
})

test('each destination goes its own way, and rows stay until all have finished', async () => {
  await using stream = open()
  for (let value = 0; value < 20; value += 1) await stream.append([row(value)])
  const [one, other] = [stream.reader('one'), stream.reader('other')]
  for (let value = 20; value < 30; value += 1) await stream.append([row(value)])
  const valuesOf = (from: SinkReader): number[] => {
    const batch = from.nextBatch(everything)
    if (batch) from.finish(batch)
    return (batch?.rows ?? []).map(({ value }) => Number(value))
  }
  expect(valuesOf(one)).toHaveLength(30)
  expect(stream.backlogBytes).toBe(other.backlogBytes)
  // It came when others were there: what was before is not its.
  expect(valuesOf(other)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
  expect(readdirSync(folder).filter((name) => name.endsWith('.segment'))).toEqual([])
  stream.forgetReader('one')
  expect(stream.readers.map(({ name }) => name)).toEqual(['other'])
})

test('a long record that does not fit one look is read whole, also behind damage at its end', async () => {
  await using stream = open({ segmentBytesMax: 10_000_000 })
  const long = 'x'.repeat(3_000_000)
  for (const value of [1, 2]) await stream.append([{ value, long }])
  const batch = reader(stream).nextBatch({ rowsMax: 1, bytesMax: 1 })
  expect(batch?.rows).toEqual([{ value: 1, long }])
})
