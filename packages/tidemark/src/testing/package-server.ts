import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { type AnswerRow, commandLine } from '../host/running-tidemark.ts'

const run = promisify(execFile)
const READY_MS_MAX = 120_000
const SEEN_MS_MAX = 90_000
const RULE = 'package'

/** A server of a test's own, on loopback, and what an administrator does there. */
export class PackageServer implements AsyncDisposable {
  readonly url: string
  readonly #state: string
  readonly #child: ChildProcess

  private constructor(parts: { url: string; state: string; child: ChildProcess }) {
    this.url = parts.url
    this.#state = parts.state
    this.#child = parts.child
  }

  /** Starts it, and waits until it listens. */
  static async start(state: string): Promise<PackageServer> {
    const [program, words] = commandLine('server', '--state', state, '--port', '0')
    const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })
    const said: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
    for (const deadline = Date.now() + READY_MS_MAX; Date.now() < deadline; await sleep(50)) {
      const url = /listens on (\S+);/.exec(said.join(''))?.[1]
      if (url !== undefined) return new PackageServer({ url, state, child })
      if (child.exitCode !== null) break
    }
    child.kill('SIGKILL')
    throw new Error(`the server does not listen: ${said.join('')}`)
  }

  /** Runs `tidemark …` against it; gives what it printed. */
  async command(...words: readonly string[]): Promise<string> {
    const whereabouts = ['--server', this.url, '--token-file', join(this.#state, 'admin.token')]
    const [program, args] = commandLine(...words, ...whereabouts)
    return (await run(program, args, { maxBuffer: 16 * 1024 * 1024 })).stdout
  }

  async enrolmentToken(): Promise<string> {
    const { token }: { token: string } = JSON.parse(await this.command('enroll-token', 'create', '--json'))
    return token
  }

  /** Writes a rule that tracks all files in a folder; gives its file, for `associate`. */
  async track(folder: string): Promise<string> {
    const rule = JSON.parse(await this.command('rules', 'show', 'Microsoft-CT-DCR'))
    const settings = rule.properties.dataSources.extensions[0].extensionSettings
    settings.enableSoftware = false
    settings.enableServices = false
    const entry = { name: 'all', enabled: true, destinationPath: `${folder}/*`, recurse: true, type: 'File' }
    settings.fileSettings = {
      fileCollectionFrequency: 5,
      fileInfo: [{ ...entry, links: 'Manage', checksum: 'sha256' }],
    }
    delete rule.properties.immutableId
    const file = join(this.#state, `${RULE}.json`)
    writeFileSync(file, JSON.stringify({ ...rule, name: RULE, id: undefined, etag: undefined, systemData: undefined }))
    return file
  }

  /** Applies a rule to the machines that are known. */
  async associate(file: string): Promise<void> {
    const { machines } = await this.#ask<{ machines: { computer: string }[] }>('GET', '/api/machines')
    await this.command(
      'rules',
      'apply',
      file,
      '--no-forecast',
      '--machine',
      ...machines.map(({ computer }) => computer),
    )
  }

  async query(text: string): Promise<AnswerRow[]> {
    const { workspaceId } = await this.#ask<{ workspaceId: string }>('GET', '/api/about')
    const { tables } = await this.#ask<{ tables: { columns: { name: string }[]; rows: AnswerRow[string][][] }[] }>(
      'POST',
      `/v1/workspaces/${workspaceId}/query`,
      { query: text },
    )
    const names = tables[0]?.columns.map(({ name }) => name) ?? []
    return (tables[0]?.rows ?? []).map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])))
  }

  /** Asks until `isEnough` holds; throws with the last answer when that takes too long. */
  async queryUntil(text: string, isEnough: (rows: AnswerRow[]) => boolean): Promise<AnswerRow[]> {
    let rows: AnswerRow[] = []
    await this.until(
      async () => {
        rows = await this.query(text)
        return isEnough(rows)
      },
      () => `${text}\nlast answer: ${JSON.stringify(rows).slice(0, 4_000)}`,
    )
    return rows
  }

  /** Waits until something holds. */
  async until(holds: () => Promise<boolean>, what: () => string = () => 'what is waited for'): Promise<void> {
    for (const deadline = Date.now() + SEEN_MS_MAX; Date.now() < deadline; await sleep(250))
      if (await holds().catch(() => false)) return
    throw new Error(`not seen within ${SEEN_MS_MAX / 1_000} s: ${what()}`)
  }

  async #ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const token = readFileSync(join(this.#state, 'admin.token'), 'utf8').trim()
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    const answer = await fetch(`${this.url}${path}`, init)
    if (answer.status !== 200) throw new Error(`status ${answer.status}: ${await answer.text()}`)
    const document: T = JSON.parse(await answer.text())
    return document
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    await ended
  }
}
