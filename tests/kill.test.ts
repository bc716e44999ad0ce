import { randomFrom } from '@tidemark/base/testing'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { commandLine, RunningTidemark } from 'tidemark/testing'

// Goal: nothing is lost and nothing counted twice, whatever dies in between. Method: files are made all the time while
// server, store, agent and change tracking are killed (SIGKILL) at random moments and started again; in the end every
// file is `Added` exactly once, and the sequence numbers have no gap. The random numbers come from a seed, which a failure
// prints; KILLS and SEED can be set from outside.

const KILLS = Number(process.env['TIDEMARK_KILLS'] ?? 60)
const SEED = Number(process.env['TIDEMARK_SEED'] ?? Date.now() % 1_000_000)

let state = ''
let tracked = ''
beforeAll(() => {
  state = mkdtempSync(join(tmpdir(), 'tidemark-kill-'))
  tracked = join(state, 'tracked')
  mkdirSync(tracked)
})
afterAll(() => rmSync(state, { recursive: true, force: true, maxRetries: 10 }))

/** A program that is started again whenever it ends, until it is stopped. */
class Restarted {
  readonly #words: readonly string[]
  #child: ChildProcess
  #isStopped = false
  starts = 1

  constructor(words: readonly string[]) {
    this.#words = words
    this.#child = this.#start()
  }

  #start(): ChildProcess {
    const [program, args] = commandLine(...this.#words)
    const child = spawn(program, args, { stdio: 'ignore' })
    child.once('exit', () => {
      if (this.#isStopped) return
      this.starts += 1
      setTimeout(() => (this.#child = this.#isStopped ? child : this.#start()), 20)
    })
    return child
  }

  get pid(): number {
    return this.#child.exitCode === null && this.#child.signalCode === null ? (this.#child.pid ?? 0) : 0
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

type Programs = Readonly<Record<'server' | 'agent' | 'changetracking', Restarted>>

/** Makes files until the signal; gives how many. */
async function makeFiles(signal: AbortSignal): Promise<number> {
  let count = 0
  while (!signal.aborted) {
    writeFileSync(join(tracked, `file-${count}`), `${count}`)
    count += 1
    await sleep(15)
  }
  return count
}

/** Kills one of them after the other, at random moments; gives how often each was killed. */
async function killAtRandom(programs: Programs): Promise<Readonly<Record<string, number>>> {
  const random = randomFrom(SEED)
  const names = ['server', 'store', 'agent', 'changetracking'] as const
  const killed: Record<string, number> = { server: 0, store: 0, agent: 0, changetracking: 0 }
  for (let kills = 0; kills < KILLS;) {
    await sleep(100 + random() * 900)
    const name = names[Math.floor(random() * names.length)] ?? 'agent'
    const pid = name === 'store' ? (childrenOf(programs.server.pid)[0] ?? 0) : programs[name].pid
    if (pid === 0) continue
    process.kill(pid, 'SIGKILL')
    killed[name] = (killed[name] ?? 0) + 1
    kills += 1
  }
  return killed
}

const ADDED = 'ConfigurationChange | where Name startswith "file-" and ChangeCategory == "Added"'
const COUNTS = `${ADDED} | summarize n = count(), paths = dcount(FileSystemPath), ids = dcount(RecordId)`
const SEQUENCE =
  'union ConfigurationChange, ConfigurationData, TidemarkVisibility, TidemarkOperation | summarize n = count(), numbers = dcount(Sequence), newest = max(Sequence), epochs = dcount(BaselineEpoch)'

test(
  `every change arrives exactly once over ${KILLS} kills (seed ${SEED})`,
  async () => {
    // The first start makes the state; then every program runs by itself, so that nothing gives up on what keeps dying.
    const first = await RunningTidemark.start({ state })
    await first.track('kill', [tracked])
    writeFileSync(join(tracked, 'before'), 'x')
    await first.queryUntil('ConfigurationData | where Name == "before"', (rows) => rows.length > 0)
    await first[Symbol.asyncDispose]()

    const sockets = ['--sockets-directory', join(state, 's')]
    const root = ['--root', join(state, 'machine')]
    const port = new URL(first.answer.portal).port
    const programs: Programs = {
      server: new Restarted(['server', '--state', join(state, 'server'), '--port', port]),
      agent: new Restarted(['agent', ...root, ...sockets, '--upload-interval', '1', '--refresh-interval', '1']),
      changetracking: new Restarted(['changetracking', ...root, ...sockets, '--refresh-interval', '1']),
    }
    const enough = new AbortController()
    const making = makeFiles(enough.signal)
    const killed = await killAtRandom(programs)
    enough.abort()
    const fileCount = await making
    const arrived = first.queryUntil(COUNTS, ([row]) => Number(row?.['paths']) >= fileCount, 120_000)
    await arrived.catch(() => undefined)
    // What would come twice comes soon: two more looks and uploads.
    await sleep(5_000)
    const [row] = await first.query(COUNTS)
    const [sequence] = await first.query(SEQUENCE)
    for (const program of [programs.changetracking, programs.agent, programs.server]) await program.stop()

    expect(fileCount).toBeGreaterThan(KILLS)
    expect(Math.min(...Object.values(killed))).toBeGreaterThan(0)
    expect(row).toEqual({ n: fileCount, paths: fileCount, ids: fileCount })
    const n = sequence?.['n']
    expect(sequence).toEqual({ n, numbers: n, newest: n, epochs: 1 })
  },
  300_000 + KILLS * 5_000,
)
