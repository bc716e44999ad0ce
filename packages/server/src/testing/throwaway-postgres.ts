import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import pg from 'pg'

const ROOT = '/usr/lib/postgresql'
/** The unprivileged user that PostgreSQL runs as where the test is root: it refuses to be root. */
const NOBODY = { uid: 65_534, gid: 65_534 }

/** The folder of PostgreSQL's programs, of the newest version that is installed. */
function programs(): string | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT).sort((one, other) => Number(other) - Number(one)) : []
  return versions.map((version) => join(ROOT, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')))
}

/** Why there is no PostgreSQL here, as a test says when it is skipped; `undefined` where there is. */
export const noPostgres = programs() === undefined ? 'needs the Debian package postgresql' : undefined

/** A PostgreSQL server of a test's own, on a unix socket in a temporary folder. What it kept goes when it is disposed. */
export class ThrowawayPostgres implements AsyncDisposable {
  readonly #bin: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidemark-postgres-'))
  readonly #who = process.getuid?.() === 0 ? NOBODY : {}
  #server: ChildProcess
  #databases = 0

  private constructor(bin: string) {
    this.#bin = bin
    chmodSync(this.#folder, 0o755)
    for (const name of ['data', 'socket']) mkdirSync(join(this.#folder, name), { mode: 0o700 })
    if ('uid' in this.#who) execFileSync('chown', ['-R', `${NOBODY.uid}:${NOBODY.gid}`, this.#folder])
    const settings = ['-U', 'tidemark', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
    const options = { ...this.#who, cwd: this.#folder, stdio: 'pipe' } as const
    execFileSync(join(bin, 'initdb'), ['-D', join(this.#folder, 'data'), ...settings], options)
    this.#server = this.#start()
  }

  /** Resolves when it answers. */
  static async start(): Promise<ThrowawayPostgres> {
    const bin = programs()
    if (bin === undefined) throw new Error('there is no PostgreSQL here')
    const postgres = new ThrowawayPostgres(bin)
    await postgres.#untilReady()
    return postgres
  }

  /** The address of a new, empty database. */
  async newDatabase(): Promise<string> {
    this.#databases += 1
    await this.#ask(`CREATE DATABASE tidemark_${this.#databases}`)
    return this.#addressOf(`tidemark_${this.#databases}`)
  }

  /** Ends it as a crash does, and starts it again; resolves when it answers. `meanwhile` runs while it is down. */
  async restart(meanwhile?: () => Promise<void>): Promise<void> {
    await this.#stop('SIGQUIT')
    await meanwhile?.()
    this.#server = this.#start()
    await this.#untilReady()
  }

  #addressOf(database: string): string {
    return `postgres://tidemark@localhost/${database}?host=${join(this.#folder, 'socket')}`
  }

  #start(): ChildProcess {
    // What a process that dies leaves is in the kernel's memory: only a machine that dies needs fsync.
    const settings = ['listen_addresses=', 'shared_buffers=16MB', 'max_connections=60', 'fsync=off']
    const folders = ['-D', join(this.#folder, 'data'), '-k', join(this.#folder, 'socket')]
    return spawn(join(this.#bin, 'postgres'), [...folders, ...settings.flatMap((one) => ['-c', one])], {
      ...this.#who,
      cwd: this.#folder,
      stdio: 'ignore',
    })
  }

  async #ask(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.#addressOf('postgres') })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query(sql)
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      if (this.#server.exitCode !== null) throw new Error(`PostgreSQL ended with ${this.#server.exitCode}`)
      const isReady = await this.#ask('SELECT 1').then(
        () => true,
        () => false,
      )
      if (isReady) return
      await systemClock.sleep(20)
    }
  }

  // SIGQUIT: immediate shutdown, which aborts all and recovers at the next start (postgres(1)).
  async #stop(signal: 'SIGQUIT' | 'SIGINT'): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once('exit', resolve))
    this.#server.kill(signal)
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop('SIGINT')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
