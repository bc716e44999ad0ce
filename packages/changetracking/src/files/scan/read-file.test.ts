import { createHash } from 'node:crypto'
import { appendFileSync, lstatSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'

import { errorNameOf, NO_FOLDER, STATUS_BYTES, statusAt } from '@tidemark/linux'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type ReadOrder, READS_MAX, readFile } from './read-file.ts'
import { fillStamp, sizeOfStamp, STAMP_BYTES } from './stamp.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-read-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const owners = { users: new Map(), groups: new Map() }
const later = { nowMs: () => Date.now() + 60_000, owners }
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

function orderOf(path: string, more: Partial<ReadOrder> = {}): ReadOrder {
  const status = Buffer.alloc(STATUS_BYTES)
  statusAt(NO_FOLDER, path, more.isFollowed === true ? 'followed' : 'seen', status)
  const stamp = Buffer.alloc(STAMP_BYTES)
  fillStamp(status, stamp)
  return { path, isFollowed: false, stamp, method: 'sha256', contentBytesMax: undefined, isTextWanted: false, ...more }
}

test.each([0, 1, 4_096, 256 * 1_024 - 1, 256 * 1_024, 256 * 1_024 + 1, 3_000_000])('a file of %i bytes', (bytes) => {
  const path = join(folder, 'a')
  const content = Buffer.alloc(bytes, 'tidemark')
  writeFileSync(path, content)
  const answer = readFile(orderOf(path, { contentBytesMax: 5_000_000 }), later)
  expect([answer.error, answer.digest, answer.isFresh]).toEqual([0, sha256(content), false])
  expect(answer.content).toMatchObject({ sha256: sha256(content), sizeBytes: bytes })
  expect(zstdDecompressSync(answer.content?.compressed ?? Buffer.alloc(0)).equals(content)).toBe(true)
})

test('md5, with a content that is named by its SHA-256 all the same', () => {
  writeFileSync(join(folder, 'a'), 'hello')
  const answer = readFile(orderOf(join(folder, 'a'), { method: 'md5', contentBytesMax: 10 }), later)
  expect([answer.digest, answer.content?.sha256]).toEqual(['5d41402abc4b2a76b9719d911017c592', sha256('hello')])
})

test('a content that is larger than allowed is not kept, and read all the same', () => {
  writeFileSync(join(folder, 'a'), 'hello')
  const answer = readFile(orderOf(join(folder, 'a'), { contentBytesMax: 4 }), later)
  expect([answer.digest, answer.content]).toEqual([sha256('hello'), undefined])
})

test('a file that changed just now may change again within the same tick', () => {
  writeFileSync(join(folder, 'a'), 'hello')
  expect(readFile(orderOf(join(folder, 'a')), { nowMs: () => Date.now(), owners }).isFresh).toBe(true)
})

test('a file that grows once while it is read is read again: digest, content and facts go together', () => {
  const path = join(folder, 'a')
  writeFileSync(path, 'one')
  let isGrown = false
  const breathe = (): void => {
    if (!isGrown) appendFileSync(path, 'two')
    isGrown = true
  }
  const answer = readFile(orderOf(path, { contentBytesMax: 100 }), { ...later, breathe })
  expect([answer.digest, sizeOfStamp(answer.stamp), answer.content?.sizeBytes]).toEqual([sha256('onetwo'), 6, 6])
  expect(answer.isFresh).toBe(false)
})

test(`a file that grows for ever is read ${READS_MAX} times, up to the size that it had, and again by the next look`, () => {
  const path = join(folder, 'a')
  writeFileSync(path, 'x')
  let reads = 0
  const breathe = (): void => {
    reads += 1
    appendFileSync(path, 'y')
  }
  const answer = readFile(orderOf(path), { ...later, breathe })
  expect([reads, answer.isFresh, answer.digest]).toEqual([READS_MAX, true, sha256(`x${'y'.repeat(READS_MAX - 1)}`)])
})

test('a file that is gone, or something else by now, is an error and not a throw', () => {
  const path = join(folder, 'a')
  writeFileSync(path, '1')
  const order = orderOf(path)
  renameSync(path, `${path}2`)
  expect(errorNameOf(readFile(order, later).error)).toBe('ENOENT')
  symlinkSync('a2', path)
  expect(errorNameOf(readFile(order, later).error)).toBe('ELOOP')
  expect(readFile(orderOf(path, { isFollowed: true }), later).digest).toBe(sha256('1'))
  expect(errorNameOf(readFile({ ...order, path: folder }, later).error)).toMatch(/EISDIR|ESTALE/)
})

test('a file that says it is empty and is not, as those in /proc are', () => {
  expect(lstatSync('/proc/version').size).toBe(0)
  const answer = readFile(orderOf('/proc/version'), later)
  expect([answer.error, answer.digest === sha256('')]).toEqual([0, false])
})

test('what the pause throws ends reading', () => {
  writeFileSync(join(folder, 'a'), '1')
  const breathe = (): void => {
    throw new Error('stopped')
  }
  expect(() => readFile(orderOf(join(folder, 'a')), { ...later, breathe })).toThrow('stopped')
})
