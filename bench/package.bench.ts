import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { BootedMachine, clone, PackageServer } from 'tidemark/testing'

import { type Figure, isFull, isOnce, report } from './report.ts'

export const promise = 'The package: small to fetch, quick to start, next to nothing when idle'

// A booted Debian 12 installs the package, is enrolled with a server outside and gets the default rule; nothing happens there.
// "From source" is the same unit with the clone's own Node and src/main.ts, as `tidemark up` would run it.

const UNITS = ['tidemark-agent', 'tidemark-changetracking'] as const
type Unit = (typeof UNITS)[number]
/** Ticks of a second in /proc/<pid>/stat (sysconf(_SC_CLK_TCK), 100 on Linux). */
const TICKS = 100
const ROUNDS = isOnce ? 1 : 5
/** Memory is given back 30 s after the start, and a scanning thread ends after 20 s. */
const SETTLED_S = isOnce ? 3 : 75
const IDLE_S = isOnce ? 3 : 60

mkdirSync('/var/tmp/tidemark-tests', { recursive: true })
const folder = mkdtempSync('/var/tmp/tidemark-tests/package-bench-')
try {
  const packages = build()
  const deb = packages.find((path) => path.endsWith('_amd64.deb')) ?? ''
  await using machine = await BootedMachine.boot({ readOnly: [clone] })
  await using server = await PackageServer.start(join(folder, 'server'))
  copyFileSync(deb, join(machine.root, 'root', basename(deb)))
  await machine.run('dpkg', '-i', `/root/${basename(deb)}`)
  await machine.run('tidemark', 'enroll', '--server', server.url, '--token', await server.enrolmentToken())
  const packaged = await measure(machine, server)
  await runFromSource(machine)
  const source = await measure(machine, server)
  report(promise, [
    ...packages.map((path): Figure => ({
      what: `size of ${basename(path)}`,
      value: mib(statSync(path).size),
      unit: 'MiB',
    })),
    ...figuresOf('', packaged),
    ...figuresOf(', from source', source),
  ])
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** All four packages with `full`; else the one that is measured, compressed quickly where it is only to run. */
function build(): string[] {
  const words = isFull ? [] : ['--arch', 'x64', '--format', 'deb', ...(isOnce ? ['--fast'] : [])]
  const script = join(clone, 'tools/package/build.ts')
  const said = execFileSync(process.execPath, [script, '--out', folder, ...words], { encoding: 'utf8' })
  return said.trim().split('\n')
}

interface Measured {
  readonly startMs: number
  readonly startCpuMs: number
  readonly pssMib: number
  readonly anonymousMib: number
  readonly residentMib: number
  readonly idleShare: number
}

async function measure(machine: BootedMachine, server: PackageServer): Promise<ReadonlyMap<Unit, Measured>> {
  const starts = new Map<Unit, { ms: number; cpuMs: number }>()
  for (const unit of UNITS) starts.set(unit, await startsOf(machine, unit))
  await server.queryUntil('ConfigurationData | distinct ConfigDataType', (rows) => rows.length >= 3)
  await sleep(SETTLED_S * 1_000)
  const before = await Promise.all(UNITS.map(async (unit) => await cpuSeconds(machine, unit)))
  await sleep(IDLE_S * 1_000)
  const measured = new Map<Unit, Measured>()
  for (const [index, unit] of UNITS.entries()) {
    const start = starts.get(unit)
    const idleSeconds = (await cpuSeconds(machine, unit)) - (before[index] ?? 0)
    const rollup = await machine.run('cat', `/proc/${await pidOf(machine, unit)}/smaps_rollup`)
    const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(rollup)?.[1])
    measured.set(unit, {
      startMs: start?.ms ?? Number.NaN,
      startCpuMs: start?.cpuMs ?? Number.NaN,
      pssMib: kib('Pss') / 1024,
      anonymousMib: kib('Pss_Anon') / 1024,
      residentMib: kib('Rss') / 1024,
      idleShare: (idleSeconds / IDLE_S) * 100,
    })
  }
  return measured
}

/** Wall clock and processor until READY, median: `systemctl restart` returns with it. The first round warms the caches. */
async function startsOf(machine: BootedMachine, unit: Unit): Promise<{ ms: number; cpuMs: number }> {
  const rounds: { ms: number; cpuMs: number }[] = []
  await machine.run('systemctl', 'restart', unit)
  for (let round = 0; round < ROUNDS; round += 1) {
    await machine.run('systemctl', 'restart', unit)
    const cpuMs = (await cpuSeconds(machine, unit)) * 1_000
    const shown = await machine.run(
      'systemctl',
      'show',
      unit,
      '-p',
      'ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic',
    )
    const at = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(shown)?.[1]) / 1_000
    rounds.push({ ms: at('ActiveEnterTimestampMonotonic') - at('ExecMainStartTimestampMonotonic'), cpuMs })
  }
  return { ms: median(rounds.map(({ ms }) => ms)), cpuMs: median(rounds.map((round) => round.cpuMs)) }
}

async function runFromSource(machine: BootedMachine): Promise<void> {
  for (const unit of UNITS) {
    const words = unit === 'tidemark-agent' ? 'agent --settings /etc/tidemark/agent.json' : 'changetracking'
    const program = `${process.execPath} ${join(clone, 'packages/tidemark/src/main.ts')} ${words}`
    const dropIns = `/run/systemd/system/${unit}.service.d`
    // The clone may be below /root, which the units hide; MALLOC_ARENA_MAX is as bin/tidemark.mjs has it.
    const text = String.raw`[Service]\nExecStart=\nExecStart=${program}\nProtectHome=no\n`
    await machine.run('sh', '-c', `mkdir -p ${dropIns}; printf '${text}' > ${dropIns}/source.conf`)
  }
  await machine.run('systemctl', 'daemon-reload')
}

function figuresOf(how: string, measured: ReadonlyMap<Unit, Measured>): Figure[] {
  const all = [...measured.values()]
  const sum = (value: (one: Measured) => number): number => all.reduce((total, one) => total + value(one), 0)
  return [
    ...[...measured].flatMap(([unit, one]): Figure[] => [
      { what: `${unit}${how}: start until READY, wall clock`, value: one.startMs, unit: 'ms' },
      { what: `${unit}${how}: start until READY, processor`, value: one.startCpuMs, unit: 'ms' },
      { what: `${unit}${how}: PSS`, value: one.pssMib, unit: 'MiB' },
      { what: `${unit}${how}: PSS, of it memory of its own`, value: one.anonymousMib, unit: 'MiB' },
      { what: `${unit}${how}: RSS`, value: one.residentMib, unit: 'MiB' },
      { what: `${unit}${how}: idle, share of one core`, value: one.idleShare, unit: '%' },
    ]),
    { what: `both${how}: PSS`, value: sum(({ pssMib }) => pssMib), unit: 'MiB' },
    { what: `both${how}: idle, share of one core`, value: sum(({ idleShare }) => idleShare), unit: '%' },
  ]
}

async function pidOf(machine: BootedMachine, unit: Unit): Promise<string> {
  return (await machine.run('systemctl', 'show', unit, '--property=MainPID', '--value')).trim()
}

/** User and system time of a unit's main process. */
async function cpuSeconds(machine: BootedMachine, unit: Unit): Promise<number> {
  const fields = (await machine.run('cat', `/proc/${await pidOf(machine, unit)}/stat`)).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

function mib(bytes: number): number {
  return bytes / 1024 / 1024
}
