import { type Clock, isAbort } from '@tidemark/base'
import { type ChangeTrackingPlaces, type MachineIdentity, type ScanBudget } from '@tidemark/model'
import type { Logger } from 'pino'

import type { ChangeColumns, Gap } from '../collector.ts'
import { scanBudget, type Tracking } from '../config/tracking.ts'
import { writeFilesReport } from '../report/files-report.ts'
import type { State } from '../state/state.ts'
import { type EntryCost, entryCosts } from './entry-costs.ts'
import type { PathBytes } from './file-name.ts'
import { FilesKeeper, type LookKind } from './files-keeper.ts'
import { isFilesInventoryDue, sendFilesInventory } from './inventory.ts'
import { ScanWorker } from './scan/scan-worker.ts'
import { settledPart } from './settled-part.ts'
import { Unpacked } from './unpacked.ts'

export interface FileTrackingOptions {
  readonly state: State
  readonly places: ChangeTrackingPlaces
  readonly machine: MachineIdentity
  readonly clock: Clock
  readonly log: Logger
  /** The rules in force; asked anew for each look. */
  readonly tracking: () => Tracking
  /** Rows are in the outbox. */
  readonly onRows: () => void
  readonly onProgress: () => void
  /** Who changed a path, as far as it is known. */
  readonly who: (path: PathBytes) => ChangeColumns
  /** What ties changes to the operations of package managers. */
  readonly tie: () => (columns: ChangeColumns) => ChangeColumns
  /** What is not seen at once. */
  readonly blind: () => readonly Gap[]
  /** Names of what package managers are in the middle of. */
  readonly unfinished: () => ReadonlySet<string>
}

/** How the looks at files go. */
export interface FilesStatus {
  readonly count: number
  readonly gaps: readonly Gap[]
  readonly entries: readonly EntryCost[]
  /** Of the look that runs: paths seen so far. */
  readonly progress?: { readonly files: number; readonly bytes: number }
}

/** What one look came to. */
export interface FilesLooked {
  readonly changeCount: number
  readonly isInventorySent: boolean
  readonly aliases: readonly (readonly [real: PathBytes, tracked: PathBytes])[]
}

/** Touched paths that are looked at without rests; more are a flood, and keep to the budget as a scan does. */
export const HURRIED_PATHS_MAX = 1_000
/** How long after a change its event may come, in milliseconds: the watch gathers for a while. */
const EVENTS_LATE_MS = 200
/** How soon a scan looks again whether the outbox has room, in milliseconds. */
const OUTBOX_FULL_MS = 500
/** A report is not written more often than this many times as long as it takes. */
const REPORT_SHARE = 10

/**
 * Looks at the files that the rules ask for, in a thread of its own, one look at a time, and keeps what is found. Stopping
 * loses nothing: what was kept stays, the next look finds the rest.
 */
export class FileTracking implements AsyncDisposable {
  readonly #options: FileTrackingOptions
  readonly #worker: ScanWorker
  #running: Promise<unknown> = Promise.resolve()
  #status: FilesStatus = { count: 0, gaps: [], entries: [] }
  #isBusy = false
  #isSending = false
  #reportDueMs = 0
  #isReportStale = true

  constructor(options: FileTrackingOptions) {
    this.#options = options
    this.#worker = new ScanWorker(options.clock)
  }

  get status(): FilesStatus {
    return this.#status
  }

  /** Looks as soon as the present look is over. Rejects where the look fails, and by the signal. */
  async look(kind: LookKind, signal: AbortSignal): Promise<FilesLooked> {
    const before = this.#running
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#running = promise
    try {
      await before
      this.#isBusy = true
      return await this.#look(kind, signal)
    } finally {
      this.#isBusy = false
      resolve()
    }
  }

  /** Sends inventory where it is due after changes, or had to wait for the agent. To be called now and then. */
  async goOn(signal: AbortSignal): Promise<void> {
    if (!this.#isBusy) await this.#sendInventory(signal)
  }

  async #look(kind: LookKind, signal: AbortSignal): Promise<FilesLooked> {
    const { state, machine, clock, places, onRows, onProgress, who, tie, blind, unfinished } = this.#options
    const isWhole = kind.kind !== 'touched'
    const unpacked = new Unpacked(unfinished, clock)
    const halves: PathBytes[] = []
    if (isWhole) await unpacked.wait(signal)
    if (state.isFull) throw new Error('the outbox is full; looking goes on when the agent has taken some of it')
    const tracking = this.#options.tracking()
    const keeper = new FilesKeeper({ state, tracking, machine, clock, who, tie }, kind)
    // Held open so that no page that the scanning thread may read is written over.
    using pinned = state.knownFiles()
    void pinned
    const { database } = places
    const done = await this.#worker.run(
      { job: keeper.job, budget: budgetFor(kind, tracking), database },
      {
        signal,
        keep: async (findings) => {
          // A scan may be faster than the watch, which says who it was.
          if (isWhole && findings.changes.length > 0) {
            await clock.sleep(EVENTS_LATE_MS, signal)
            await unpacked.wait(signal)
          }
          const { kept, again } = isWhole ? settledPart(findings, halves.length) : { kept: findings, again: [] }
          halves.push(...again)
          keeper.keep(kept)
          onRows()
          // Contents are large: the scan goes on when the agent has taken some.
          while (state.isFull) await clock.sleep(OUTBOX_FULL_MS, signal)
        },
        progress: ({ files, folders, bytes }) => {
          this.#status = { ...this.#status, progress: { files: files + folders, bytes } }
          onProgress()
        },
      },
    )
    // What the watch cannot see belongs to what could not be seen, and is told with it.
    keeper.finish({ ...done.totals, gaps: [...done.totals.gaps, ...(isWhole ? blind() : [])] })
    onRows()
    if (isWhole) this.#remember(tracking, done)
    else if (done.totals.changeCount > 0) this.#isReportStale = true
    const paths = halves.map((path) => ({ path, isDeep: false }))
    if (paths.length > 0) await this.#look({ kind: 'touched', paths }, signal)
    const isInventorySent = await this.#afterwards(kind, signal)
    return { changeCount: done.totals.changeCount, isInventorySent, aliases: done.totals.aliases }
  }

  #remember(tracking: Tracking, done: Awaited<ReturnType<ScanWorker['run']>>): void {
    const { total, totals } = done
    const entries = entryCosts(tracking, done.entries)
    this.#status = { count: total.files + total.folders, gaps: totals.gaps, entries }
    if (totals.changeCount + totals.baselineCount > 0) this.#isReportStale = true
  }

  /** Inventory where it is due, and the report where it is not as it should be. */
  async #afterwards({ kind }: LookKind, signal: AbortSignal): Promise<boolean> {
    const { log } = this.#options
    // Whoever touches files must not wait for an inventory of all: `goOn` sends it.
    const isSent = kind !== 'touched' && (await this.#sendInventory(signal))
    await this.#report(signal).catch((error: unknown) => {
      if (!isAbort(error, signal)) log.warn({ error }, 'File.json cannot be written')
    })
    return isSent
  }

  async #sendInventory(signal: AbortSignal): Promise<boolean> {
    const { state, machine, clock, onRows } = this.#options
    const tracking = this.#options.tracking()
    if (this.#isSending || !isFilesInventoryDue({ state, tracking, clock })) return false
    this.#isSending = true
    try {
      await sendFilesInventory({ state, tracking, machine, clock, signal, onRows })
      return true
    } finally {
      this.#isSending = false
    }
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { state, places, clock } = this.#options
    const startedMs = clock.monotonicMs()
    if (!this.#isReportStale || startedMs < this.#reportDueMs) return
    using known = state.knownFiles()
    await writeFilesReport(places, known, async () => await clock.sleep(0, signal))
    this.#isReportStale = false
    this.#reportDueMs = clock.monotonicMs() + REPORT_SHARE * (clock.monotonicMs() - startedMs)
  }

  /** Waits for the look that runs; stop it by its signal. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running
    await this.#worker[Symbol.asyncDispose]()
  }
}

function budgetFor(kind: LookKind, tracking: Tracking): ScanBudget {
  const budget = scanBudget(tracking)
  return kind.kind === 'touched' && kind.paths.length <= HURRIED_PATHS_MAX ? { ...budget, cpuPercent: 100 } : budget
}
