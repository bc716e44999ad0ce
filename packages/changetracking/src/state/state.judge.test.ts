import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openBolt } from '@tidemark/bolt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { STAMP_BYTES } from '../files/scan/stamp.ts'
import { TrackedMachine } from '../testing/tracked-machine.ts'

// Goal: a state with its large pages is a bbolt file. Method: bbolt itself (packages/bolt/src/judge/main.go) checks it and
// reads every key.

const missing = missingTool()

function missingTool(): string | undefined {
  if (!existsSync('/usr/share/gocode/src/go.etcd.io/bbolt')) return 'golang-github-coreos-bbolt-dev is not installed'
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'go is not installed'
  }
}

interface Line {
  readonly path: readonly string[]
  readonly key: string
  readonly value: string
  readonly isBucket: boolean
}

describe.skipIf(missing !== undefined)(
  `bbolt reads the state${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let folder = ''
    const judge = (...words: string[]): string =>
      execFileSync(join(folder, 'judge'), words, { encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 })

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'tidemark-state-judge-'))
      const source = join(import.meta.dirname, '../../../bolt/src/judge/main.go')
      execFileSync('go', ['build', '-o', join(folder, 'judge'), source], {
        env: { ...process.env, GOPATH: '/usr/share/gocode', GO111MODULE: 'off', GOCACHE: join(folder, 'cache') },
      })
    }, 180_000)
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test('after scans, changes and an outbox', () => {
      const tree = join(folder, 't')
      mkdirSync(tree)
      const write = (name: string, text: string): void => writeFileSync(join(tree, name), text)
      for (let index = 0; index < 3_000; index += 1) write(`${index}-${'n'.repeat(index % 200)}`, String(index))
      using machine = new TrackedMachine().entries({ destinationPath: `${tree}/*` })
      machine.look()
      for (let index = 0; index < 3_000; index += 3) rmSync(join(tree, `${index}-${'n'.repeat(index % 200)}`))
      write('new\u00ff', 'new')
      expect(machine.look().changes).toHaveLength(1_001)
      machine.restart()
      const known = knownPaths(machine)
      machine.state[Symbol.dispose]()
      expect(judge('check', machine.statePath)).toBe('')
      const lines = judge('dump', machine.statePath)
        .trim()
        .split('\n')
        .map((line): Line => JSON.parse(line))
      const inBucket = (name: string): Line[] =>
        lines.filter(({ path, isBucket }) => !isBucket && path?.join('/') === Buffer.from(name).toString('base64'))
      const keys = (name: string): string[] =>
        inBucket(name).map(({ key }) => Buffer.from(key, 'base64').toString('latin1'))
      expect(known).toHaveLength(2_001)
      expect([keys('FileStamps'), keys('Files')]).toEqual([known, known])
      expect(new Set(inBucket('FileStamps').map(({ value }) => Buffer.from(value, 'base64').length))).toEqual(
        new Set([STAMP_BYTES]),
      )
      const [first] = inBucket('Files')
      const path: unknown = JSON.parse(Buffer.from(first?.value ?? '', 'base64').toString()).FileSystemPath
      expect(path).toBe(known[0])
      machine.restart()
    }, 60_000)
  },
)

test('a state of the version before, without stamps, begins a baseline and tells nothing as added', () => {
  const tree = mkdtempSync(join(tmpdir(), 'tidemark-state-before-'))
  try {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(tree, name), name)
    using machine = new TrackedMachine().entries({ destinationPath: `${tree}/*` })
    machine.state[Symbol.dispose]()
    writeBefore(machine.statePath, [join(tree, 'a'), join(tree, 'gone')])
    machine.restart()
    const { state } = machine
    expect([state.epoch, state.sequence, state.loss, state.remembered('config')]).toEqual(['e1', 7, undefined, '{}'])
    const first = machine.look()
    expect(first.changes).toEqual([])
    expect(first.visibility.map((row) => [row['Reason'], row['Sequence']])).toEqual([['baseline-started', 8]])
    expect(state.items('Software').get('bash')?.columns).toEqual({ CurrentVersion: '5' })
    expect(knownPaths(machine)).toEqual(['a', 'b', 'c'].map((name) => join(tree, name)))
    writeFileSync(join(tree, 'd'), '')
    expect(machine.look().changes.map((row) => row['ChangeCategory'])).toEqual(['Added'])
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
})

/** A file as version 0.1 before file stamps kept it: pages of 4 KiB, items under `Tidemark`, coverage in the memory. */
function writeBefore(path: string, files: readonly string[]): void {
  rmSync(path)
  using bolt = openBolt(path, {})
  bolt.update((transaction) => {
    const meta = transaction.createBucket('meta')
    meta.put('epoch', 'e1')
    meta.put('sequence', '7')
    meta.put('text:config', '{}')
    meta.put(
      'memory:Files',
      JSON.stringify({ coverage: ['all'], hash: 'h', isInventoryDue: false, gaps: [], hidden: [] }),
    )
    for (const name of ['Files', 'Software', 'Daemons', 'outbox']) transaction.createBucket(name)
    const item = (columns: object): string => JSON.stringify({ Tidemark: { columns, coveredBy: ['all'] } })
    for (const file of files) transaction.bucket('Files')?.put(file, item({ FileSystemPath: file, Size: 1 }))
    transaction.bucket('Software')?.put('bash', item({ CurrentVersion: '5' }))
  })
}

function knownPaths(machine: TrackedMachine): string[] {
  using known = machine.state.knownFiles()
  const paths: string[] = []
  for (const cursor = known.stampsFrom('/'); cursor.next();) paths.push(cursor.path)
  return paths
}
