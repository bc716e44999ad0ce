import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const repository = new URL('../../../..', import.meta.url).pathname.replace(/\/$/, '')
const main = join(repository, 'packages/tidemark/src/main.ts')
const READY_MS_MAX = 120_000
/** From the change to its row; the schedules of `up` look every 5 s. */
const SEEN_MS_MAX = 60_000

/** What `tidemark up --json` prints. */
interface UpAnswer {
  readonly portal: string
  readonly token: string
  readonly machine: string
}

/** Another machine than this one, in which commands can be run. */
export interface MachineAround {
  run(...words: readonly string[]): Promise<string>
  /** The words behind `nsenter` that run a command in it. */
  words(...words: readonly string[]): string[]
}

/** A row of an answer, column name to value. */
export type AnswerRow = Readonly<Record<string, string | number | boolean | null>>

/** Where `tidemark up` runs and where it keeps its state. */
export interface RunningOptions {
  /** Where it runs: in this machine, or on this one when nothing is said. */
  readonly machine?: MachineAround
  /** State folder, kept at the end; a new one that is deleted when nothing is said. */
  readonly state?: string
  readonly port?: number
  /** Where the sockets between the programs are files; below the state on this machine when nothing is said. */
  readonly socketsDirectory?: string
}

/** `tidemark up`, started as a person starts it, with everything below one state folder. */
export class RunningTidemark implements AsyncDisposable {
  readonly state: string
  readonly answer: UpAnswer
  readonly #up: ChildProcess
  readonly #options: RunningOptions

  private constructor(up: ChildProcess, facts: { state: string; answer: UpAnswer; options: RunningOptions }) {
    this.#up = up
    this.state = facts.state
    this.answer = facts.answer
    this.#options = facts.options
  }

  static async start(options: RunningOptions = {}): Promise<RunningTidemark> {
    const state = options.state ?? mkdtempSync(join(tmpdir(), 'tidemark-up-'))
    const words = ['up', '--json', '--state', state, ...(options.port ? ['--port', String(options.port)] : [])]
    // On the machine of the tests the sockets are files, so that nothing else which runs there is in the way.
    const directory = options.socketsDirectory ?? (options.machine ? undefined : join(state, 's'))
    const sockets = directory === undefined ? [] : ['--sockets-directory', directory]
    const up = startCommand([...words, ...sockets], options.machine)
    const printed: string[] = []
    const complaints: string[] = []
    up.stdout?.setEncoding('utf8').on('data', (text: string) => printed.push(text))
    up.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
    for (const deadline = Date.now() + READY_MS_MAX; ; await sleep(50)) {
      const line = printed.join('')
      if (line.endsWith('\n')) {
        const answer: UpAnswer = JSON.parse(line)
        return new RunningTidemark(up, { state, answer, options })
      }
      if (up.exitCode !== null || Date.now() > deadline) {
        up.kill('SIGTERM')
        throw new Error(`tidemark up did not get ready: ${complaints.join('')}${logsBelow(state)}`)
      }
    }
  }

  /** Runs `tidemark …` for this installation; gives its standard output whatever its exit code. */
  async command(...words: readonly string[]): Promise<{ output: string; errors: string; code: number }> {
    const child = startCommand([...words, '--state', this.state], this.#options.machine)
    const output: string[] = []
    const errors: string[] = []
    child.stdout?.setEncoding('utf8').on('data', (text: string) => output.push(text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text))
    const code = await new Promise<number>((resolve) => child.once('close', (value) => resolve(value ?? -1)))
    return { output: output.join(''), errors: errors.join(''), code }
  }

  /** Asks over HTTP, as any client would. */
  async query(text: string): Promise<AnswerRow[]> {
    const headers = { authorization: `Bearer ${this.answer.token}`, 'content-type': 'application/json' }
    const about = await fetch(`${this.answer.portal}/api/about`, { headers })
    const { workspaceId }: { workspaceId: string } = JSON.parse(await about.text())
    const url = `${this.answer.portal}/v1/workspaces/${workspaceId}/query`
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text }) })
    if (answer.status !== 200) throw new Error(`status ${answer.status}: ${await answer.text()}`)
    const document: { tables: Table[] } = JSON.parse(await answer.text())
    return rowsOf(document)
  }

  /** Asks until `isEnough` holds; throws with the last answer when that takes too long. */
  async queryUntil(text: string, isEnough: (rows: AnswerRow[]) => boolean, msMax = SEEN_MS_MAX): Promise<AnswerRow[]> {
    let rows: AnswerRow[] = []
    for (const deadline = Date.now() + msMax; Date.now() < deadline; await sleep(200)) {
      rows = await this.query(text).catch(() => [])
      if (isEnough(rows)) return rows
    }
    throw new Error(
      `not seen within ${msMax / 1_000} s: ${text}\nlast answer: ${JSON.stringify(rows).slice(0, 4_000)}${logsBelow(this.state)}`,
    )
  }

  /** Stores a rule that tracks `folders` (everything in them) and gives it to this machine. */
  async track(name: string, folders: readonly string[]): Promise<void> {
    const shown = await this.command('rules', 'show', 'Microsoft-CT-DCR')
    const rule = JSON.parse(shown.output)
    const extension = rule.properties.dataSources.extensions[0]
    extension.extensionSettings.enableSoftware = false
    extension.extensionSettings.enableServices = false
    extension.extensionSettings.fileSettings = {
      fileCollectionFrequency: 1,
      fileInfo: folders.map((folder) => ({
        name: `all of ${folder}`,
        enabled: true,
        destinationPath: `${folder}/*`,
        recurse: true,
        type: 'File',
        links: 'Manage',
        checksum: 'sha256',
      })),
    }
    delete rule.properties.immutableId
    const file = join(this.state, `${name}.json`)
    writeFileSync(file, JSON.stringify({ ...rule, name, id: undefined, etag: undefined, systemData: undefined }))
    const applied = await this.command('rules', 'apply', file)
    if (applied.code !== 0) throw new Error(`rules apply: ${applied.errors}`)
  }

  /** Process ids of the programs as they run now. */
  processes(): { up: number; server: number; agent: number; changetracking: number } {
    return JSON.parse(readFileSync(join(this.state, 'tidemark.json'), 'utf8')).processes
  }

  /** Ctrl-C, and wait. The state folder goes too, unless it was given. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#up.exitCode === null && this.#up.signalCode === null) {
      const ended = new Promise((resolve) => this.#up.once('close', resolve))
      const { machine } = this.#options
      // A signal to nsenter would not reach the process in the machine.
      if (machine) await machine.run('kill', '-INT', String(this.processes().up))
      else this.#up.kill('SIGINT')
      await ended
    }
    if (this.#options.state === undefined) rmSync(this.state, { recursive: true, force: true })
  }
}

interface Table {
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly AnswerRow[string][])[]
}

function rowsOf({ tables: [table] }: { tables: Table[] }): AnswerRow[] {
  return (table?.rows ?? []).map((row) =>
    Object.fromEntries((table?.columns ?? []).map(({ name }, index) => [name, row[index] ?? null])),
  )
}

function startCommand(words: readonly string[], machine: MachineAround | undefined): ChildProcess {
  const [program, args] = commandLine(...words)
  // nsenter ends by SIGINT without passing it on: a shell in between would, but the programs hear of it by themselves.
  return machine
    ? spawn('nsenter', machine.words(program, ...args), { stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
}

function logsBelow(state: string): string {
  const logs = ['server', 'agent', 'changetracking'].map((name) => {
    try {
      return `\n${name}: ${readFileSync(join(state, 'log', `${name}.log`), 'utf8').slice(-2_000)}`
    } catch {
      return ''
    }
  })
  return logs.join('')
}

/** The clone, whose folders a machine needs to see. */
export const clone = repository

/** The command line of a program of Tidemark's on this machine. */
export function commandLine(...words: readonly string[]): [string, string[]] {
  return [process.execPath, [main, ...words]]
}
