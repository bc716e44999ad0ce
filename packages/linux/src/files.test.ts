import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import {
  closeDescriptor,
  errorNameOf,
  linkTargetAt,
  namesIn,
  NO_FOLDER,
  openFileAt,
  openFolderAt,
  PATH_BYTES_MAX,
  readAt,
  STATUS_BYTES,
  statusAt,
  statusOf,
} from './files.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-linux-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function names(path: string): [string, string][] {
  const descriptor = openFolderAt(NO_FOLDER, path, 'followed')
  const found: [string, string][] = []
  expect(namesIn(descriptor, (name, kind) => found.push([name, kind]))).toBe(0)
  closeDescriptor(descriptor)
  return found.sort()
}

test('names come with what they are, byte for byte', () => {
  mkdirSync(join(folder, 'd'))
  writeFileSync(join(folder, 'f'), '')
  writeFileSync(Buffer.from(`${folder}/\xff\n`, 'latin1'), '')
  symlinkSync('f', join(folder, 'l'))
  expect(names(folder)).toEqual([
    ['d', 'folder'],
    ['f', 'other'],
    ['l', 'link'],
    ['\xff\n', 'other'],
  ])
})

test('a large folder is listed whole', () => {
  const long = 'n'.repeat(200)
  for (let index = 0; index < 3_000; index += 1) writeFileSync(join(folder, `${long}${index}`), '')
  expect(new Set(names(folder).map(([name]) => name)).size).toBe(3_000)
})

test('a status says what lstat and stat say', () => {
  writeFileSync(join(folder, 'f'), 'hello')
  symlinkSync('f', join(folder, 'l'))
  const status = Buffer.alloc(STATUS_BYTES)
  for (const [name, links] of [
    ['f', 'seen'],
    ['l', 'seen'],
    ['l', 'followed'],
  ] as const) {
    expect(statusAt(NO_FOLDER, join(folder, name), links, status)).toBe(0)
    const { size, ino, mode, nlink } = lstatSync(join(folder, links === 'followed' ? 'f' : name), { bigint: true })
    expect([
      status.readBigUInt64LE(40),
      status.readBigUInt64LE(32),
      BigInt(status.readUInt16LE(28)),
      BigInt(status.readUInt32LE(16)),
    ]).toEqual([size, ino, mode, nlink])
  }
})

test('what is refused is a negative number', () => {
  const status = Buffer.alloc(STATUS_BYTES)
  symlinkSync('nowhere', join(folder, 'l'))
  const said = [
    openFileAt(NO_FOLDER, join(folder, 'none'), 'followed'),
    openFileAt(NO_FOLDER, join(folder, 'l'), 'refused'),
    openFolderAt(NO_FOLDER, '/etc/passwd', 'followed'),
    statusAt(NO_FOLDER, 'n'.repeat(PATH_BYTES_MAX + 1), 'seen', status),
    statusAt(NO_FOLDER, `/${'n'.repeat(256)}`, 'seen', status),
    statusOf(-1, status),
    linkTargetAt(NO_FOLDER, folder),
    readAt(-1, status, 1, 0),
  ]
  expect(said.map((each) => errorNameOf(Number(each)))).toEqual([
    'ENOENT',
    'ELOOP',
    'ENOTDIR',
    'ENAMETOOLONG',
    'ENAMETOOLONG',
    'EBADF',
    'EINVAL',
    'EBADF',
  ])
})

test('a fifo that nobody writes to does not hold the one who opens it', () => {
  execFileSync('mkfifo', [join(folder, 'p')])
  const descriptor = openFileAt(NO_FOLDER, join(folder, 'p'), 'refused')
  expect(descriptor).toBeGreaterThan(0)
  expect(readAt(descriptor, Buffer.alloc(8), 8, 0)).toBeLessThan(0)
  closeDescriptor(descriptor)
})

test('a link says its whole target', () => {
  const target = `/${'t'.repeat(4_000)}`
  symlinkSync(target, join(folder, 'l'))
  expect(linkTargetAt(NO_FOLDER, join(folder, 'l'))).toBe(target)
})
