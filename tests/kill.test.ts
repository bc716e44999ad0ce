import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { commandLine, RunningTidemark } from './machine/running-tidemark.ts'

// Goal: nothing is lost and nothing counted twice, whatever dies in between. Method: files are made all the time while
// server, store, agent and change tracking are killed (SIGKILL) at random moments and started again; in the end every
// file is `Added` exactly once, and the sequence numbers have no gap. The random numbers come from a seed, which a failure
// prints; KILLS and SEED can be set from outside.
// Mutants tried: ack before the append (rows lost), no deduplication token (rows twice), a new batch id at each try (rows
// twice).

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

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let at = seed
  return () => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test(`every change arrives exactly once over ${KILLS} kills (seed ${SEED})`, async () => {
  // The first start makes the state; then every program runs by itself, so that nothing gives up on what keeps dying.
  const first = await RunningTidemark.start({ state })
  const { portal, token } = first.answer
  await first.track('kill', [tracked])
  writeFileSync(join(tracked, 'before'), 'x')
  await first
    .queryUntil('ConfigurationData | where Name == "before"', (rows) => rows.length > 0)
  await first[Symbol.asyncDispose]()

  const sockets = ['--sockets-directory', join(state, 's')]
  const root = ['--root', join(state, 'machine')]
  const programs = {
    server: new Restarted(['server', '--state', join(state, 'server'), '--port', new URL(portal).port]),
    agent: new Restarted(['agent', ...root, ...sockets, '--upload-interval', '1', '--refresh-interval', '1']),
    changetracking: new Restarted(['changetracking', ...root, ...sockets, '--refresh-interval', '1']),
  }
  const random = randomFrom(SEED)
  let fileCount = 0
  let isWriting = true
  const writing = (async () => {
    while (isWriting) {
      writeFileSync(join(tracked, `file-${fileCount}`), `${fileCount}`)
      fileCount += 1
      await sleep(15)
    }
  })()
  const killed: Record<string, number> = { server: 0, store: 0, agent: 0, changetracking: 0 }
  for (let kills = 0; kills < KILLS;) {
    await sleep(100 + random() * 900)
    const names = ['server', 'store', 'agent', 'changetracking'] as const
    const name = names[Math.floor(random() * names.length)] ?? 'agent'
    const pid = name === 'store' ? (childrenOf(programs.server.pid)[0] ?? 0) : programs[name].pid
    if (pid === 0) continue
    process.kill(pid, 'SIGKILL')
    killed[name] = (killed[name] ?? 0) + 1
    kills += 1
  }
  isWriting = false
  await writing

  const ask = async (text: string): Promise<unknown[][]> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const about = await fetch(`${portal}/api/about`, { headers })
    const { workspaceId } = (await about.json()) as { workspaceId: string }
    const body = JSON.stringify({ query: text })
    const answer = await fetch(`${portal}/v1/workspaces/${workspaceId}/query`, { method: 'POST', headers, body })
    return ((await answer.json()) as { tables: { rows: unknown[][] }[] }).tables[0]?.rows ?? []
  }
  const added = 'ConfigurationChange | where Name startswith "file-" and ChangeCategory == "Added"'
  const counts = `${added} | summarize n = count(), paths = dcount(FileSystemPath), ids = dcount(RecordId)`
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(500)) {
    const [row] = await ask(counts).catch(() => [])
    if (Number(row?.[1]) >= fileCount) break
  }
  // What would come twice comes soon: two more looks and uploads.
  await sleep(5_000)
  const [row] = await ask(counts)
  const all = 'union ConfigurationChange, ConfigurationData, TidemarkVisibility'
  const [sequence] = await ask(
    `${all} | summarize n = count(), numbers = dcount(Sequence), newest = max(Sequence), epochs = dcount(BaselineEpoch)`,
  )
  await programs.changetracking.stop()
  await programs.agent.stop()
  await programs.server.stop()

  expect(fileCount).toBeGreaterThan(KILLS)
  expect(Math.min(...Object.values(killed))).toBeGreaterThan(0)
  expect(row).toEqual([fileCount, fileCount, fileCount])
  expect(sequence).toEqual([sequence?.[0], sequence?.[0], sequence?.[0], 1])
}, 300_000)
