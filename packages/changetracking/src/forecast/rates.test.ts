import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Clock, systemClock } from '@tidemark/base'
import { afterAll, expect, test, vi } from 'vitest'

import type { ReadOrder } from '../files/scan/read-file.ts'
import { STAMP_BYTES } from '../files/scan/stamp.ts'
import { baselineEstimate, measureHashing, measureReading, type Rates, rescanEstimate } from './rates.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-rates-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Each look at the time takes so long. */
function slowClock(stepMs: number): Clock {
  let nowMs = 0
  return { ...systemClock, monotonicMs: () => (nowMs += stepMs) }
}

const tally = { files: 90, folders: 8, links: 1, others: 1, bytes: 5e6, kept: { files: 0, bytes: 0 }, largest: [] }
const rates: Rates = { secondsPerPath: 0.01, secondsPerFileRead: 0.1, bytesHashedPerSecond: 1e6 }
const budget = { cpuPercent: 50, bytesPerSecond: 0, nice: 0, ioClass: 'idle' } as const

test.each([
  // 100 paths at 10 ms, 10 files at 100 ms, 2 MB at 1 MB/s.
  { name: 'half a core', read: { files: 10, bytes: 2e6 }, budget, busySeconds: 4, seconds: 8 },
  {
    name: 'a whole core',
    read: { files: 10, bytes: 2e6 },
    budget: { ...budget, cpuPercent: 100 },
    busySeconds: 4,
    seconds: 4,
  },
  {
    name: 'bytes are dearer',
    read: { files: 10, bytes: 2e6 },
    budget: { ...budget, bytesPerSecond: 1e5 },
    busySeconds: 4,
    seconds: 20,
  },
  { name: 'nothing is read', read: { files: 0, bytes: 0 }, budget, busySeconds: 1, seconds: 2 },
])('the first look: $name', ({ read, budget: allowed, busySeconds, seconds }) => {
  const estimate = baselineEstimate({ ...tally, read }, rates, allowed)
  expect(estimate.busySeconds).toBeCloseTo(busySeconds)
  expect(estimate.seconds).toBeCloseTo(seconds)
})

test('where nothing is hashed no rate is needed', () => {
  const read = { files: 0, bytes: 0 }
  const unmeasured = { ...rates, bytesHashedPerSecond: 0 }
  expect(baselineEstimate({ ...tally, read }, unmeasured, budget).busySeconds).toBeCloseTo(1)
})

test('a later look costs the walk', () => {
  const estimate = rescanEstimate({ ...tally, read: { files: 10, bytes: 2e6 } }, rates, budget)
  expect(estimate.busySeconds).toBeCloseTo(1)
  expect(estimate.seconds).toBeCloseTo(2)
})

test('hashing is measured for 50 ms, and the slower way counts', async () => {
  // A look at the time takes 10 ms: one before, then five with a megabyte each.
  expect(measureHashing(new Set(['sha256']), slowClock(10))).toBeCloseTo((5 * 1024 * 1024) / 0.05)
  expect(measureHashing(new Set(), slowClock(10))).toBe(0)
  // On a busy machine one of three measurements may be held up, and is made again.
  await vi.waitFor(() => {
    const [sha256, md5] = [
      measureHashing(new Set(['sha256']), systemClock),
      measureHashing(new Set(['md5']), systemClock),
    ]
    expect(measureHashing(new Set(['sha256', 'md5']), systemClock)).toBeLessThan(Math.max(sha256, md5) * 1.5)
  }, 4_000)
})

function order(path: string, bytes: number): ReadOrder {
  const stamp = Buffer.alloc(STAMP_BYTES)
  stamp.writeBigUInt64LE(BigInt(bytes), 32)
  return { path, isFollowed: false, stamp, method: 'sha256', contentBytesMax: undefined, isTextWanted: false }
}

test('reading is measured on the files that can be read and are not large', () => {
  const paths = ['a', 'b'].map((name) => join(folder, name))
  for (const path of paths) writeFileSync(path, 'x'.repeat(1_000))
  const sample = [
    ...paths.map((path) => order(path, 1_000)),
    order(join(folder, 'gone'), 5),
    order(join(folder, 'a'), 2e6),
  ]
  // 30 ms by the clock for 2 files, of which hashing 2,000 bytes takes 20.
  expect(measureReading(sample, { clock: slowClock(15), bytesHashedPerSecond: 1e5 })).toBeCloseTo(0.005)
  expect(measureReading([order(join(folder, 'gone'), 5)], { clock: slowClock(15), bytesHashedPerSecond: 1e5 })).toBe(0)
})

test('reading ends when it takes long', () => {
  const path = join(folder, 'c')
  writeFileSync(path, '')
  const many = Array.from({ length: 100 }, () => order(path, 0))
  // The third file is behind the 200 ms.
  expect(measureReading(many, { clock: slowClock(90), bytesHashedPerSecond: 1e9 })).toBeCloseTo(0.09)
})
