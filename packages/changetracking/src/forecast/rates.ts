import { createHash } from 'node:crypto'

import type { Clock } from '@tidemark/base'
import type { ScanBudget } from '@tidemark/model'

import { readFile, type ReadOrder } from '../files/scan/read-file.ts'
import { sizeOfStamp } from '../files/scan/stamp.ts'
import { pathsOf, type Tally } from './tally.ts'

/** How fast this machine was just now, one core of it. */
export interface Rates {
  /** Seconds for each path that the walk told, with its share of folders and names that were passed over. */
  readonly secondsPerPath: number
  /** Seconds for each file that is read, beside those for its bytes. */
  readonly secondsPerFileRead: number
  readonly bytesHashedPerSecond: number
}

/** Seconds that a look takes. */
export interface Estimate {
  /** Of one thread without a pause, waiting for the disk included. */
  readonly busySeconds: number
  /** By the clock, within the rule's budget. */
  readonly seconds: number
}

/** How long hashing is measured, in milliseconds. */
const HASHING_MS = 50
const HASHED_BYTES = 1024 * 1024
/** How long reading files is measured at most, in milliseconds. */
const READING_MS_MAX = 200
/** Files larger than this tell of hashing, not of opening; they are not read for the measure. */
const SAMPLE_BYTES_MAX = 1024 * 1024

/** Bytes hashed in a second by one thread; the slower of the ways that the rule asks for counts. */
export function measureHashing(methods: ReadonlySet<'sha256' | 'md5'>, clock: Clock): number {
  const rates = [...methods].map((method) => {
    const bytes = Buffer.alloc(HASHED_BYTES, 0xa5)
    const hasher = createHash(method)
    const startedMs = clock.monotonicMs()
    let [hashed, passedMs] = [0, 0]
    do {
      hasher.update(bytes)
      hashed += bytes.length
      passedMs = clock.monotonicMs() - startedMs
    } while (passedMs < HASHING_MS)
    return (hashed / passedMs) * 1_000
  })
  return rates.length === 0 ? 0 : Math.min(...rates)
}

/** Seconds for each file beside hashing it, by reading some of them; 0 where none could be read. */
export function measureReading(
  sample: readonly ReadOrder[],
  circumstances: { readonly clock: Clock; readonly bytesHashedPerSecond: number },
): number {
  const { clock, bytesHashedPerSecond } = circumstances
  const startedMs = clock.monotonicMs()
  let [files, bytes, passedMs] = [0, 0, 0]
  for (const order of sample) {
    const size = sizeOfStamp(Buffer.from(order.stamp))
    if (size > SAMPLE_BYTES_MAX || readFile(order, { nowMs: () => clock.nowMs(), owners: NOBODY }).error < 0) continue
    files += 1
    bytes += size
    passedMs = clock.monotonicMs() - startedMs
    if (passedMs > READING_MS_MAX) break
  }
  if (files === 0) return 0
  const hashingSeconds = bytesHashedPerSecond === 0 ? 0 : bytes / bytesHashedPerSecond
  return Math.max(0, passedMs / 1_000 - hashingSeconds) / files
}

/** The first look: the walk, and everything read once. */
export function baselineEstimate(tally: Tally, rates: Rates, budget: ScanBudget): Estimate {
  const { files, bytes } = tally.read
  const hashing = rates.bytesHashedPerSecond === 0 ? 0 : bytes / rates.bytesHashedPerSecond
  const busySeconds = rescanEstimate(tally, rates, budget).busySeconds + files * rates.secondsPerFileRead + hashing
  const slowest = budget.bytesPerSecond === 0 ? 0 : bytes / budget.bytesPerSecond
  return { busySeconds, seconds: Math.max((busySeconds * 100) / budget.cpuPercent, slowest) }
}

/** A look at files of which none has changed: the walk alone. */
export function rescanEstimate(tally: Tally, rates: Rates, budget: ScanBudget): Estimate {
  const busySeconds = pathsOf(tally) * rates.secondsPerPath
  return { busySeconds, seconds: (busySeconds * 100) / budget.cpuPercent }
}

/** Whose names do not matter: nothing is written. */
const NOBODY = { users: new Map<number, string>(), groups: new Map<number, string>() }
