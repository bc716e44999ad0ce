import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where the tree that machines are copied from is kept between runs. */
const BASE_FOLDER = '/var/tmp/tidemark-tests'
const BOOT_MS_MAX = 60_000
/** In the tree besides Debian's minimum. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'procps', 'iproute2']

/** What services of a real machine may ask of the kernel, and those of a container may not unless it is said. */
const CALLS = '--system-call-filter=fanotify_init fanotify_mark open_by_handle_at name_to_handle_at'

/** Of a machine with a disk of its own; it takes only what is written. */
const DISK_SIZE = '4G'

/** What a machine is to have. */
export interface BootOptions {
  /** Folders of this machine that are there under the same path. */
  readonly readOnly?: readonly string[]
  readonly writable?: readonly string[]
  /** Debian packages beside those of the minimum. */
  readonly packages?: readonly string[]
  /** Whether its `/` is a filesystem of its own, so that the kernel tells it nothing of what others do on this disk. */
  readonly hasOwnDisk?: boolean
  /** Its network: the path of a namespace, `/run/netns/…`. It shares ours where nothing is said. */
  readonly networkNamespace?: string
  readonly hostName?: string
  /** 32 hex digits, machine-id(5). */
  readonly machineId?: string
  /** Folders that are small disks of their own, as ext4 takes them: path to MiB. */
  readonly smallDisks?: Readonly<Record<string, number>>
}

/** Why no machine can be booted here, `undefined` when one can: tests put it into their name when they skip. */
export function whyNoMachine(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root'
  for (const program of ['systemd-nspawn', 'debootstrap', 'nsenter']) if (!isThere(program)) return `no ${program}`
  if (debianMirror() === undefined) return 'no Debian mirror in the apt sources'
  return undefined
}

/**
 * A real Debian 12 with systemd, booted in a container and thrown away afterwards. It shares this machine's network (so
 * loopback is the same, and so are abstract sockets) and has a process tree, a package database and services of its own.
 *
 *     await using machine = await BootedMachine.boot({ readOnly: ['/path/of/the/clone'] })
 *     await machine.run('systemctl', 'is-system-running')
 */
export class BootedMachine implements AsyncDisposable {
  /** The machine's `/`, as seen from here. */
  readonly root: string
  /** Filesystems of its own: where, and in which file. */
  readonly #disks: readonly Disk[]
  readonly #words: readonly string[]
  #nspawn: ChildProcess
  #leader = 0

  private constructor(root: string, { disks, words }: { disks: readonly Disk[]; words: readonly string[] }) {
    this.root = root
    this.#disks = disks
    this.#words = words
    this.#nspawn = spawnMachine(words)
  }

  /** Boots it. Throws when it does not come up. */
  static async boot(options: BootOptions = {}) {
    const base = baseTree(options.packages ?? [])
    const root = mkdtempSync(join(BASE_FOLDER, 'machine-'))
    const disks = options.hasOwnDisk === true ? [mountedImage(root, DISK_SIZE)] : []
    execFileSync('cp', ['-a', '--reflink=auto', `${base}/.`, root])
    // mkdtemp's 0700 would be the machine's `/`: what does not run as root, as dbus, could then open nothing.
    chmodSync(root, 0o755)
    if (options.hostName !== undefined) writeFileSync(join(root, 'etc/hostname'), `${options.hostName}\n`)
    if (options.machineId !== undefined) writeFileSync(join(root, 'etc/machine-id'), `${options.machineId}\n`)
    for (const [path, mebibytes] of Object.entries(options.smallDisks ?? {})) {
      mkdirSync(join(root, path), { recursive: true })
      disks.push(mountedImage(join(root, path), `${mebibytes}M`, `${root}-${disks.length}`))
    }
    const machine = new BootedMachine(root, { disks, words: nspawnWords(root, options) })
    try {
      await machine.#untilBooted()
      return machine
    } catch (error) {
      await machine[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Runs a command in the machine; gives its standard output, throws with its standard error. */
  async run(...words: readonly string[]): Promise<string> {
    return await new Promise((resolve, reject) => {
      execFile('nsenter', this.words(...words), { maxBuffer: 64 * 1024 * 1024 }, (error, output, errors) =>
        error
          ? reject(new Error(`${words.join(' ')}: ${error.message}\n${errors}`, { cause: error }))
          : resolve(output),
      )
    })
  }

  /** Its `/` as its own processes see it, with `/run`, `/proc` and sockets; links in it are the machine's, not ours. */
  get liveRoot(): string {
    return `/proc/${this.#leader}/root`
  }

  /** The number by which its process 1 goes here. */
  get leader(): number {
    return this.#leader
  }

  /** The words behind `nsenter` that run a command in the machine, for who starts the process himself. */
  words(...words: readonly string[]): string[] {
    const environment = [
      'HOME=/root',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'LANG=C.UTF-8',
      'DEBIAN_FRONTEND=noninteractive',
    ]
    return ['-t', String(this.#leader), '-a', '-r', '-w', '/usr/bin/env', '-i', ...environment, ...words]
  }

  async #untilBooted(): Promise<void> {
    const errors: string[] = []
    this.#nspawn.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text))
    for (const deadline = Date.now() + BOOT_MS_MAX; Date.now() < deadline; await sleep(100)) {
      if (this.#nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended: ${errors.join('')}`)
      this.#leader = childOf(this.#nspawn.pid ?? 0)
      // nspawn's first child only prepares; the machine's init is the one that has become systemd.
      if (this.#leader === 0 || nameOf(this.#leader) !== 'systemd') continue
      const state = await this.run('sh', '-c', 'systemctl is-system-running || true').catch(() => '')
      if (/^(running|degraded)$/m.test(state)) return
    }
    throw new Error(`the machine did not boot within ${BOOT_MS_MAX / 1_000} s: ${errors.join('')}`)
  }

  /** Shuts down as systemd does, and boots again from the same disks. */
  async reboot(): Promise<void> {
    await this.run('systemctl', 'reboot')
    await this.#untilOver(600)
    await this.#bootAgain()
  }

  /** Every process in it dies at once, and it boots again from the same disks. */
  async pullPlug(): Promise<void> {
    killQuietly(this.#leader)
    await this.#untilOver(100)
    await this.#bootAgain()
  }

  async #bootAgain(): Promise<void> {
    this.#leader = 0
    this.#nspawn = spawnMachine(this.#words)
    await this.#untilBooted()
  }

  async #untilOver(tries: number): Promise<void> {
    for (; tries > 0; tries -= 1) {
      if (this.#nspawn.exitCode !== null || this.#nspawn.signalCode !== null) return
      await sleep(50)
    }
    throw new Error('the machine does not end')
  }

  /** Ends it and deletes its tree. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isOver = (): boolean => this.#nspawn.exitCode !== null || this.#nspawn.signalCode !== null
    // SIGKILL to the machine's init ends every process in it; nspawn then ends by itself.
    if (!isOver() && this.#leader > 0) killQuietly(this.#leader)
    for (let tries = 0; tries < 100 && !isOver(); tries += 1) await sleep(50)
    if (!isOver() && this.#nspawn.pid) killQuietly(this.#nspawn.pid)
    for (let tries = 0; tries < 100 && !isOver(); tries += 1) await sleep(50)
    for (const disk of this.#disks.toReversed()) unmount(disk)
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
  }
}

interface Disk {
  readonly folder: string
  readonly image: string
}

function spawnMachine(words: readonly string[]): ChildProcess {
  return spawn('systemd-nspawn', words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
}

function nspawnWords(root: string, options: BootOptions): string[] {
  const { readOnly = [], writable = [], networkNamespace, machineId } = options
  return [
    '-q',
    '-D',
    root,
    '--boot',
    '--register=no',
    '--keep-unit',
    '--resolv-conf=off',
    CALLS,
    ...(networkNamespace === undefined ? [] : [`--network-namespace-path=${networkNamespace}`]),
    ...(machineId === undefined ? [] : [`--uuid=${machineId}`]),
    ...readOnly.map((path) => `--bind-ro=${path}`),
    ...writable.map((path) => `--bind=${path}`),
  ]
}

/** Gives a folder a filesystem of its own, in a file beside the machine. */
function mountedImage(folder: string, size: string, beside = folder): Disk {
  const image = `${beside}.image`
  execFileSync('truncate', ['-s', size, image])
  execFileSync('mkfs.ext4', ['-q', '-F', image])
  execFileSync('mount', ['-o', 'loop', image, folder])
  return { folder, image }
}

function unmount({ folder, image }: Disk): void {
  try {
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' })
  } finally {
    rmSync(image, { force: true })
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

/** The first child of a process, 0 while it has none. */
function childOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] ?? 0)
  } catch {
    return 0
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}

/** The tree that machines are copies of; made once for each choice of packages, from the mirror that this machine's apt uses. */
function baseTree(packages: readonly string[]): string {
  const more = [...packages].sort().join(',')
  const mark = more === '' ? '' : `-${createHash('sha256').update(more).digest('hex').slice(0, 8)}`
  const tree = join(BASE_FOLDER, `debian-12${mark}`)
  if (existsSync(tree)) return tree
  mkdirSync(BASE_FOLDER, { recursive: true })
  const unfinished = mkdtempSync(join(BASE_FOLDER, 'unfinished-'))
  const words = [
    '--variant=minbase',
    `--include=${[...PACKAGES, ...packages].join(',')}`,
    'bookworm',
    unfinished,
    debianMirror() ?? '',
  ]
  execFileSync('debootstrap', words, { stdio: ['ignore', 'ignore', 'inherit'], maxBuffer: 64 * 1024 * 1024 })
  if (existsSync(tree)) rmSync(unfinished, { recursive: true, force: true })
  else renameSync(unfinished, tree)
  return tree
}

function debianMirror(): string | undefined {
  const folder = '/etc/apt/sources.list.d'
  const more = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  for (const path of [...more, '/etc/apt/sources.list']) {
    if (!existsSync(path)) continue
    const [, url] = /^(?:URIs:|deb(?: \[[^\]]*\])?) *(https?:\S+)/m.exec(readFileSync(path, 'utf8')) ?? []
    if (url !== undefined) return url
  }
  return undefined
}

function isThere(program: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, program)))
}
