import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { closeDescriptors } from './descriptor.ts'
import { filesystemAt, filesystemOf, openDirectory } from './directory-handle.ts'
import { type Fanotify, openFanotify } from './fanotify.ts'
import { type FanotifyEvent, happened, pidfdGone } from './fanotify-events.ts'
import { waitFor } from './poll.ts'

const isRoot = process.getuid?.() === 0
let folder = ''
let group: Fanotify | undefined
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-fanotify-'))))
afterEach(() => {
  group?.close()
  group = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** Events that are asked for, until one of them is of `name`; others on the same filesystem come in between. */
function readUntil(from: Fanotify, isWanted: (event: FanotifyEvent) => boolean): FanotifyEvent {
  for (let round = 0; round < 500; round += 1) {
    waitFor([{ descriptor: from.descriptor, for: 'reading' }], 1_000)
    const events = from.read()
    closeDescriptors(events.map(({ pidfd }) => pidfd))
    const found = events.find(isWanted)
    if (found !== undefined) return found
  }
  throw new Error('the event did not come')
}

test.skipIf(!isRoot)(
  'a write tells its process, its name in bytes and a directory that can be opened (needs root)',
  () => {
    group = openFanotify('names')
    group.markFilesystem(folder, happened.create | happened.modify | happened.onDirectory)
    const inner = Buffer.from(join(folder, 'caf\xe9'), 'latin1')
    mkdirSync(inner)
    writeFileSync(Buffer.concat([inner, Buffer.from('/x')]), 'x')
    const event = readUntil(group, ({ name, pid }) => name === 'x' && pid === process.pid)
    expect(event.mask & happened.create).not.toBe(0)
    expect(filesystemOf(event.directory)).toBe(filesystemAt(folder))
    const mount = openSync(folder, 'r')
    const directory = openDirectory(mount, event.directory)
    closeSync(mount)
    expect(readlinkSync(`/proc/self/fd/${directory}`, { encoding: 'latin1' })).toBe(join(folder, 'caf\xe9'))
    closeDescriptors([directory!])
    rmSync(inner, { recursive: true })
    const again = openSync(folder, 'r')
    expect(openDirectory(again, event.directory)).toBeUndefined()
    closeSync(again)
  },
)

test.skipIf(!isRoot)('a process that has ended has no pidfd (needs root)', () => {
  group = openFanotify('names')
  group.markFilesystem(folder, happened.create)
  const { pid } = spawnSync('touch', [join(folder, 'by-touch')])
  expect(readUntil(group, ({ name }) => name === 'by-touch')).toMatchObject({ pid, pidfd: pidfdGone })
})

test.skipIf(!isRoot)('a program that is started is told with its file (needs root)', () => {
  group = openFanotify('files')
  group.markFilesystem('/', happened.openExec)
  const { pid } = spawnSync('true')
  const event = readUntil(group, (each) => each.pid === pid)
  expect(readlinkSync(`/proc/self/fd/${event.descriptor}`)).toMatch(/true$/)
  closeDescriptors([event.descriptor])
})

test.skipIf(!isRoot)('a filesystem without handles is refused with the kernel’s reason (needs root)', () => {
  group = openFanotify('names')
  const marked = group
  expect(() => marked.markFilesystem('/proc', happened.modify)).toThrow('fanotify_mark: ENOTSUP')
})

test.skipIf(isRoot)('without rights the kernel refuses (needs not to be root)', () => {
  expect(() => openFanotify('files')).toThrow('fanotify_init: EPERM')
})
