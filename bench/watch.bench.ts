import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { systemClock } from '@tidemark/base'
import { interestedIn, openWatch, Told } from '@tidemark/changetracking/testing'
import { isOnce, report } from './report.ts'

export const promise = 'What nobody tracks costs the watch next to nothing'

/** Ticks of a second in /proc/<pid>/stat. */
const TICKS = 100
const seconds = isOnce ? 1 : 10
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-watch-'))
mkdirSync(join(folder, 'tracked'))
try {
  const told = new Told()
  await using watch = await openWatch({ clock: systemClock, signal: new AbortController().signal, ...told })
  await watch.watch(interestedIn([join(folder, 'tracked')]))
  const figures = []
  for (const [what, loop] of [
    ['appends to one untracked file', 'while :; do echo x >> a; n=$((n+1)); done'],
    ['new untracked files', 'while :; do n=$((n+1)); : > f$((n % 5000)); done'],
  ] as const) {
    const before = cpuSeconds()
    const rounds = await loopFor(loop)
    figures.push({ what: `${what}, in a second`, value: rounds / seconds, unit: 'operations/s' })
    figures.push({ what: `${what}: share of one core`, value: ((cpuSeconds() - before) / seconds) * 100, unit: '%' })
  }
  report(`${promise} (${watch.method})`, figures)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Runs a shell's loop for a time and gives how often it went round. */
async function loopFor(loop: string): Promise<number> {
  const child = spawn('sh', ['-c', `n=0; trap 'echo $n; exit' TERM; ${loop}`], { cwd: folder })
  let said = ''
  child.stdout.on('data', (data) => (said += String(data)))
  await sleep(seconds * 1_000)
  child.kill('SIGTERM')
  await once(child, 'close')
  await sleep(200)
  return Number(said)
}

/** User and system time of all threads of this process. */
function cpuSeconds(): number {
  return readdirSync('/proc/self/task')
    .map((thread) => readFileSync(`/proc/self/task/${thread}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [])
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / TICKS, 0)
}
