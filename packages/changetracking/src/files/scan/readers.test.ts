import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { NO_FOLDER, STATUS_BYTES, statusAt } from '@tidemark/linux'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { ReadOrder } from './read-file.ts'
import { AHEAD_BYTES_MAX, AHEAD_MAX, ALONE_FILES_MAX, type Reading, Readers, type ReadersOptions } from './readers.ts'
import { BATCHES_MAX, BATCH_FILES_MAX, ReadingQueue, type Waiting } from './reading-queue.ts'
import { fillStamp, STAMP_BYTES } from './stamp.ts'

// Goal: what is read in threads comes back complete and in order, and a thread that fails is heard of at once.

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-readers-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const owners = { users: new Map(), groups: new Map() }
const readersOf = (more: Partial<ReadersOptions> = {}): Readers =>
  new Readers({ count: 1, nice: 0, ioClass: 'best-effort', circumstances: { nowMs: () => 0, owners }, ...more })

/** A program of a thread that is no reader. */
const programOf = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`)
const begin = `import { readlinkSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
Atomics.store(workerData.thread, 0, Number(readlinkSync('/proc/thread-self').split('/').at(-1)))
`
const silent = programOf(`${begin}workerData.port.on('message', () => undefined)`)

function waitingOf(name: string, sizeBytes?: number): Waiting {
  const path = join(folder, name)
  const status = Buffer.alloc(STATUS_BYTES)
  statusAt(NO_FOLDER, path, 'seen', status)
  const stamp = Buffer.alloc(STAMP_BYTES)
  fillStamp(status, stamp)
  if (sizeBytes !== undefined) stamp.writeUInt32LE(sizeBytes, 32)
  const order: ReadOrder = {
    path,
    isFollowed: false,
    stamp,
    method: 'sha256',
    contentBytesMax: undefined,
    isTextWanted: false,
  }
  return { found: { path, kind: 'file', stamp, isFollowed: false, matches: [0] }, known: undefined, order }
}

function readingOf(count: number, bytes = 0): Reading {
  writeFileSync(join(folder, 'a'), 'a')
  const { order } = waitingOf('a')
  return { orders: Array.from({ length: count }, () => order!), bytes, answers: undefined }
}

test.each([0, 1, 3])('with %i threads all is told in order, each with its own answer', (count) => {
  const names = Array.from({ length: 3_000 }, (_, index) => String(index))
  for (const name of names) writeFileSync(join(folder, name), name)
  using readers = readersOf({ count })
  const told: string[] = []
  const queue = new ReadingQueue(readers, ({ found, order }, answer) => {
    const isRight = order === undefined ? answer === undefined : answer?.digest === sha256(nameOf(found.path))
    told.push(`${nameOf(found.path)} ${isRight}`)
  })
  // Some are not to be read.
  for (const [index, name] of names.entries())
    queue.push(index % 5 === 0 ? { ...waitingOf(name), order: undefined } : waitingOf(name))
  queue.end()
  expect(told).toEqual(names.map((name) => `${name} true`))
})

test('threads are started when it is worth it, and have no more than some batches before them', () => {
  using readers = readersOf({ program: silent })
  expect(readers.give(readingOf(ALONE_FILES_MAX))).toBe(false)
  const given = Array.from({ length: AHEAD_MAX + 2 }, () => readers.give(readingOf(1)))
  expect(given.filter(Boolean)).toHaveLength(AHEAD_MAX)
})

test('a thread with a large file before it gets no other: the caller takes that one', () => {
  using readers = readersOf({ count: 2, program: silent })
  const given = Array.from({ length: 3 }, () => readers.give(readingOf(1, AHEAD_BYTES_MAX + 1)))
  expect(given).toEqual([true, true, false])
})

test('what a thread throws is thrown where it is waited for', () => {
  const broken = { users: undefined, groups: undefined }
  // @ts-expect-error owners that are none, so that the thread throws
  using readers = readersOf({ circumstances: { nowMs: () => 0, owners: broken } })
  const one = readingOf(ALONE_FILES_MAX + 1)
  const reading = { ...one, orders: one.orders.map((order) => ({ ...order, isTextWanted: true })) }
  expect(readers.give(reading)).toBe(true)
  expect(() => readers.await(reading)).toThrow(/a thread that reads files failed: Cannot read properties of undefined/)
})

test.each([
  { how: 'ends', program: `${begin}workerData.port.on('message', () => process.exit())` },
  { how: 'throws past everything', program: `${begin}workerData.port.on('message', () => { throw new Error('x') })` },
])('a thread that $how is missed within seconds', ({ program }) => {
  using readers = readersOf({ program: programOf(program) })
  const reading = readingOf(ALONE_FILES_MAX + 1)
  expect(readers.give(reading)).toBe(true)
  const sinceMs = performance.now()
  expect(() => readers.await(reading)).toThrow(/ended or does not answer/)
  expect(performance.now() - sinceMs).toBeLessThan(20_000)
})

test('what waits behind a thread that ended has bounds', () => {
  using readers = readersOf({ program: programOf(`${begin}workerData.port.on('message', () => process.exit())`) })
  let count = 0
  const queue = new ReadingQueue(readers, () => undefined)
  writeFileSync(join(folder, 'a'), 'a')
  const one = waitingOf('a')
  expect(() => {
    for (; count < 1_000 * BATCH_FILES_MAX; count += 1) queue.push(one)
  }).toThrow(/ended or does not answer/)
  // Those that this thread reads itself before others are started come first.
  expect(count).toBeLessThan((BATCHES_MAX + 1) * BATCH_FILES_MAX + ALONE_FILES_MAX)
})

test('a reader that is not needed is not started; ending twice is safe', () => {
  const readers = readersOf({ program: programOf('throw new Error("started")') })
  const reading = readingOf(1)
  expect(readers.give(reading)).toBe(false)
  readers.read(reading)
  expect(reading.answers?.map(({ digest }) => digest)).toEqual([sha256('a')])
  readers[Symbol.dispose]()
  readers[Symbol.dispose]()
})

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
