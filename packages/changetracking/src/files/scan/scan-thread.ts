import { parentPort, workerData } from 'node:worker_threads'

import { systemClock } from '@tidemark/base'
import { yieldToOthers } from '@tidemark/linux'

import { ownerTexts } from '../../host/owner-texts.ts'
import { openPackageFiles } from '../../host/package-files.ts'
import { packageDatabases } from '../../packages/owners/databases.ts'
import { PackageJudge } from '../../packages/verdicts/package-judge.ts'
import { openKnownFiles } from '../../state/known-files.ts'
import { BudgetKeeper } from './budget.ts'
import type { Findings } from './findings.ts'
import { ownerNames } from './owner-names.ts'
import { Readers } from './readers.ts'
import { CONTROL, type FromScanThread, type ScanOrder } from './scan-worker.ts'
import { scan } from './scan.ts'

// The body of the thread that scans: one order at a time. Findings are handed to the main thread, which keeps them and
// says so in `control`; meanwhile this one waits, so that no more than one part is on its way.
const control: Int32Array = workerData
// What they have read of their databases stays as long as this thread does.
const packageFiles = openPackageFiles('/')
const databases = packageDatabases(packageFiles)

/** How often progress is told, in milliseconds. */
const PROGRESS_MS = 500

parentPort?.on('message', (order: ScanOrder) => {
  try {
    tell(run(order))
  } catch (error) {
    const isStopped = Atomics.load(control, CONTROL.stop) === 1
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error), isStopped })
  }
})

function tell(message: FromScanThread): void {
  parentPort?.postMessage(message)
}

function run({ job, budget, database }: ScanOrder): FromScanThread {
  yieldToOthers(budget.nice, budget.ioClass)
  using known = openKnownFiles(database)
  const keeper = new BudgetKeeper(budget, systemClock, rest)
  const { passwd, group } = ownerTexts()
  const owners = ownerNames(passwd, group)
  const circumstances = { nowMs: () => systemClock.nowMs(), owners, breathe: (bytes: number) => keeper.breathe(bytes) }
  using readers = new Readers({ count: 0, nice: 0, ioClass: 'idle', circumstances })
  let toldMs = systemClock.monotonicMs()
  const packages = new PackageJudge({ databases, files: packageFiles, breathe: (bytes) => keeper.breathe(bytes) })
  const keep = (findings: Findings): void => {
    const changes = packages.told(findings.changes)
    const kept = Atomics.load(control, CONTROL.kept)
    tell({ kind: 'findings', findings: { ...findings, changes } })
    while (Atomics.load(control, CONTROL.kept) === kept) {
      rest(0)
      Atomics.wait(control, CONTROL.kept, kept, 1_000)
    }
    keeper.breathe(0)
  }
  const steps = scan(job, { known, readers, owners, keep })
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) {
    keeper.breathe(0)
    if (systemClock.monotonicMs() - toldMs < PROGRESS_MS) continue
    toldMs = systemClock.monotonicMs()
    tell({ kind: 'progress', total: step.value.total })
  }
  const { counts, ...totals } = step.value
  return { kind: 'done', totals: { ...totals, ownersHash: owners.hash }, entries: counts.entries, total: counts.total }
}

/** Waits, and stops the scan where that is asked for. */
function rest(durationMs: number): void {
  if (durationMs > 0) Atomics.wait(control, CONTROL.stop, 0, durationMs)
  if (Atomics.load(control, CONTROL.stop) === 1) throw new Error('the scan was stopped')
}
