import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { TrackedMachine } from '../../testing/tracked-machine.ts'
import { FilesKeeper } from '../files-keeper.ts'
import { type Findings, UPDATES_MAX } from './findings.ts'
import { ScanWorker } from './scan-worker.ts'

const COUNT = UPDATES_MAX + 10
let folder = ''
let machine: TrackedMachine
beforeEach(() => {
  folder = mkdtempSync(join('/dev/shm', 'tidemark-worker-'))
  for (let index = 0; index < COUNT; index += 1) writeFileSync(join(folder, String(index)), '')
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
  const budget = { cpuPercent: 100, bytesPerSecond: 0, nice: 0, ioClass: 'best-effort' } as const
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
