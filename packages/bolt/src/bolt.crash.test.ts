import { expect, test } from 'vitest'
import { type Bolt, openBolt } from './index.ts'
import { linesOf } from './judge/lines.ts'
import { type FileStep, MemoryFile } from './memory-file.ts'

// Goal: a power cut at any point of a commit leaves the state before it or the state after it, and a sound file.
// Method: the changes that a commit makes to the file are recorded and replayed up to every point; between two syncs a
// disk may also keep any one of the writes alone, in part, or turned around. Whatever was synced is there.
// Mutants caught here: no sync between data and meta; the meta before the data; the meta always at page 0; pages of the
// same commit reused; the pages of a failed commit lost.

const open = (file: MemoryFile, freelistSync = true): Bolt =>
  openBolt('crash.db', { file, freelistSync, pageSize: 1024 })

const commits: readonly { readonly name: string; readonly change: (bolt: Bolt) => void }[] = [
  { name: 'one small value', change: (bolt) => bolt.update((tx) => tx.bucket('a')?.put('key0001', 'new')) },
  {
    name: 'a bucket that grows the file',
    change: (bolt) =>
      bolt.update((tx) => {
        const bucket = tx.createBucket('b')
        for (let i = 0; i < 300; i++) bucket.put(`k${i}`, 'x'.repeat(i))
      }),
  },
  {
    name: 'most of a bucket deleted',
    change: (bolt) =>
      bolt.update((tx) => {
        const bucket = tx.bucket('a')
        for (const { key } of bucket?.entries({ from: 'key0010' }) ?? []) bucket?.delete(key)
      }),
  },
]

for (const freelistSync of [true, false]) {
  test.each(commits)(`a power cut while committing $name (freelistSync ${freelistSync})`, ({ change }) => {
    const file = new MemoryFile()
    const bolt = open(file, freelistSync)
    fill(bolt)
    const startBytes = file.bytes
    const before = bolt.view(linesOf)
    const stepCount = file.steps.length
    change(bolt)
    const after = bolt.view(linesOf)
    const steps = file.steps.slice(stepCount).flatMap((step) => [...pageByPage(step)])
    expect(after).not.toEqual(before)
    expect(steps.filter(({ kind }) => kind === 'sync').length).toBeGreaterThanOrEqual(2)

    const seen = new Set<string>()
    for (const survivor of survivors(startBytes, steps)) {
      const reopened = open(new MemoryFile(survivor.bytes), freelistSync)
      const lines = reopened.view(linesOf)
      const isBefore = JSON.stringify(lines) === JSON.stringify(before)
      if (!isBefore) expect(lines, survivor.what).toEqual(after)
      seen.add(isBefore ? 'before' : 'after')
      expect(
        reopened.view((tx) => tx.check()),
        survivor.what,
      ).toEqual([])
      reopened.update((tx) => tx.createBucketIfMissing('later').put('k', 'v'))
      expect(
        reopened.view((tx) => tx.check()),
        survivor.what,
      ).toEqual([])
    }
    expect(seen).toEqual(new Set(['before', 'after']))
  })
}

test('a power cut while a file is created leaves one that can be opened', () => {
  const file = new MemoryFile()
  open(file).close()
  for (let cut = 0; cut <= file.steps.length; cut++) {
    const bytes = replay(new Uint8Array(0), file.steps.slice(0, cut)).bytes
    expect(
      open(new MemoryFile(bytes)).view((tx) => tx.check()),
      `after ${cut} steps`,
    ).toEqual([])
  }
})

test('a failed write changes nothing, and the next transaction works', () => {
  const file = new MemoryFile()
  const bolt = open(file)
  fill(bolt)
  const before = bolt.view(linesOf)
  file.beforeStep = () => {
    throw new Error('ENOSPC')
  }
  expect(() => bolt.update((tx) => tx.bucket('a')?.put('k', 'v'))).toThrow(
    expect.objectContaining({ code: 'io-failed' }),
  )
  file.beforeStep = () => undefined
  expect(bolt.view(linesOf)).toEqual(before)
  bolt.update((tx) => tx.bucket('a')?.delete('key0003'))
  expect(bolt.view((tx) => tx.check())).toEqual([])
  expect(open(new MemoryFile(file.bytes)).view(linesOf)).toHaveLength(before.length - 1)
})

test('a failed write of the meta page stops the database until it is opened again', () => {
  const file = new MemoryFile()
  const bolt = open(file)
  fill(bolt)
  file.beforeStep = (step) => {
    if (step.kind === 'write' && step.offset < 2048) throw new Error('EIO')
  }
  const unknown = expect.objectContaining({ code: 'commit-unknown' })
  expect(() => bolt.update((tx) => tx.bucket('a')?.put('k', 'v'))).toThrow(unknown)
  expect(() => bolt.view(() => undefined)).toThrow(unknown)
  bolt.close()
  expect(open(new MemoryFile(file.bytes)).view((tx) => tx.check())).toEqual([])
})

function fill(bolt: Bolt): void {
  bolt.update((tx) => {
    const bucket = tx.createBucket('a')
    for (let i = 0; i < 100; i++) bucket.put(`key${String(i).padStart(4, '0')}`, 'y'.repeat(i * 3))
  })
  bolt.update((tx) => tx.bucket('a')?.delete('key0002'))
}

/** Every file that a power cut may leave: all up to a sync, and of the writes after it none, some, one in part. */
function* survivors(start: Uint8Array, steps: readonly FileStep[]): Generator<{ what: string; bytes: Uint8Array }> {
  let synced = 0
  for (let cut = 0; cut <= steps.length; cut++) {
    yield { what: `the first ${cut} steps`, bytes: replay(start, steps.slice(0, cut)).bytes }
    const last = steps[cut - 1]
    if (last?.kind === 'sync') synced = cut
    if (last?.kind !== 'write') continue
    const alone = replay(start, [...steps.slice(0, synced), last])
    yield { what: `step ${cut} alone after the sync`, bytes: alone.bytes }
    const turned = replay(start, [...steps.slice(0, synced), ...steps.slice(synced, cut).toReversed()])
    yield { what: `steps ${synced} to ${cut} turned around`, bytes: turned.bytes }
    for (const kept of [1, 8, 16, 40, 65, 72, 76, 79, 80, 512]) {
      const torn: FileStep = { ...last, bytes: last.bytes.subarray(0, kept) }
      yield {
        what: `step ${cut} torn after ${kept} bytes`,
        bytes: replay(start, [...steps.slice(0, cut - 1), torn]).bytes,
      }
    }
  }
}

/** One write may store many pages, and a disk may keep any of them. */
function* pageByPage(step: FileStep): Generator<FileStep> {
  if (step.kind !== 'write') return yield step
  for (let at = 0; at < step.bytes.length; at += 1024)
    yield { ...step, offset: step.offset + at, bytes: step.bytes.subarray(at, at + 1024) }
}

function replay(start: Uint8Array, steps: readonly FileStep[]): MemoryFile {
  const file = new MemoryFile(start)
  for (const step of steps) {
    if (step.kind === 'write') file.write(step.bytes, step.offset)
    else if (step.kind === 'truncate') file.truncate(step.sizeBytes)
  }
  return file
}
