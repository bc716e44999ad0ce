import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { afterAll, expect, test } from 'vitest'

import { describeMetadata } from './metadata.contract.ts'
import { SqliteMetadata } from './sqlite-metadata.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-metadata-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

describeMetadata('a SQLite file', async () => {
  const path = join(folder, String((count += 1)), 'metadata.db')
  const one = new SqliteMetadata(path)
  return await Promise.resolve({
    metadata: one,
    // One server has the file: what is asked at the same time comes from it.
    another: one,
    reopen: async () => {
      await one[Symbol.asyncDispose]()
      return new SqliteMetadata(path)
    },
  })
})

test('a file of a later version, and one that is no database, are refused with their path', async () => {
  const path = join(folder, 'deep', 'metadata.db')
  await new SqliteMetadata(path)[Symbol.asyncDispose]()
  const raw = new DatabaseSync(path)
  raw.exec('PRAGMA user_version = 99')
  raw.close()
  expect(() => new SqliteMetadata(path)).toThrow(`${path} cannot be used: it was written by a later version`)
  writeFileSync(join(folder, 'text.db'), 'no database at all, but text that is long enough to be looked at')
  expect(() => new SqliteMetadata(join(folder, 'text.db'))).toThrow('text.db cannot be used')
})
