import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
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
  readonly #image: string | undefined
  readonly #nspawn: ChildProcess
  #leader = 0

  private constructor(root: string, { image, nspawn }: { image: string | undefined; nspawn: ChildProcess }) {
    this.root = root
    this.#image = image
    this.#nspawn = nspawn
  }

  /** Boots it. Throws when it does not come up. */
  static async boot(options: BootOptions = {}) {
    const base = baseTree(options.packages ?? [])
    const root = mkdtempSync(join(BASE_FOLDER, 'machine-'))
    const image = options.hasOwnDisk === true ? mountedImage(root) : undefined
    execFileSync('cp', ['-a', '--reflink=auto', `${base}/.`, root])
    // mkdtemp's 0700 would be the machine's `/`: what does not run as root, as dbus, could then open nothing.
    chmodSync(root, 0o755)
    const binds = [
      ...(options.readOnly ?? []).map((path) => `--bind-ro=${path}`),
      ...(options.writable ?? []).map((path) => `--bind=${path}`),
    ]
    const words = ['-q', '-D', root, '--boot', '--register=no', '--keep-unit', '--resolv-conf=off', CALLS, ...binds]
    const nspawn = spawn('systemd-nspawn', words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    const machine = new BootedMachine(root, { image, nspawn })
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

  /** Ends it and deletes its tree. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isOver = (): boolean => this.#nspawn.exitCode !== null || this.#nspawn.signalCode !== null
    // SIGKILL to the machine's init ends every process in it; nspawn then ends by itself.
    if (!isOver() && this.#leader > 0) killQuietly(this.#leader)
    for (let tries = 0; tries < 100 && !isOver(); tries += 1) await sleep(50)
    if (!isOver() && this.#nspawn.pid) killQuietly(this.#nspawn.pid)
    for (let tries = 0; tries < 100 && !isOver(); tries += 1) await sleep(50)
    if (this.#image !== undefined) unmount(this.root, this.#image)
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Gives a folder a filesystem of its own, in a file beside it. */
function mountedImage(root: string): string {
  const image = `${root}.image`
  execFileSync('truncate', ['-s', DISK_SIZE, image])
  execFileSync('mkfs.ext4', ['-q', '-F', image])
  execFileSync('mount', ['-o', 'loop', image, root])
  return image
}

function unmount(root: string, image: string): void {
  try {
    execFileSync('umount', ['-l', root], { stdio: 'ignore' })
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
