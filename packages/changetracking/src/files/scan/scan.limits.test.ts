import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { errorNameOf, NO_FOLDER, STATUS_BYTES, statusAt } from '@tidemark/linux'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { HIDDEN_MAX } from '../../schedule/told-gaps.ts'
import { told, TrackedMachine } from '../../testing/tracked-machine.ts'
import { FilesKeeper } from '../files-keeper.ts'
import { trackedPaths } from '../tracked-paths.ts'
import { type Findings, FindingsCollector, RENAMES_MAX, UPDATES_MAX } from './findings.ts'
import { unreadable } from './gaps.ts'
import { ALIASES_MAX, LinkedFolders } from './linked-folders.ts'
import { PSEUDO_BYTES_MAX, readFile } from './read-file.ts'
import { fillStamp, READ_AGAIN, STAMP_BYTES } from './stamp.ts'

// Goal: each limit holds at its real size, and what is beyond it is not lost.

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join('/dev/shm', 'tidemark-limits-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test(`of ${ALIASES_MAX + 10} links the first ${ALIASES_MAX} are remembered`, () => {
  writeFileSync(join(folder, 'target'), '')
  const links = new LinkedFolders(trackedPaths([], []))
  for (let index = 0; index < ALIASES_MAX + 10; index += 1) {
    symlinkSync('target', join(folder, String(index)))
    links.target(join(folder, String(index)), 'target')
  }
  const { aliases } = links
  expect(aliases).toHaveLength(ALIASES_MAX)
  expect(aliases.at(-1)).toEqual([join(folder, 'target'), join(folder, String(ALIASES_MAX - 1))])
})

test(`${HIDDEN_MAX} paths that could not be seen are remembered, also by looks at some paths`, () => {
  using machine = new TrackedMachine().entries({ destinationPath: `${folder}/*` })
  const { state, tracking, clock } = machine
  const identity = { computer: 'c', sourceComputerId: 's', vmUuid: 'v' }
  const pathOf = (index: number): string => `/${String(index).padStart(6, '0')}`
  const finish = (from: number, count: number, isWhole: boolean): readonly string[] => {
    const look = isWhole ? ({ kind: 'changed' } as const) : ({ kind: 'touched', paths: [] } as const)
    const gaps = Array.from({ length: count }, (_, index) =>
      unreadable({ path: pathOf(from + index), what: 'path', why: 'EACCES' }),
    )
    new FilesKeeper({ state, tracking, machine: identity, clock }, look).finish({
      gaps,
      changeCount: 0,
      baselineCount: 0,
      aliases: [],
      ownersHash: '',
    })
    return state.memory('Files').hidden
  }
  expect(finish(0, HIDDEN_MAX + 5, true)).toHaveLength(HIDDEN_MAX)
  expect(finish(0, HIDDEN_MAX - 2, true)).toHaveLength(HIDDEN_MAX - 2)
  const hidden = finish(HIDDEN_MAX, 5, false)
  expect([hidden.length, hidden.at(-1)]).toEqual([HIDDEN_MAX, pathOf(HIDDEN_MAX + 1)])
  expect(finish(0, 1, true)).toEqual([pathOf(0)])
})

test(`a file that says it is empty and gives ${PSEUDO_BYTES_MAX} bytes cannot be read; one that gives less can`, () => {
  const path = join(folder, 'a')
  writeFileSync(path, '')
  const [status, stamp] = [Buffer.alloc(STATUS_BYTES), Buffer.alloc(STAMP_BYTES)]
  statusAt(NO_FOLDER, path, 'seen', status)
  fillStamp(status, stamp)
  const order = {
    path,
    stamp,
    isFollowed: false,
    method: 'sha256',
    contentBytesMax: undefined,
    isTextWanted: false,
  } as const
  const circumstances = { nowMs: () => 0, owners: { users: new Map(), groups: new Map() } }
  truncateSync(path, PSEUDO_BYTES_MAX)
  expect(errorNameOf(readFile(order, circumstances).error)).toBe('EFBIG')
  truncateSync(path, PSEUDO_BYTES_MAX - 1)
  expect(readFile(order, circumstances)).toMatchObject({ error: 0, digest: expect.stringMatching(/^[0-9a-f]{64}$/) })
})

test(`beyond ${RENAMES_MAX} files that came or went they are told as they are, before the end`, () => {
  const parts: Findings[] = []
  const findings = new FindingsCollector((part) => parts.push(part))
  const count = (): number => parts.reduce((sum, { updates }) => sum + updates.length, 0)
  const went = (index: number): void => {
    const stamp = Buffer.alloc(STAMP_BYTES)
    stamp.writeUInt32LE(index, 24)
    const path = `/${index}`
    findings.went({ path, stamp, value: undefined, columns: { FileSystemPath: path }, matches: [0] })
  }
  for (let index = 0; index < RENAMES_MAX; index += 1) went(index)
  expect(count()).toBe(0)
  went(RENAMES_MAX)
  expect(count()).toBe(RENAMES_MAX - (RENAMES_MAX % UPDATES_MAX))
  findings.end()
  expect([count(), findings.changeCount]).toEqual([RENAMES_MAX + 1, RENAMES_MAX + 1])
})

test.each([
  { what: 'that had changed just before it was read', flag: READ_AGAIN, said: ['Modified t/a (FileContentChecksum)'] },
  { what: 'that had been quiet', flag: 0, said: [] },
])('a file $what, and was written again with nothing to show for it', async ({ flag, said }) => {
  mkdirSync(join(folder, 't'))
  writeFileSync(join(folder, 't/a'), 'x')
  // Its time is to be of before, so that what is read below is no more in question.
  await new Promise((resolve) => setTimeout(resolve, 100))
  using machine = new TrackedMachine().entries({ destinationPath: `${folder}/t/*` })
  machine.look()
  const { stamp, value } = knownOf(machine, join(folder, 't/a'))
  stamp[1] = flag
  const { state } = machine
  state.apply({
    type: 'Files',
    // As if the first of two writes within one tick had been read.
    files: [{ path: join(folder, 't/a'), stamp, value: value.replace(/[0-9a-f]{64}/, '0'.repeat(64)) }],
    memory: state.memory('Files'),
    outbox: [],
    sequence: state.sequence,
  })
  const next = machine.look()
  expect([told(folder, next), next.readFiles]).toEqual([said, said.length])
  // Read once more, and quiet from then on.
  const last = machine.look()
  expect([told(folder, last), last.readFiles]).toEqual([[], 0])
  expect(told(folder, machine.look({ kind: 'full' }))).toHaveLength(1 - said.length)
})

function knownOf(machine: TrackedMachine, path: string): { stamp: Buffer; value: string } {
  using known = machine.state.knownFiles()
  const cursor = known.stampsFrom(path)
  expect([cursor.next(), cursor.path]).toEqual([true, path])
  return { stamp: Buffer.from(cursor.stamp), value: known.record(path) ?? '' }
}
