import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { type AnswerRow, commandLine } from 'tidemark/testing'

const run = promisify(execFile)

/** The server of a fleet, as a program of its own on loopback, behind a front. */
export class FleetServer implements AsyncDisposable {
  readonly #state: string
  readonly #publicUrl: string
  #child: ChildProcess | undefined
  #errors = ''
  readonly port: number

  constructor(options: { readonly state: string; readonly port: number; readonly publicUrl: string }) {
    this.#state = options.state
    this.port = options.port
    this.#publicUrl = options.publicUrl
  }

  get #url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get #token(): string {
    return readFileSync(join(this.#state, 'admin.token'), 'utf8').trim()
  }

  /** Starts it, and waits until it answers. */
  async start(): Promise<void> {
    mkdirSync(this.#state, { recursive: true })
    const words = ['server', '--state', this.#state, '--port', String(this.port), '--public-url', this.#publicUrl]
    const [program, args] = commandLine(...words)
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text))
    this.#child = child
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(100)) {
      if (child.exitCode !== null) break
      const answer = await fetch(`${this.#url}/healthz`).catch(() => undefined)
      if (answer?.status === 200) return
    }
    throw new Error(`the server does not answer: ${this.#errors}`)
  }

  /** Ends it as a crash does, or as it is told to. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  /** `tidemark …` against it, as its administrator; gives the standard output. */
  async command(...words: readonly string[]): Promise<string> {
    const tokenFile = join(this.#state, 'admin.token')
    const [program, args] = commandLine(...words, '--server', this.#url, '--token-file', tokenFile)
    return (await run(program, args, { maxBuffer: 64 * 1024 * 1024 })).stdout
  }

  /** Everything in these folders is tracked on every machine, and packages and daemons, each looked at all the time. */
  async track(folders: readonly string[]): Promise<void> {
    const rule = JSON.parse(await this.command('rules', 'show', 'Microsoft-CT-DCR'))
    const settings = rule.properties.dataSources.extensions[0].extensionSettings
    settings.softwareSettings = { softwareCollectionFrequency: 2 }
    settings.servicesSettings = { serviceCollectionFrequency: 2 }
    settings.fileSettings = {
      fileCollectionFrequency: 2,
      fileInfo: folders.map((folder) => ({
        name: `all of ${folder}`,
        destinationPath: `${folder}/*`,
        recurse: true,
        type: 'File',
        links: 'Manage',
        checksum: 'sha256',
      })),
    }
    const file = join(this.#state, 'rule.json')
    writeFileSync(file, JSON.stringify(rule))
    await this.command('rules', 'apply', file, '--no-forecast')
  }

  async api(path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' }
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(`${this.#url}${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  async query(query: string): Promise<AnswerRow[]> {
    const { workspaceId } = (await this.api('/api/about')) as { workspaceId: string }
    const answer = (await this.api(`/v1/workspaces/${workspaceId}/query`, { query })) as {
      tables: { columns: { name: string }[]; rows: AnswerRow[string][][] }[]
    }
    const [table] = answer.tables
    return (table?.rows ?? []).map((row) =>
      Object.fromEntries((table?.columns ?? []).map(({ name }, index) => [name, row[index] ?? null])),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGTERM')
  }
}
