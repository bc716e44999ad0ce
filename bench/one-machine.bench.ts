import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { RunningTidemark } from 'tidemark/testing'
import { isOnce, report } from './report.ts'

export const promise = 'One machine: set up in seconds, a change in the table in seconds, next to nothing when idle'

/** Ticks of a second in /proc/<pid>/stat (sysconf(_SC_CLK_TCK), 100 on Linux). */
const TICKS = 100

const state = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
const tracked = join(state, 'tracked')
mkdirSync(tracked)
try {
  const startedMs = performance.now()
  const tidemark = await RunningTidemark.start({ state })
  const baselineMs = performance.now() - startedMs
  await tidemark.track('bench', [tracked])
  writeFileSync(join(tracked, 'first'), 'x')
  await tidemark.queryUntil('ConfigurationData | where Name == "first"', (rows) => rows.length > 0)
  const waits: number[] = []
  for (let round = 0; round < (isOnce ? 1 : 10); round += 1) {
    await sleep(Math.random() * 1_000)
    const changedMs = performance.now()
    writeFileSync(join(tracked, `round-${round}`), 'x')
    await tidemark.queryUntil(`ConfigurationChange | where Name == "round-${round}"`, (rows) => rows.length > 0)
    waits.push(performance.now() - changedMs)
  }
  const { agent, changetracking, server } = tidemark.processes()
  const before = [agent, changetracking].map(cpuSeconds)
  const idleSeconds = isOnce ? 3 : 60
  await sleep(idleSeconds * 1_000)
  const after = [agent, changetracking].map(cpuSeconds)
  const share = (index: number): number => (((after[index] ?? 0) - (before[index] ?? 0)) / idleSeconds) * 100
  report(promise, [
    { what: 'from the start of "tidemark up" to the end of the first look', value: baselineMs / 1_000, unit: 's' },
    {
      what: 'from a change to its row, median (files looked at every second, uploaded every second)',
      value: median(waits) / 1_000,
      unit: 's',
    },
    { what: 'agent, resident memory when idle', value: residentMib(agent), unit: 'MiB' },
    { what: 'change tracking, resident memory when idle', value: residentMib(changetracking), unit: 'MiB' },
    { what: 'server without its store, resident memory when idle', value: residentMib(server), unit: 'MiB' },
    { what: 'agent, share of one core when idle, with the short intervals of "up"', value: share(0), unit: '%' },
    { what: 'change tracking, share of one core with looks every 1 to 5 s', value: share(1), unit: '%' },
  ])
  await tidemark[Symbol.asyncDispose]()
} finally {
  rmSync(state, { recursive: true, force: true })
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}

/** User and system time of a process, its ended children's included. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS
}

function residentMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
}
