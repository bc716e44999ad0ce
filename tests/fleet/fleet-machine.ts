import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { CertifiedKey } from '@tidemark/server/testing'

import { BootedMachine } from '../machine/booted-machine.ts'
import type { FleetPort } from './network.ts'

const UNITS = ['tidemark-agent', 'tidemark-changetracking'] as const
export type FleetUnit = (typeof UNITS)[number]

export const TRACKED = '/srv/tracked'
export const SINK_DISK = '/var/opt/microsoft/azuremonitoragent/events'
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
const CLOCK = '/etc/fleet-clock'
const OWN = 'etc/opt/microsoft/azuremonitoragent'

/** Why clocks of machines cannot be made to jump here, `undefined` when they can. */
export function whyNoJumps(): string | undefined {
  return existsSync(FAKETIME) ? undefined : 'no libfaketime'
}

/** What `tidemark status --json` says first. */
export interface FleetStatus {
  readonly isHealthy: boolean
  readonly problems: readonly string[]
  /** `Baseline` until everything was looked at once. */
  readonly tracking?: { readonly status: string }
}

/** Settings of a test's agents: what an administrator would wait minutes for comes in seconds. */
const SETTINGS = {
  upload: { intervalMs: 500 },
  rules: { refreshMs: 2_000 },
  heartbeat: { intervalMs: 2_000 },
  sink: { diskFreeBytesMin: 2 * 1024 * 1024 },
}

/** A booted Debian with the package, in a network of its own. */
export class FleetMachine implements AsyncDisposable {
  readonly name: string
  readonly port: FleetPort
  readonly booted: BootedMachine

  private constructor(name: string, port: FleetPort, booted: BootedMachine) {
    this.name = name
    this.port = port
    this.booted = booted
  }

  static async boot(name: string, port: FleetPort, machineId: string): Promise<FleetMachine> {
    const booted = await BootedMachine.boot({
      hostName: name,
      machineId,
      networkNamespace: port.namespace,
      smallDisks: { [SINK_DISK]: 24 },
    })
    const machine = new FleetMachine(name, port, booted)
    await booted.run('mkdir', '-p', TRACKED)
    return machine
  }

  /** Installs a package that lies here; asks nobody. */
  async install(deb: string): Promise<void> {
    const place = `/root/${basename(deb)}`
    copyFileSync(deb, join(this.booted.root, place))
    await this.booted.run('dpkg', '-i', place)
  }

  /** What an administrator writes before the first start. */
  async prepare({ authority, own }: { readonly authority: string; readonly own: CertifiedKey }): Promise<void> {
    this.write('/etc/tidemark/agent.json', JSON.stringify(SETTINGS))
    this.write('/etc/tidemark/authority.pem', authority)
    this.showCertificate(own)
    await this.booted.run('chown', '-R', 'root:tidemark', '/etc/tidemark')
    await this.booted.run('chmod', '-R', 'g+rX,o-rwx', '/etc/tidemark')
    await this.booted.run('chown', 'tidemark:', SINK_DISK)
    const asks = 'tidemark-changetracking.service.d/fleet.conf'
    const line = (await this.booted.run('systemctl', 'cat', 'tidemark-changetracking'))
      .split('\n')
      .find((each) => each.startsWith('ExecStart='))
    this.write(`/etc/systemd/system/${asks}`, `[Service]\nExecStart=\n${line} --refresh-interval 2\n`)
    const clock = `[Service]\nEnvironment=LD_PRELOAD=/usr/lib/fleet-clock.so FAKETIME_TIMESTAMP_FILE=${CLOCK} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1\n`
    if (whyNoJumps() === undefined) {
      copyFileSync(FAKETIME, join(this.booted.root, 'usr/lib/fleet-clock.so'))
      this.setClock('+0')
      for (const unit of UNITS) this.write(`/etc/systemd/system/${unit}.service.d/clock.conf`, clock)
    }
    await this.booted.run('systemctl', 'daemon-reload')
    await this.booted.run('systemctl', 'restart', 'tidemark-changetracking')
  }

  /** The certificate by which it shows itself from now on. */
  showCertificate({ certificate, key }: CertifiedKey): void {
    this.write('/etc/tidemark/own.key', key)
    this.write('/etc/tidemark/own.pem', certificate)
  }

  /** Moves what its daemons take for the time of day: `+0`, `+2d`, `-1d`. */
  setClock(offset: string): void {
    this.write(CLOCK, `${offset}\n`)
  }

  async enroll(url: string, token: string, ...more: readonly string[]): Promise<string> {
    const files = ['--ca', '/etc/tidemark/authority.pem', '--certificate', '/etc/tidemark/own.pem']
    const words = [...files, '--certificate-key', '/etc/tidemark/own.key', ...more]
    return await this.booted.run('tidemark', 'enroll', '--server', url, '--token', token, ...words)
  }

  /** Whatever its exit code says. */
  async status(): Promise<FleetStatus> {
    return JSON.parse(await this.booted.run('sh', '-c', 'tidemark status --json || true'))
  }

  /** Asks until a problem is told in which all of the words stand; throws with what was told last. */
  async untilTold(...words: readonly string[]): Promise<void> {
    await this.#untilStatus(`tells ${words.join(', ')}`, ({ problems }) =>
      problems.some((problem) => words.every((word) => problem.includes(word))),
    )
  }

  async untilHealthy(): Promise<void> {
    await this.#untilStatus('is healthy', ({ isHealthy }) => isHealthy)
  }

  /** Everything was looked at once: what comes from now on is a change. */
  async untilReady(): Promise<void> {
    await this.#untilStatus('is ready', ({ isHealthy, tracking }) => isHealthy && tracking?.status === 'Ready')
  }

  async #untilStatus(what: string, isSo: (status: FleetStatus) => boolean): Promise<void> {
    let status: FleetStatus | undefined
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(700)) {
      status = await this.status()
      if (isSo(status)) return
    }
    throw new Error(`${this.name} never ${what}; it says ${JSON.stringify(status?.problems)}\n${await this.log()}`)
  }

  /** Ends a unit's process without a word; systemd starts it again. */
  async kill(unit: FleetUnit): Promise<void> {
    await this.booted.run('systemctl', 'kill', '--signal=SIGKILL', '--kill-whom=main', unit)
    await this.untilRuns(unit)
  }

  /** Waits until systemd has a unit running and ready. */
  async untilRuns(unit: FleetUnit): Promise<void> {
    const isActive = async (): Promise<boolean> =>
      (await this.booted.run('sh', '-c', `systemctl is-active ${unit} || true`)).trim() === 'active'
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(300)) if (await isActive()) return
    throw new Error(`${unit} does not run on ${this.name}: ${await this.log()}`)
  }

  /** Takes the identity of another machine, as a copied disk has it: its id and its key. */
  async becomeCopyOf(other: FleetMachine): Promise<void> {
    for (const path of ['etc/machine-id', ...['machine.json', 'machine.key'].map((name) => join(OWN, name))])
      copyFileSync(join(other.booted.root, path), join(this.booted.root, path))
    await this.booted.run('chown', 'tidemark:tidemark', `/${OWN}/machine.key`, `/${OWN}/machine.json`)
  }

  async log(): Promise<string> {
    const journal = ['journalctl', '-q', '-n', '15', '--no-pager', '-o', 'cat']
    const units = UNITS.map(async (unit) => await this.booted.run(...journal, '-u', unit).catch(String))
    return (await Promise.all(units)).join('\n')
  }

  /** A file below the root, seen from here. */
  write(path: string, text: string): void {
    const place = join(this.booted.root, path)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, text)
  }

  /** A file that is there for good from now on; the name is the change. */
  makeFile(name: string): void {
    this.write(join(TRACKED, name), name)
  }

  /** A unit's main process, by the number that it has here. */
  async pidOf(unit: FleetUnit): Promise<number> {
    const inside = (await this.booted.run('systemctl', 'show', '-p', 'MainPID', '--value', unit)).trim()
    const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && inner(pid) === inside && this.#has(pid))
    if (inside === '0' || found === undefined) throw new Error(`${unit} does not run on ${this.name}`)
    return Number(found)
  }

  #has(pid: string): boolean {
    const links = execFileSync('readlink', [`/proc/${pid}/ns/pid`, `/proc/${this.booted.leader}/ns/pid`])
    return new Set(links.toString().trim().split('\n')).size === 1
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.booted[Symbol.asyncDispose]()
  }
}

/** The number of a process in its own namespace; nothing where it is gone, or has none. */
function inner(pid: string): string | undefined {
  try {
    const [, numbers = ''] = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return numbers.includes('\t') ? numbers.split('\t').at(-1) : undefined
  } catch {
    return undefined
  }
}
