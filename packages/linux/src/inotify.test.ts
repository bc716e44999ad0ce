import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { happened } from './fanotify-events.ts'
import { type InotifyEvent, openInotify, parseInotifyEvents } from './inotify.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-inotify-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a file that is made and renamed is told by its bytes, both halves with one cookie', () => {
  const inotify = openInotify()
  const watch = inotify.watchFolder(folder, happened.create | happened.movedFrom | happened.movedTo)
  writeFileSync(Buffer.from(`${folder}/\xe9`, 'latin1'), 'x')
  renameSync(Buffer.from(`${folder}/\xe9`, 'latin1'), `${folder}/b`)
  const [made, from, to] = inotify.read()
  expect(made).toEqual({ watch, mask: happened.create, cookie: 0, name: '\xe9' })
  expect(from).toMatchObject({ watch, mask: happened.movedFrom, name: '\xe9' })
  expect(to).toEqual({ watch, mask: happened.movedTo, cookie: from?.cookie, name: 'b' })
  expect(inotify.read()).toEqual([])
  inotify.close()
})

test('a watch that is forgotten, or whose folder went, says so', () => {
  const inotify = openInotify()
  mkdirSync(join(folder, 'a'))
  const [outer, inner] = [
    inotify.watchFolder(folder, happened.create),
    inotify.watchFolder(`${folder}/a`, happened.create),
  ]
  inotify.forget(outer)
  rmSync(join(folder, 'a'), { recursive: true })
  expect(
    inotify
      .read()
      .filter(({ mask }) => mask & happened.ignored)
      .map(({ watch }) => watch),
  ).toEqual([outer, inner])
  inotify.close()
})

test('what is no folder is refused with the kernel’s reason', () => {
  const inotify = openInotify()
  writeFileSync(join(folder, 'file'), '')
  expect(() => inotify.watchFolder(join(folder, 'file'), happened.create)).toThrow('inotify_add_watch: ENOTDIR')
  expect(() => inotify.watchFolder(join(folder, 'none'), happened.create)).toThrow('inotify_add_watch: ENOENT')
  inotify.close()
})

// Tried and found: a name with its NULs; the length of the name taken without the header; no check of the end.
const name = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'))
const event: fc.Arbitrary<InotifyEvent> = fc.record({
  watch: fc.integer({ min: -1, max: 100_000 }),
  mask: fc.integer({ min: 0, max: 0xffff_ffff }),
  cookie: fc.integer({ min: 0, max: 0xffff_ffff }),
  name,
})

test('events are read back, a torn end is left out, no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 10 }), fc.nat(600), (events, cut) => {
      const bytes = Buffer.concat(events.map(written))
      expect(parseInotifyEvents(bytes)).toEqual(events)
      const parsed = parseInotifyEvents(bytes.subarray(0, cut))
      expect(parsed).toEqual(events.slice(0, parsed.length))
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      parseInotifyEvents(Buffer.from(bytes))
    }),
  )
})

function written(each: InotifyEvent): Buffer {
  const padded = each.name === '' ? 0 : Math.ceil((each.name.length + 1) / 16) * 16
  const bytes = Buffer.alloc(16 + padded)
  bytes.writeInt32LE(each.watch)
  bytes.writeUInt32LE(each.mask, 4)
  bytes.writeUInt32LE(each.cookie, 8)
  bytes.writeUInt32LE(padded, 12)
  bytes.write(each.name, 16, 'latin1')
  return bytes
}
