import { expect, test } from 'vitest'

import { ScanCounts } from './counts.ts'

test('each path is on the account of its entry; folders have no bytes, and total is the sum', () => {
  const counts = new ScanCounts(2)
  counts.seen(0, 'file', 10)
  counts.seen(1, 'file', 20)
  counts.seen(1, 'folder', 4_096)
  counts.seen(1, 'link', 7)
  counts.read(1, 20)
  expect(counts.entries).toEqual([
    { files: 1, folders: 0, bytes: 10, readFiles: 0, readBytes: 0 },
    { files: 2, folders: 1, bytes: 20, readFiles: 1, readBytes: 20 },
  ])
  expect(counts.total).toEqual({ files: 3, folders: 1, bytes: 30, readFiles: 1, readBytes: 20 })
})

test('an entry that is not there has no account, and nobody else gets it', () => {
  const counts = new ScanCounts(0)
  counts.seen(0, 'file', 1)
  counts.read(0, 1)
  expect(counts.total).toEqual({ files: 0, folders: 0, bytes: 0, readFiles: 0, readBytes: 0 })
})
