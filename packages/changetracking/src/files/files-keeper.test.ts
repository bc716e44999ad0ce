import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { told, TrackedMachine } from '../testing/tracked-machine.ts'
import type { Gap } from '../collector.ts'
import { BEGUN_MAX, FilesKeeper } from './files-keeper.ts'

let folder = ''
let machine: TrackedMachine
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-keeper-'))
  machine = new TrackedMachine()
})
afterEach(() => {
  machine[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

function sh(script: string): void {
  execFileSync('bash', ['-euc', script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

const entry = (more: Readonly<Record<string, unknown>> = {}) => ({ destinationPath: `${folder}/*`, ...more })
const reasons = ({ visibility }: ReturnType<TrackedMachine['look']>) => visibility.map((row) => row['Reason'])

test('the first look is a baseline, and so is what is newly asked for; what leaves the rules is no change', () => {
  sh('mkdir d; touch a d/x')
  machine.entries(entry({ recurse: false }))
  const first = machine.look()
  expect([told(folder, first), reasons(first)]).toEqual([[], ['baseline-started']])
  machine.entries(entry())
  sh('touch b')
  const wider = machine.look()
  expect([told(folder, wider), reasons(wider)]).toEqual([['Added b'], ['baseline-started']])
  machine.entries(entry({ exclude: ['d'] }))
  sh('rm b')
  expect(told(folder, machine.look())).toEqual(['Removed b'])
  expect(machine.state.knownFiles().record(`${folder}/d/x`)).toBeUndefined()
})

test.each([
  { from: { links: 'Follow' }, to: { links: 'Ignore' } },
  { from: { links: 'Ignore' }, to: { links: 'Follow' } },
  { from: { links: 'Manage' }, to: { links: 'Follow' } },
  { from: { links: 'Follow' }, to: { links: 'Manage' } },
  { from: { type: 'File' }, to: { type: 'Directory' } },
  { from: { type: 'Directory' }, to: { type: '*' } },
  { from: { checksum: 'sha256' }, to: { checksum: 'md5' } },
  { from: { checksum: 'mtime' }, to: { checksum: 'sha256' } },
])('from $from to $to nothing changes, for nothing did', ({ from, to }) => {
  sh('mkdir d o; touch a d/x o/y; ln -s a l; ln -s d m; ln -s nowhere n; mkdir t; ln -s ../o t/o')
  const at = { destinationPath: `${folder}/t`, pathType: 'Folder' }
  machine.entries({ ...at, ...from }, entry({ exclude: ['o', 't'], ...from }))
  machine.look()
  machine.entries({ ...at, ...to }, entry({ exclude: ['o', 't'], ...to }))
  expect(told(folder, machine.look())).toEqual([])
  expect(told(folder, machine.look())).toEqual([])
})

test('rules that come back before a scan by others ends tell nothing added or removed', () => {
  sh('touch a b c')
  machine.limits = { renamesMax: 10, updatesMax: 1, bytesMax: 1_000 }
  machine.entries(entry())
  machine.look()
  machine.entries(entry({ exclude: ['a', 'b'] }))
  expect(machine.look({ kind: 'changed' }, { part: 2 }).isDone).toBe(false)
  machine.restart()
  machine.entries(entry())
  sh('touch d')
  expect(told(folder, machine.look())).toEqual(['Added d'])
  expect(machine.state.memory('Files').begun).toBeUndefined()
})

test(`with more than ${BEGUN_MAX} such scans everything is a baseline once more`, () => {
  sh('touch a b c d e f g h')
  machine.limits = { renamesMax: 10, updatesMax: 1, bytesMax: 1_000 }
  machine.entries(entry())
  machine.look()
  for (const name of 'abcdef'.slice(0, BEGUN_MAX + 1)) {
    machine.entries(entry({ exclude: [name] }))
    machine.look({ kind: 'changed' }, { part: 1, isKept: true })
  }
  machine.entries(entry())
  sh('touch z')
  expect(told(folder, machine.look())).toEqual([])
  sh('touch zz')
  expect(told(folder, machine.look())).toEqual(['Added zz'])
})

test('of several entries the first governs, and the rules of all are named', () => {
  sh('echo 1 > a')
  machine.rules(
    { name: 'one', fileInfo: [entry({ checksum: 'md5', groupTag: 'first' })] },
    { name: 'two', fileInfo: [entry({ groupTag: 'second' }), entry()] },
  )
  machine.look()
  sh('echo 22 > a')
  const [change] = machine.look().changes
  expect(change).toMatchObject({ RuleNames: '["one","two"]', GroupTag: 'first' })
  expect(String(change?.['FileContentChecksum'])).toHaveLength(32)
})

test('a content is told once, and one that is too large is said to be so once', () => {
  sh('echo 1 > a; echo 1 > b; head -c 2000 /dev/zero > large')
  machine.entries(entry({ uploadContent: true, maxContentsReturnable: 1_000 }))
  const contents = (looked: ReturnType<TrackedMachine['look']>) =>
    looked.rows.filter((row) => row['Type'] === 'TidemarkContent')
  const first = machine.look()
  expect(contents(first)).toHaveLength(1)
  expect(reasons(first)).toEqual(['content-not-kept', 'baseline-started'])
  sh('sleep 0.1')
  for (const kind of ['changed', 'full', 'changed', 'full'] as const) {
    const again = machine.look({ kind })
    expect([contents(again), reasons(again)]).toEqual([[], []])
  }
  sh('echo 2 > a')
  const changed = machine.look()
  expect(contents(changed)).toHaveLength(1)
  expect(changed.changes[0]?.['FileContentBlobLink']).toContain(contents(changed)[0]?.['ContentHash'])
})

test('in one round of scans every content is read again exactly once', () => {
  const clock = new ManualClock(Date.UTC(2040, 0, 1))
  machine[Symbol.dispose]()
  machine = new TrackedMachine(clock)
  sh('for i in $(seq 200); do echo $i > $i; done')
  machine.rules({ fileInfo: [entry()], settings: { fileCollectionFrequency: 60, fullReadFrequency: 300 } })
  machine.look()
  const reads = [1, 2, 3, 4, 5].map(() => machine.look({ kind: 'scheduled' }).readFiles)
  expect(reads.reduce((sum, count) => sum + count, 0)).toBe(200)
  expect(Math.min(...reads)).toBeGreaterThan(10)
  expect(machine.state.memory('Files').readAgain).toEqual({ nextPart: 0, parts: 5 })
  expect(machine.look({ kind: 'full' }).readFiles).toBe(200)
  expect(machine.look({ kind: 'changed' }).readFiles).toBe(0)
})

test('a new name of an owner is told of each file, without reading it', () => {
  sh('echo 1 > a')
  machine = Object.assign(machine, { passwd: 'root:x:0:0::/:/bin/sh\n' })
  const clock = new ManualClock(Date.UTC(2040, 0, 1))
  Object.assign(machine, { clock })
  machine.entries(entry())
  machine.look()
  machine.passwd = 'boss:x:0:0::/:/bin/sh\n'
  const renamed = machine.look()
  expect([told(folder, renamed), renamed.readFiles]).toEqual([['Modified a (FileOwner)'], 0])
})

test('what cannot be seen at once is told once, and again when it had been seen meanwhile', () => {
  const { state, clock } = machine.entries(entry())
  const gap: Gap = { reason: 'watch-unavailable', subject: 'watch', detail: 'not root' }
  const finish = (...gaps: readonly Gap[]): unknown[] => {
    const { tracking } = machine
    const identity = { computer: 'c', sourceComputerId: 's', vmUuid: 'v' }
    const keeper = new FilesKeeper({ state, tracking, machine: identity, clock }, { kind: 'changed' })
    keeper.finish({ gaps, changeCount: 0, baselineCount: 0, aliases: [], ownersHash: '' })
    return machine.takeOutbox().map((row) => row['Reason'])
  }
  expect([finish(gap), finish(gap), finish(), finish(gap)]).toEqual([
    ['watch-unavailable'],
    [],
    [],
    ['watch-unavailable'],
  ])
})

test('what no rule carries takes no number', () => {
  sh('touch a')
  machine.entries(entry())
  machine.look()
  const before = machine.state.sequence
  const { rules } = machine.tracking
  machine.tracking = { problems: [], rules: rules.map(({ id, name, settings }) => ({ id, name, settings })) }
  sh('echo 1 > a; touch b')
  expect([machine.look().rows, machine.state.sequence]).toEqual([[], before])
  machine.entries(entry())
  sh('touch c')
  expect(machine.look().rows.map((row) => row['Sequence'])).toEqual([before + 1])
})
