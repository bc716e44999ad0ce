import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Clock, systemClock } from '@tidemark/base'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { TrackedMachine } from '../../testing/tracked-machine.ts'
import { FilesKeeper } from '../files-keeper.ts'
import { type Findings, UPDATES_MAX } from './findings.ts'
import { IDLE_MS, ScanWorker } from './scan-worker.ts'

const COUNT = UPDATES_MAX + 10
let folder = ''
let machine: TrackedMachine
let cpuPercent = 100
beforeEach(() => {
  folder = mkdtempSync(join('/dev/shm', 'tidemark-worker-'))
  for (let index = 0; index < COUNT; index += 1) writeFileSync(join(folder, String(index)), '')
  cpuPercent = 100
  machine = new TrackedMachine().entries({ destinationPath: `${folder}/*` })
})
afterEach(() => {
  machine[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function run(worker: ScanWorker, keep?: (findings: Findings) => void, signal = new AbortController().signal) {
  const { state, tracking, clock } = machine
  const identity = { computer: 'c', sourceComputerId: 's', vmUuid: 'v' }
  const keeper = new FilesKeeper({ state, tracking, machine: identity, clock }, { kind: 'changed' })
  using pinned = state.knownFiles()
  void pinned
  const budget = { cpuPercent, bytesPerSecond: 0, nice: 0, ioClass: 'best-effort' } as const
  const on = { keep: keep ?? ((findings: Findings) => keeper.keep(findings)), progress: () => undefined, signal }
  const done = await worker.run({ job: keeper.job, budget, database: machine.statePath }, on)
  keeper.finish(done.totals)
  return done
}

test('a scan in its thread finds what a scan in this one finds', async () => {
  await using worker = new ScanWorker(systemClock)
  expect((await run(worker)).totals.baselineCount).toBe(COUNT)
  const again = await run(worker)
  expect([again.totals.baselineCount, again.totals.changeCount, again.total.files]).toEqual([0, 0, COUNT])
})

test('a scan that is stopped keeps what was kept, and the next one finds the rest', async () => {
  await using worker = new ScanWorker(systemClock)
  const stop = new AbortController()
  const stopped = run(worker, () => stop.abort(new Error('enough')), stop.signal)
  await expect(stopped).rejects.toThrow('enough')
  expect((await run(worker)).totals.baselineCount).toBe(COUNT)
})

test('what keeping throws is what the scan throws', async () => {
  await using worker = new ScanWorker(systemClock)
  const failed = run(worker, () => {
    throw new Error('the disk is full')
  })
  await expect(failed).rejects.toThrow('the disk is full')
  expect((await run(worker)).totals.baselineCount).toBe(COUNT)
})

test('a scan that fails says why, and the next one works', async () => {
  await using worker = new ScanWorker(systemClock)
  const path = machine.statePath
  Object.assign(machine, { statePath: '/nowhere/state.db' })
  await expect(run(worker)).rejects.toThrow(/the scan failed: .*nowhere/)
  Object.assign(machine, { statePath: path })
  expect((await run(worker)).totals.baselineCount).toBe(COUNT)
})

test('an aborted signal starts nothing; ending twice is safe', async () => {
  const worker = new ScanWorker(systemClock)
  await expect(run(worker, undefined, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  await worker[Symbol.asyncDispose]()
  await worker[Symbol.asyncDispose]()
})

test.each([
  { how: 'ends', does: 'process.exit(3)', says: /the thread that scans ended with 3/ },
  { how: 'throws', does: "throw new Error('out of its mind')", says: /out of its mind/ },
])('a thread that $how in a scan is told, and the next scan works', async ({ does, says }) => {
  const flag = join(folder, 'failed-once')
  const program = join(folder, 'thread.mjs')
  const real = JSON.stringify(new URL('./scan-thread.ts', import.meta.url).href)
  writeFileSync(
    program,
    `import { existsSync, writeFileSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    if (existsSync('${flag}')) await import(${real})
    else parentPort.on('message', () => { writeFileSync('${flag}', ''); ${does} })`,
  )
  await using worker = new ScanWorker(systemClock, new URL(`file://${program}`))
  await expect(run(worker)).rejects.toThrow(says)
  expect((await run(worker)).totals.baselineCount).toBe(COUNT + 2)
})

test('a thread that ends between two scans is started anew', async () => {
  const program = join(folder, 'thread.mjs')
  const real = JSON.stringify(new URL('./scan-thread.ts', import.meta.url).href)
  writeFileSync(
    program,
    `import { parentPort } from 'node:worker_threads'
    const post = parentPort.postMessage.bind(parentPort)
    parentPort.postMessage = (message) => {
      post(message)
      if (message.kind === 'done') setTimeout(() => { throw new Error('too late to tell') }, 10)
    }
    await import(${real})`,
  )
  await using worker = new ScanWorker(systemClock, new URL(`file://${program}`))
  const before = threads()
  expect((await run(worker)).total.files).toBe(COUNT + 1)
  await expect.poll(threads, { timeout: 10_000 }).toBeLessThanOrEqual(before)
  expect((await run(worker)).total.files).toBe(COUNT + 1)
})

test('a scan that rests, for its share is small, stops at once when it is told to', async () => {
  await using worker = new ScanWorker(systemClock)
  cpuPercent = 1
  const stop = new AbortController()
  const stopped = run(worker, undefined, stop.signal)
  setTimeout(() => stop.abort(new Error('enough')), 300)
  const sinceMs = performance.now()
  await expect(stopped).rejects.toThrow('enough')
  expect(performance.now() - sinceMs).toBeLessThan(5_000)
  cpuPercent = 100
  expect((await run(worker)).totals.baselineCount).toBe(COUNT)
})

test('a thread without a scan is ended after a while, and started for the next one', async () => {
  const idle = Promise.withResolvers<void>()
  const sleptMs: number[] = []
  const clock: Clock = {
    ...systemClock,
    sleep: async (durationMs, signal) => {
      sleptMs.push(durationMs)
      await Promise.race([idle.promise, systemClock.sleep(60_000, signal)])
    },
  }
  await using worker = new ScanWorker(clock)
  const before = threads()
  await run(worker)
  expect(threads()).toBeGreaterThan(before)
  idle.resolve()
  await expect.poll(threads, { timeout: 10_000 }).toBe(before)
  expect(sleptMs).toEqual([IDLE_MS])
  expect((await run(worker)).total.files).toBe(COUNT)
})

/** Threads of this process, of whatever kind. */
function threads(): number {
  return readdirSync('/proc/self/task').length
}
