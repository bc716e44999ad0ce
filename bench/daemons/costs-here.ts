// Runs in the machine that is measured: node costs-here.ts ROUNDS FOLDER. Prints what the described command and our looks took in CPU
// time, by process 1 too, and how long after a stop its row was there, as one line of JSON.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { HeardDaemons, openServicesMachine, servicesCollector } from '@tidemark/changetracking/testing'

const COMMAND =
  'systemctl -a list-unit-files "*.service" | grep .service | grep -v "@" | awk \'{print $1}\' | xargs systemctl -a --no-pager --no-legend -p "Names,WantedBy,Description,SubState,FragmentPath,UnitFileState" show'
/** Ticks of a second in /proc/PID/stat (sysconf(_SC_CLK_TCK), 100 on Linux). */
const TICKS = 100
const rounds = Number(process.argv[2] ?? 1)
const folder = process.argv[3] ?? '/tmp'
const { signal } = new AbortController()

const collector = servicesCollector(openServicesMachine('/'))
let known: Awaited<ReturnType<typeof collector.collect>>['items'] = new Map()
const look = async (): Promise<{ ours: number; systemd: number }> => {
  const [mine, init] = [process.cpuUsage(), initMs()]
  const { items, gaps } = await collector.collect(new Map(known), signal, [])
  if (gaps.length > 0) throw new Error(JSON.stringify(gaps))
  known = items
  const { user, system } = process.cpuUsage(mine)
  return { ours: (user + system) / 1_000, systemd: initMs() - init }
}
const first = await look()
const command = Array.from({ length: rounds }, () => {
  const [children, init] = [childrenMs(), initMs()]
  spawnSync('sh', ['-c', COMMAND])
  return { ours: childrenMs() - children, systemd: initMs() - init }
})
const next: { ours: number; systemd: number }[] = []
for (let round = 0; round < rounds; round += 1) next.push(await look())

const heardMs: number[] = []
await using daemons = new HeardDaemons('/', join(folder, 'state.db'))
await daemons.heard(30_000)
for (let round = 0; round < Math.min(rounds, 5); round += 1) {
  const name = `tidemark-bench-${round}`
  spawnSync('systemd-run', ['-q', `--unit=${name}`, 'sleep', '1000'])
  await until(() => daemons.changesOf(name).length > 0)
  await sleep(2_000)
  spawnSync('systemctl', ['stop', name])
  const stoppedMs = performance.now()
  await until(() => daemons.changesOf(name).some(({ ChangeCategory }) => ChangeCategory === 'Removed'))
  heardMs.push(performance.now() - stoppedMs)
}
console.log(JSON.stringify({ daemons: known.size, first, command, next, heardMs }))

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3_000 && !isSo(); tries += 1) await sleep(10)
}

/** CPU time of process 1 so far; the scheduler counts it in nanoseconds. */
function initMs(): number {
  return Number(readFileSync('/proc/1/schedstat', 'utf8').split(' ')[0]) / 1_000_000
}

/** CPU time of our ended children. */
function childrenMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? []
  return ((Number(fields[13]) + Number(fields[14])) * 1_000) / TICKS
}
