import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { Metadata } from './metadata.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-metadata-'))))
afterEach(() => rmSync(folder, { recursive: true }))
const path = (): string => join(folder, 'deep', 'metadata.db')

test('what was written is there after it was opened again', () => {
  {
    using metadata = new Metadata(path())
    metadata.run(metadata.build.insertInto('setting').values({ name: "it's", value: 'ü' }))
  }
  using metadata = new Metadata(path())
  expect(metadata.all(metadata.build.selectFrom('setting').selectAll())).toEqual([{ name: "it's", value: 'ü' }])
})

test('several changes are one', () => {
  using metadata = new Metadata(path())
  const add = (name: string): number => metadata.run(metadata.build.insertInto('setting').values({ name, value: '' }))
  expect(() => metadata.together(() => [add('a'), add('b'), add('a')])).toThrow('UNIQUE')
  expect(metadata.all(metadata.build.selectFrom('setting').select('name'))).toEqual([])
})

test('a file of a later version, and one that is no database, are refused with their path', () => {
  new Metadata(path())[Symbol.dispose]()
  const raw = new DatabaseSync(path())
  raw.exec('PRAGMA user_version = 99')
  raw.close()
  expect(() => new Metadata(path())).toThrow(`${path()} cannot be used: it was written by a later version`)
  writeFileSync(join(folder, 'text.db'), 'no database at all, but text that is long enough to be looked at')
  expect(() => new Metadata(join(folder, 'text.db'))).toThrow('text.db cannot be used')
})
