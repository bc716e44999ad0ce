import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { softwareCollector, softwareMachine } from '@tidemark/changetracking/testing'

import { type Figure, isFull, isOnce, report } from './report.ts'
import { type Database, manyDpkg, manyRpm, ownDpkg } from './software/databases.ts'

export const promise = 'Each package source is collected in at most half the CPU time of the described system’s command'

const rounds = isOnce ? 2 : 30
const count = isOnce ? 200 : 5_000
/** Building packages of rpm takes long: a tenth, where the documents’ size is not asked for. */
const rpmCount = isFull ? count : Math.min(count, 500)
/** Ticks of a second in /proc/self/stat, proc(5): the same on every Linux. */
const TICKS = 100

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-software-'))
try {
  const databases = [ownDpkg(folder), manyDpkg(folder, count), manyRpm(folder, rpmCount)]
  const figures: Figure[] = []
  for (const database of databases) if (database !== undefined) figures.push(...(await compare(database)))
  report(promise, figures)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Both by turns, so that whatever else the machine does meets both; the first look stands by itself, it is not yet compiled. */
async function compare({ what, root, command }: Database): Promise<Figure[]> {
  let [ours, theirs] = [0, 0]
  const first = await collect(root)
  for (let round = 0; round < rounds; round += 1) {
    ours += (await collect(root)).cpuMs
    const before = childrenMs()
    execFileSync('sh', ['-c', command], { maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'] })
    theirs += childrenMs() - before
  }
  return [
    { what: `${what}: packages`, value: first.count, unit: 'packages' },
    { what: `${what}: CPU of one look`, value: ours / rounds, unit: 'ms' },
    { what: `${what}: CPU of the first look of a process`, value: first.cpuMs, unit: 'ms' },
    { what: `${what}: CPU of the described command`, value: theirs / rounds, unit: 'ms' },
    { what: `${what}: look / command`, value: ours / theirs, unit: 'times' },
  ]
}

async function collect(root: string): Promise<{ readonly count: number; readonly cpuMs: number }> {
  const before = process.cpuUsage()
  const { items, gaps } = await softwareCollector(softwareMachine(root)).collect(
    new Map(),
    new AbortController().signal,
    [],
  )
  const { user, system } = process.cpuUsage(before)
  if (gaps.length > 0) throw new Error(gaps.map(({ detail }) => detail).join('\n'))
  return { count: items.size, cpuMs: (user + system) / 1_000 }
}

/** CPU time of all children that ended so far. */
function childrenMs(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[13]) + Number(fields[14])) / TICKS) * 1_000
}
