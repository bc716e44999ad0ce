import { expect, test } from 'vitest'
import { openBolt } from './index.ts'
import { MemoryFile } from './memory-file.ts'

// Goal: the file's shape, which no reader of values sees: pages are cut where they should be and merged again.
// Mutants caught here: no merging; pages cut only at twice their size.

function manyKeys(fillPercent?: number): MemoryFile {
  const file = new MemoryFile()
  using bolt = openBolt('layout.db', { file, sync: false })
  bolt.update((tx) => {
    const bucket = tx.createBucket('a')
    if (fillPercent !== undefined) bucket.fillPercent = fillPercent
    for (let i = 0; i < 5000; i++) bucket.put(`key ${String(i).padStart(5, '0')}`, 'x'.repeat(50))
  })
  return file
}

/** Bytes that a walk over the bucket reads: the pages of its tree. */
function treeBytes(file: MemoryFile): number {
  using bolt = openBolt('layout.db', { file, sync: false, cacheBytesMax: 0 })
  file.readBytes = 0
  bolt.view((tx) => [...(tx.bucket('a')?.entries() ?? [])].length)
  return file.readBytes
}

test('small values never take more than one page', () => {
  const { bytes } = manyKeys()
  const view = new DataView(bytes.buffer)
  for (let at = 2 * 4096; at < bytes.length; at += 4096) expect(view.getUint32(at + 12, true)).toBe(0)
})

test('pages are half full, or as full as asked', () => {
  const dataBytes = 5000 * (16 + 9 + 50)
  expect(dataBytes / treeBytes(manyKeys())).toBeCloseTo(0.48, 1)
  expect(dataBytes / treeBytes(manyKeys(0.95))).toBeGreaterThan(0.85)
})

test('what deletions leave behind is merged', () => {
  const file = manyKeys()
  const fullBytes = treeBytes(file)
  using bolt = openBolt('layout.db', { file, sync: false })
  bolt.update((tx) => {
    const bucket = tx.bucket('a')
    for (let i = 0; i < 5000; i++) if (i % 25 !== 0) bucket?.delete(`key ${String(i).padStart(5, '0')}`)
  })
  expect(bolt.view((tx) => [...(tx.bucket('a')?.entries() ?? [])])).toHaveLength(200)
  expect(bolt.view((tx) => tx.check())).toEqual([])
  expect(treeBytes(file)).toBeLessThan(fullBytes / 10)
})

test('a bucket that was emptied takes no page of its own', () => {
  const file = manyKeys()
  using bolt = openBolt('layout.db', { file, sync: false })
  bolt.update((tx) => {
    for (const { key } of tx.bucket('a')?.entries() ?? []) tx.bucket('a')?.delete(key)
  })
  expect(treeBytes(file)).toBeLessThanOrEqual(4096)
  expect(bolt.view((tx) => tx.check())).toEqual([])
})
