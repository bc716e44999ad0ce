import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBolt } from './index.ts'
import type { Transaction } from './transaction.ts'
import { base64, type Line, linesOf } from './judge/lines.ts'

// Goal: files go both ways between this package and bbolt. Method: bbolt itself (main.go) reads, checks and writes.

const library = '/usr/share/gocode/src/go.etcd.io/bbolt'
const missing = missingTool()

function missingTool(): string | undefined {
  if (!existsSync(library)) return 'golang-github-coreos-bbolt-dev is not installed'
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'go is not installed'
  }
}

describe.skipIf(missing !== undefined)(
  `bbolt as the judge${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'bolt-judge-'))
    const judge = (...words: string[]): string =>
      execFileSync(join(folder, 'judge'), words, { encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 })
    const dump = (file: string): Line[] => judge('dump', file).trim().split('\n').filter(Boolean).map(parseLine)

    beforeAll(() => {
      mkdirSync(join(folder, 'source'))
      copyFileSync(join(import.meta.dirname, 'judge', 'main.go'), join(folder, 'source', 'main.go'))
      execFileSync('go', ['build', '-o', join(folder, 'judge'), join(folder, 'source', 'main.go')], {
        env: { ...process.env, GOPATH: '/usr/share/gocode', GO111MODULE: 'off', GOCACHE: join(folder, 'cache') },
      })
    }, 180_000)

    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test.each([
      { freelistSync: true, pageSize: 4096 },
      { freelistSync: true, pageSize: 1024 },
      { freelistSync: false, pageSize: 4096 },
    ])(
      'reads what we write and finds it sound: %o',
      (options) => {
        const path = join(folder, `ours-${options.freelistSync}-${options.pageSize}.db`)
        for (let round = 0; round < 4; round++) {
          using bolt = openBolt(path, { ...options, sync: false })
          bolt.update((tx) => changeMuch(tx, round))
          const lines = bolt.view(linesOf)
          expect(bolt.view((tx) => tx.check())).toEqual([])
          bolt.close()
          expect(judge('check', path)).toBe('')
          expect(dump(path)).toEqual(lines)
        }
      },
      60_000,
    )

    test.each(['with', 'without'])(
      'we read, check and change what it writes %s a freelist',
      (freelist) => {
        const path = join(folder, `theirs-${freelist}.db`)
        const commands = theirCommands()
        execFileSync(join(folder, 'judge'), ['write', path, ...(freelist === 'with' ? [] : ['no-freelist'])], {
          input: commands.map((command) => JSON.stringify(command)).join('\n'),
        })
        const theirs = dump(path)
        expect(theirs.length).toBeGreaterThan(500)
        using reader = openBolt(path, { readOnly: true })
        expect(reader.view(linesOf)).toEqual(theirs)
        expect(reader.view((tx) => tx.check())).toEqual([])
        reader.close()
        using writer = openBolt(path, { sync: false })
        writer.update((tx) => changeMuch(tx, 1))
        const lines = writer.view(linesOf)
        writer.close()
        expect(judge('check', path)).toBe('')
        expect(dump(path)).toEqual(lines)
      },
      60_000,
    )

    test('they take turns on one file', () => {
      const path = join(folder, 'turns.db')
      for (let turn = 0; turn < 6; turn++) {
        using bolt = openBolt(path, { sync: false })
        bolt.update((tx) => changeMuch(tx, turn))
        bolt.close()
        execFileSync(join(folder, 'judge'), ['write', path], {
          input: Array.from({ length: 400 }, (_, i) =>
            JSON.stringify(
              i === 0
                ? { op: 'bucket', path: [], key: text('turns') }
                : {
                    op: i % 3 === 0 ? 'delete' : 'put',
                    path: [text('turns')],
                    key: text(`${(i * 37 + turn) % 500}`),
                    value: text('v'.repeat(i)),
                  },
            ),
          ).join('\n'),
        })
        expect(judge('check', path)).toBe('')
        using reader = openBolt(path, { readOnly: true })
        expect(reader.view((tx) => tx.check())).toEqual([])
        expect(reader.view(linesOf)).toEqual(dump(path))
      }
    }, 60_000)
  },
)

/** Many keys, deletions, nested and inline buckets, values over several pages, keys of every byte. */
function changeMuch(tx: Transaction, round: number): void {
  const many = tx.createBucketIfMissing('many')
  for (let i = 0; i < 6000; i++) many.put(`key-${(i * 7919 + round * 131) % 10_007}`, `value ${i} of ${round}`)
  for (let i = 0; i < 6000; i++) if ((i >> 6) % 2 === round % 2) many.delete(`key-${i}`)
  const large = tx.createBucketIfMissing('large')
  for (const size of [1, 4000, 4096, 50_000, 300_000]) large.put(`v${size + round * 1000}`, Buffer.alloc(size, round))
  large.put(Buffer.alloc(32_768, 7), 'the longest key')
  const outer = tx.createBucketIfMissing('outer')
  for (let i = 0; i < 50; i++) {
    const inline = outer.createBucketIfMissing(`inline-${i}`)
    inline.put('k', `round ${round}`)
    inline.nextSequence()
    if (i % 10 === round) for (let k = 0; k < 300; k++) inline.put(`grown-${k}`, 'out of its parent')
    if (i % 10 === round - 1) for (let k = 0; k < 300; k++) inline.delete(`grown-${k}`)
  }
  outer
    .createBucketIfMissing('deep')
    .createBucketIfMissing('deeper')
    .createBucketIfMissing('deepest')
    .put(`r${round}`, '')
  outer.bucket('deep')?.put(
    Uint8Array.from({ length: 256 }, (_, i) => i),
    'every byte',
  )
  if (round > 0) outer.deleteBucket(`inline-${round}`)
}

function theirCommands(): object[] {
  const commands: object[] = [{ op: 'bucket', path: [], key: text('many') }]
  const put = (path: string[], key: string, value: string): void => {
    commands.push({ op: 'put', path: path.map(text), key: text(key), value: text(value) })
  }
  for (let i = 0; i < 3000; i++) put(['many'], `key-${(i * 7919) % 10_007}`, `value ${i}`)
  commands.push({ op: 'commit' }, { op: 'bucket', path: [], key: text('outer') })
  for (let i = 0; i < 2500; i++)
    commands.push({ op: 'delete', path: [text('many')], key: text(`key-${(i * 7919) % 10_007}`) })
  commands.push({ op: 'commit' })
  for (let i = 0; i < 20; i++) {
    commands.push({ op: 'bucket', path: [text('outer')], key: text(`inline-${i}`) })
    put(['outer', `inline-${i}`], 'k', 'v'.repeat(i * 40))
    commands.push({ op: 'sequence', path: [text('outer'), text(`inline-${i}`)], sequence: i * 1000 })
  }
  put(['outer'], 'large', 'z'.repeat(200_000))
  put(['outer'], 'empty', '')
  commands.push({ op: 'commit' }, { op: 'drop', path: [text('outer')], key: text('inline-3') })
  return commands
}

function text(value: string): string {
  return base64(Buffer.from(value))
}

function parseLine(line: string): Line {
  const { path, key, value, isBucket, sequence } = JSON.parse(line)
  return { path: path ?? [], key, value, isBucket, sequence }
}
