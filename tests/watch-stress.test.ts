import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openBolt } from '@tidemark/bolt'
import { changeTrackingPlaces } from '@tidemark/model'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { commandLine } from 'tidemark/testing'
import { type FileState, readTree, replay } from './stress/replay.ts'
import { type HandedRow, RowsAgent } from './stress/rows-agent.ts'

// Goal: whatever load, what is told is what happened: the changes applied to the first state give the last one, nothing
// twice, no gap in the sequence, and where events were lost it is said. Method: change tracking as a process of its own
// beside an agent that keeps its rows; a tree of 10,000 files of which several processes change 100,000 at random while two
// others burn the processors. Mutants tried:
// an overflow that is only told; touched paths beyond 2,000 of a batch left out.

const CHANGES = Number(process.env['TIDEMARK_STRESS_CHANGES'] ?? 100_000)
const SEED = Number(process.env['TIDEMARK_STRESS_SEED'] ?? Date.now() % 1_000_000)
const CHURNERS = 4
/** Of change tracking while all this happens. */
const RSS_BYTES_MAX = 512 * 1024 * 1024
/** Quiet for so long: nothing more comes. Paths that were touched often are looked at once a minute at most. */
const LAST_LOOK_MS_MAX = 90_000

let folder = ''
let tracked = ''
let agent: RowsAgent
let tracking: ChildProcess | undefined
const children: ChildProcess[] = []
const isRoot = process.getuid?.() === 0

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-stress-'))
  tracked = join(folder, 'tracked')
  mkdirSync(tracked)
  // A filesystem of its own: what others do on the disk must not fill the kernel's queue.
  if (isRoot) execFileSync('mount', ['-t', 'tmpfs', 'tidemark-stress', tracked])
  mkdirSync(join(folder, 's'))
  agent = await RowsAgent.open(join(folder, 's'), {
    enableSoftware: false,
    enableServices: false,
    // No scan helps: what is not seen at once would be missed.
    fileSettings: {
      fileCollectionFrequency: 86_400,
      fileInfo: [{ name: 'all', destinationPath: `${tracked}/*`, recurse: true, links: 'Manage' }],
    },
  })
  for (let directory = 0; directory < 100; directory += 1) {
    mkdirSync(join(tracked, `d${directory}`))
    for (let name = 0; name < 100; name += 1) writeFileSync(join(tracked, `d${directory}`, `${name}`), `${name}\n`)
  }
})
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'SIGKILL')
  await agent[Symbol.asyncDispose]()
  if (isRoot) execFileSync('umount', ['-l', tracked])
  rmSync(folder, { recursive: true, force: true })
})

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

function start(program: string, words: readonly string[]): ChildProcess {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  return child
}

const root = (): string => join(folder, 'root')

/** Starts change tracking, waits for the baseline, gives the files that it began with. */
async function begin(): Promise<Map<string, FileState>> {
  const words = ['changetracking', '--root', root(), '--sockets-directory', join(folder, 's')]
  const [program, args] = commandLine(...words)
  // As `tidemark up` and the units start it.
  tracking = start(program, ['--max-semi-space-size=2', ...args])
  await expect.poll(() => agent.inventoryCount, { timeout: 60_000 }).toBe(10_000)
  return readTree(tracked)
}

async function churn(count: number): Promise<void> {
  const script = new URL('stress/churn.mjs', import.meta.url).pathname
  const ends = Array.from({ length: CHURNERS }, async (_, index) => {
    const child = start(process.execPath, [script, tracked, String(SEED + index), String(count / CHURNERS)])
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect(code).toBe(0)
  })
  await Promise.all(ends)
}

const fileRows = (): HandedRow[] => agent.changes.filter((row) => row['ChangeCategory'] !== undefined)
const told = (reason: string): HandedRow[] => agent.changes.filter((row) => row['Reason'] === reason)
const asObject = (files: ReadonlyMap<string, FileState>): Record<string, FileState> =>
  Object.fromEntries([...files].toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** What change tracking has in its database. */
function knownFiles(): Map<string, FileState> {
  const bolt = openBolt(changeTrackingPlaces(root()).database, { readOnly: true })
  const files = new Map<string, FileState>()
  bolt.view((transaction) => {
    for (const { key, value } of transaction.bucket('Files')?.entries() ?? []) {
      const record = JSON.parse(Buffer.from(value ?? []).toString('utf8'))
      const mode = `0${Number(record.Mode).toString(8).padStart(3, '0')}`
      const path = Buffer.from(key).toString('utf8')
      files.set(path, { checksum: record.FileContentChecksum, size: record.Size, mode, inode: '' })
    }
  })
  bolt.close()
  return files
}

/** Waits until the rows tell the tree as it is now, then compares everything, and what it took. */
async function expectAllTold(first: ReadonlyMap<string, FileState>): Promise<void> {
  const last = asObject(readTree(tracked))
  await expect
    .poll(() => asObject(replay(first, fileRows())), { timeout: LAST_LOOK_MS_MAX, interval: 500 })
    .toEqual(last)
  const sequence = agent.sequence.toSorted((one, other) => one - other)
  expect(sequence).toEqual(sequence.map((_, index) => index + 1))
  expect(rssBytes()).toBeLessThan(RSS_BYTES_MAX)
  if (tracking) await end(tracking, 'SIGTERM')
  const withoutInode = Object.fromEntries(Object.entries(last).map(([path, file]) => [path, { ...file, inode: '' }]))
  expect(asObject(knownFiles())).toEqual(withoutInode)
}

/** The most memory that change tracking had so far. */
function rssBytes(): number {
  const text = readFileSync(`/proc/${tracking?.pid ?? 0}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? Infinity) * 1_024
}

test(`100,000 changes while the processors are busy (seed ${SEED})`, async () => {
  const first = await begin()
  const loads = [1, 2].map(() => start('sh', ['-c', 'while :; do :; done']))
  await churn(CHANGES)
  for (const load of loads) await end(load, 'SIGKILL')
  await expectAllTold(first)
}, 300_000)

test.skipIf(!isRoot)(
  'a process that is stopped loses events: all is found, and the loss is told once',
  async () => {
    const first = await begin()
    const fromMs = Date.now()
    tracking?.kill('SIGSTOP')
    await churn(CHANGES / 2)
    tracking?.kill('SIGCONT')
    await expect.poll(() => told('watch-overflowed').length, { timeout: 30_000 }).toBeGreaterThan(0)
    await expectAllTold(first)
    expect(told('watch-overflowed')).toHaveLength(1)
    const [overflow] = told('watch-overflowed')
    expect(Date.parse(String(overflow?.['From']))).toBeLessThan(Date.parse(String(overflow?.['To'])))
    expect(Date.parse(String(overflow?.['To']))).toBeGreaterThan(fromMs)
  },
  300_000,
)
