import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { FileEntry } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Collection, Item } from '../collector.ts'
import { type Disk, openDisk } from '../host/disk.ts'
import { filesCollector } from './collector.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-files-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const base: FileEntry = {
  name: 'all',
  enabled: true,
  destinationPath: '',
  useSudo: true,
  recurse: true,
  pathType: 'File',
  type: 'File',
  links: 'Follow',
  maxContentsReturnable: 0,
  maxOutputSize: 0,
  checksum: 'sha256',
  uploadContent: false,
  groupTag: '',
  exclude: [],
  description: '',
}

async function look(
  entry: Partial<FileEntry>,
  options: { known?: ReadonlyMap<string, Item>; disk?: Disk } = {},
): Promise<Collection> {
  const collector = filesCollector(options.disk ?? openDisk(), () => [
    { ...base, destinationPath: `${folder}/*`, ...entry },
  ])
  return await collector.collect(options.known ?? new Map(), new AbortController().signal)
}

const keys = ({ items }: Collection): string[] => [...items.keys()].map((key) => key.slice(folder.length + 1)).sort()
const columns = ({ items }: Collection, name: string) => items.get(`${folder}/${name}`)?.columns

test('a file is told with its content, mode, owner and times', async () => {
  writeFileSync(join(folder, 'a.conf'), 'hello')
  chmodSync(join(folder, 'a.conf'), 0o4750)
  utimesSync(join(folder, 'a.conf'), 1, 1_600_000_000.25)
  expect(columns(await look({}), 'a.conf')).toMatchObject({
    FileSystemPath: `${folder}/a.conf`,
    Name: 'a.conf',
    FileContentChecksum: createHash('sha256').update('hello').digest('hex'),
    Size: 5,
    FileMode: '4750',
    DateModified: '2020-09-13T12:26:40.2500000Z',
    ItemType: 'File',
    FileOwner: process.getuid?.() === 0 ? 'root' : expect.any(String),
  })
})

test('links are left out, followed once, or recorded, as the entry says', async () => {
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real', 'x'), '1')
  symlinkSync('real', join(folder, 'away'))
  symlinkSync('..', join(folder, 'real', 'up'))
  symlinkSync('real/x', join(folder, 'to-x'))
  symlinkSync('nowhere', join(folder, 'broken'))
  expect(keys(await look({ links: 'Ignore' }))).toEqual(['real/x'])
  const followed = await look({ links: 'Follow' })
  expect(keys(followed)).toEqual(['broken', 'real/x', 'to-x'])
  expect(columns(followed, 'to-x')).toMatchObject({ ItemType: 'File', LinkTarget: 'real/x', Size: 1 })
  expect(columns(followed, 'broken')).toMatchObject({ ItemType: 'Link', FileContentChecksum: '' })
  const managed = await look({ links: 'Manage' })
  expect(keys(managed)).toEqual(['away', 'broken', 'real/up', 'real/x', 'to-x'])
  expect(columns(managed, 'away')).toMatchObject({ ItemType: 'Link', LinkTarget: 'real' })
})

test('a folder behind a link that leads out of the tree is walked once', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'tidemark-outside-'))
  writeFileSync(join(outside, 'y'), '1')
  symlinkSync(outside, join(folder, 'one'))
  symlinkSync(outside, join(folder, 'two'))
  expect(keys(await look({}))).toEqual(['one/y'])
  rmSync(outside, { recursive: true })
})

test('folders, files or both, as the entry says', async () => {
  mkdirSync(join(folder, 'd'))
  writeFileSync(join(folder, 'd', 'x'), '1')
  expect(keys(await look({ type: 'Directory' }))).toEqual(['d'])
  expect(keys(await look({ type: '*' }))).toEqual(['d', 'd/x'])
})

test('names that are not UTF-8 are tracked', async () => {
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xff])]), '1')
  const { items } = await look({})
  expect([...items.values()].map((item) => item.columns.Name)).toEqual(['a\\xff'])
})

test('what was not touched is not read again, and what was is', async () => {
  writeFileSync(join(folder, 'a'), '1')
  const first = await look({})
  let reads = 0
  const real = openDisk()
  const disk: Disk = { ...real, digest: (path, algorithm) => ((reads += 1), real.digest(path, algorithm)) }
  const second = await look({}, { known: first.items, disk })
  expect([reads, columns(second, 'a')]).toEqual([0, columns(first, 'a')])
  writeFileSync(join(folder, 'a'), '2')
  await look({}, { known: first.items, disk })
  expect(reads).toBe(1)
})

test('what cannot be looked at is told, and the walk goes on', async () => {
  mkdirSync(join(folder, 'secret'))
  writeFileSync(join(folder, 'z'), '1')
  const real = openDisk()
  const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  const disk: Disk = {
    ...real,
    names: (path) => {
      if (path.toString().endsWith('secret')) throw refused
      return real.names(path)
    },
  }
  const seen = await look({}, { disk })
  expect(keys(seen)).toEqual(['z'])
  expect(seen.gaps).toEqual([
    {
      reason: 'unreadable',
      subject: `${folder}/secret`,
      key: `${folder}/secret`,
      detail: expect.stringContaining('may not read'),
    },
  ])
})

test('checksums by md5, by times only', async () => {
  writeFileSync(join(folder, 'a'), 'hello')
  expect(columns(await look({ checksum: 'md5' }), 'a')?.FileContentChecksum).toBe('5d41402abc4b2a76b9719d911017c592')
  expect(columns(await look({ checksum: 'mtime' }), 'a')?.FileContentChecksum).toBe('')
  expect(columns(await look({ checksum: 'ctime' }), 'a')?.FileContentChecksum).toMatch(/^ctime:\d+$/)
})
