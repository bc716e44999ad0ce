import type { Clock } from '@tidemark/base'
import { CONTENT_BYTES_MAX, type FileEntry, type ScanBudget } from '@tidemark/model'

import { shownPath } from '../files/file-name.ts'
import type { ReadOrder } from '../files/scan/read-file.ts'
import { sizeOfStamp } from '../files/scan/stamp.ts'
import { type BlindSpot, type FoundPath, Walk } from '../files/scan/walk.ts'
import { trackedPaths } from '../files/tracked-paths.ts'
import { DeviceTypes } from './device-types.ts'
import { countingExcluded, type ExcludedPaths } from './excluded-paths.ts'
import type { Mounts } from './mounts.ts'
import { baselineEstimate, type Estimate, measureHashing, measureReading, type Rates, rescanEstimate } from './rates.ts'
import { Sample } from './sample.ts'
import { type Counted, pathsOf, type Tally, TallyCounter } from './tally.ts'
import { entryWarnings, type ForecastWarning, overallWarnings, type WalkedEntry } from './warnings.ts'

/** What a rule asks of files. */
export interface ForecastJob {
  readonly entries: readonly FileEntry[]
  readonly excludes: readonly string[]
  readonly budget: ScanBudget
}

/** One entry of the rule, as it would be tracked if it were alone. */
export interface EntryForecast {
  readonly name: string
  readonly destinationPath: string
  readonly enabled: boolean
  readonly tally: Tally
}

/** What a rule will track on this machine, and what that costs. */
export interface Forecast {
  /** In the rule's order; a path that several ask for is counted by each. */
  readonly entries: readonly EntryForecast[]
  /** All entries together, each path once; the first entry that asks for it decides how it is read. */
  readonly all: Tally
  readonly excluded: readonly ExcludedPaths[]
  /** What could not be looked at: how many, and the first `BLIND_SHOWN_MAX`. */
  readonly blind: {
    readonly paths: number
    readonly first: readonly { readonly path: string; readonly what: 'path' | 'contents'; readonly why: string }[]
  }
  readonly rates: Rates
  readonly baseline: Estimate
  readonly rescan: Estimate
  readonly warnings: readonly ForecastWarning[]
}

/** Paths that could not be looked at which are named. */
export const BLIND_SHOWN_MAX = 20

/** How far a forecast is. */
export interface ForecastProgress {
  readonly paths: number
  readonly bytes: number
}

/** The machine as a forecast sees it, beside its files. */
export interface ForecastCircumstances {
  readonly clock: Clock
  readonly mounts: Mounts
  readonly isRoot: boolean
  /** Called often; stops the forecast by throwing. */
  readonly breathe: (progress: ForecastProgress) => void
}

/**
 * Walks what the entries ask for, as a scan does but with nothing read and nothing remembered, and measures how fast that
 * was. Synchronous: in a thread of its own, for it takes as long as a look. Throws what `breathe` throws.
 */
export function forecastFiles(job: ForecastJob, circumstances: ForecastCircumstances): Forecast {
  const { entries, excludes, budget } = job
  const { clock } = circumstances
  const counting = new Counting(entries, circumstances)
  const counts = new Map<string, number>()
  const startedMs = clock.monotonicMs()
  const walk = new Walk(countingExcluded(trackedPaths(entries, excludes), counts), counting)
  for (const _ of walk.all()) counting.breathe()
  const walkSeconds = (clock.monotonicMs() - startedMs) / 1_000
  const all = counting.all.tally
  const rates = measuredRates(counting, { clock, walkSeconds })
  const walked = counting.walkedEntries()
  return {
    entries: walked.map(({ name, destinationPath, enabled, tally }) => ({ name, destinationPath, enabled, tally })),
    all,
    excluded: [
      ...excludes.map((pattern) => ({ pattern, paths: counts.get(pattern) ?? 0 })),
      ...excludedByEntries(entries, () => counting.breathe()),
    ],
    blind: { paths: counting.blindPaths, first: counting.firstBlind },
    rates,
    baseline: baselineEstimate(all, rates, budget),
    rescan: rescanEstimate(all, rates, budget),
    warnings: [
      ...walked.flatMap(entryWarnings),
      ...overallWarnings(all, { blindPaths: counting.blindPaths, isRoot: circumstances.isRoot }),
    ],
  }
}

function measuredRates(
  { all, sample, methods }: Counting,
  { clock, walkSeconds }: { readonly clock: Clock; readonly walkSeconds: number },
): Rates {
  const bytesHashedPerSecond = measureHashing(methods, clock)
  return {
    secondsPerPath: walkSeconds / Math.max(1, pathsOf(all.tally)),
    secondsPerFileRead: measureReading(sample.taken, { clock, bytesHashedPerSecond }),
    bytesHashedPerSecond,
  }
}

/** An entry with excludes of its own is walked once more, alone: only then is it known which of them keeps what out. */
function excludedByEntries(entries: readonly FileEntry[], breathe: () => void): ExcludedPaths[] {
  return entries.flatMap((entry) => {
    if (!entry.enabled || entry.exclude.length === 0) return []
    const counts = new Map<string, number>()
    const paths = trackedPaths([{ ...entry, exclude: [] }], entry.exclude)
    const nothing = (): void => undefined
    const walk = new Walk(countingExcluded(paths, counts), { found: nothing, blind: nothing })
    for (const _ of walk.all()) breathe()
    return entry.exclude.map((pattern) => ({ pattern, entry: entry.name, paths: counts.get(pattern) ?? 0 }))
  })
}

/** Counts what a walk tells. */
class Counting {
  readonly all = new TallyCounter()
  readonly sample = new Sample<ReadOrder>()
  readonly methods = new Set<'sha256' | 'md5'>()
  readonly firstBlind: { path: string; what: 'path' | 'contents'; why: string }[] = []
  blindPaths = 0
  readonly #entries: readonly FileEntry[]
  readonly #tallies: readonly TallyCounter[]
  readonly #types: DeviceTypes
  readonly #breathe: ForecastCircumstances['breathe']
  #progress = { paths: 0, bytes: 0 }

  constructor(entries: readonly FileEntry[], { mounts, breathe }: ForecastCircumstances) {
    this.#entries = entries
    this.#tallies = entries.map(() => new TallyCounter())
    this.#types = new DeviceTypes(mounts, entries.length)
    this.#breathe = breathe
  }

  found(found: FoundPath): void {
    const bytes = found.kind === 'file' ? sizeOfStamp(found.stamp) : 0
    const path = (): string => shownPath(found.path)
    const kind = found.kind === 'file' || found.kind === 'folder' || found.kind === 'link' ? found.kind : 'other'
    const counted = (matches: readonly number[]): Counted => ({ kind, bytes, path, ...this.#effort(matches, found) })
    const governed = counted(found.matches)
    this.all.count(governed)
    this.#types.seen(found.stamp, found.matches)
    for (const match of found.matches)
      this.#tallies[match]?.count(found.matches.length === 1 ? governed : counted([match]))
    if (governed.isRead) this.#remember(found)
    this.#progress.paths += 1
    this.#progress.bytes += bytes
  }

  blind({ path, what, why }: BlindSpot): void {
    this.blindPaths += 1
    if (this.firstBlind.length < BLIND_SHOWN_MAX) this.firstBlind.push({ path: shownPath(path), what, why })
  }

  breathe(): void {
    this.#breathe(this.#progress)
  }

  walkedEntries(): WalkedEntry[] {
    return this.#entries.map(({ name, destinationPath, enabled }, index) => ({
      name,
      destinationPath,
      enabled,
      tally: (this.#tallies[index] ?? new TallyCounter()).tally,
      fileSystems: this.#types.of(index),
    }))
  }

  /** Whether a scan would read the file, and keep what it read. */
  #effort(matches: readonly number[], { kind, stamp }: FoundPath): Pick<Counted, 'isRead' | 'isKept'> {
    if (kind !== 'file') return { isRead: false, isKept: false }
    const keeper = this.#entries[matches.find((match) => this.#entries[match]?.uploadContent === true) ?? -1]
    const isKept =
      keeper !== undefined && sizeOfStamp(stamp) <= Math.min(keeper.maxContentsReturnable, CONTENT_BYTES_MAX)
    return { isRead: this.#methodOf(matches) !== undefined || keeper !== undefined, isKept }
  }

  #methodOf(matches: readonly number[]): 'sha256' | 'md5' | undefined {
    const checksum = this.#entries[matches[0] ?? -1]?.checksum
    return checksum === 'sha256' || checksum === 'md5' ? checksum : undefined
  }

  #remember({ path, isFollowed, stamp, matches }: FoundPath): void {
    const method = this.#methodOf(matches) ?? 'sha256'
    this.methods.add(method)
    this.sample.offer(() => ({
      path,
      isFollowed,
      stamp: Buffer.from(stamp),
      method,
      contentBytesMax: undefined,
      isTextWanted: false,
    }))
  }
}
