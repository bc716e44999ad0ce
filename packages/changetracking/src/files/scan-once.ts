import { availableParallelism } from 'node:os'

import type { Clock } from '@tidemark/base'
import type { Row } from '@tidemark/model'

import type { Gap } from '../collector.ts'
import type { TrackedRule } from '../config/tracking.ts'
import { writeContent } from '../host/content-folder.ts'
import { thisMachine } from '../host/machine.ts'
import { ownerTexts } from '../host/owner-texts.ts'
import { keepHeapTight, limitYoungMemory } from '../host/young-memory.ts'
import { State } from '../state/state.ts'
import { entryCosts, type EntryCost } from './entry-costs.ts'
import { FilesKeeper } from './files-keeper.ts'
import type { EntryCounts } from './scan/counts.ts'
import { ownerNames } from './scan/owner-names.ts'
import { Readers } from './scan/readers.ts'
import { scan } from './scan/scan.ts'

/** One scan without agent or server. */
export interface ScanOnceOptions {
  /** The state's file, which the first scan makes. */
  readonly statePath: string
  readonly rules: readonly Pick<TrackedRule, 'name' | 'settings'>[]
  /** Whether every content is read again, also where nothing says that it changed. */
  readonly isFull: boolean
  /** Where contents are kept that a rule asks for (`uploadContent`), as `<SHA-256>.zst`. */
  readonly contentFolder?: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Gets each row, with the columns of the tables, before the state counts it as told. */
  readonly onRow: (row: Row) => void
  /** Told now and then what has been seen so far. */
  readonly onProgress: (total: Readonly<EntryCounts>) => void
}

/** What one scan came to. */
export interface ScanOnceResult {
  /** Whether nothing was known before: then everything is tracked from now on. */
  readonly isFirst: boolean
  readonly changeCount: number
  readonly baselineCount: number
  readonly gaps: readonly Gap[]
  readonly total: Readonly<EntryCounts>
  readonly entries: readonly EntryCost[]
  readonly durationMs: number
}

/** Threads that read beside the one that walks: more do not help, for that one has to keep up. */
const READERS_MAX = 3
/** How long the event loop may wait, in milliseconds, so that Ctrl-C is heard and progress is seen. */
const HELD_MS_MAX = 50

/**
 * Scans once and keeps the state at `statePath`. Rejects with the signal's reason, and throws `ChangeTrackingError` where the
 * state cannot be used. What was found until then is kept; the next scan finds the rest.
 */
export async function scanOnce(options: ScanOnceOptions): Promise<ScanOnceResult> {
  const { clock, signal, isFull, contentFolder } = options
  signal.throwIfAborted()
  const startedMs = clock.monotonicMs()
  keepHeapTight()
  const { passwd, group } = ownerTexts()
  const owners = ownerNames(passwd, group)
  using readers = new Readers({
    count: Math.min(READERS_MAX, availableParallelism() - 1),
    nice: 0,
    ioClass: 'best-effort',
    circumstances: { nowMs: () => clock.nowMs(), owners },
  })
  using state = State.open(options.statePath, clock.nowMs())
  const rules = options.rules.map(({ name, settings }, index) => ({ id: String(index), name, settings }))
  const tracking = { rules, problems: [] }
  const isFirst = state.memory('Files').tracked === undefined
  if (isFirst) readers.begin()
  const keeper = new FilesKeeper(
    { state, tracking, machine: thisMachine(), clock, onRow: options.onRow },
    { kind: isFull ? 'full' : 'changed' },
  )
  using known = state.knownFiles()
  const keep: Parameters<typeof scan>[1]['keep'] = (findings) => {
    if (contentFolder !== undefined) for (const content of findings.contents) writeContent(contentFolder, content)
    keeper.keep({ ...findings, contents: [] })
  }
  const steps = scan(keeper.job, { known, readers, owners, keep })
  let heldSinceMs = clock.monotonicMs()
  let isYoungLimited = false
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) {
    if (clock.monotonicMs() - heldSinceMs < HELD_MS_MAX) continue
    options.onProgress(step.value.total)
    isYoungLimited ||= limitYoungMemory()
    await clock.sleep(0, signal)
    heldSinceMs = clock.monotonicMs()
  }
  const { counts, ...totals } = step.value
  const gaps = [...lossOf(state), ...totals.gaps]
  keeper.finish({ ...totals, gaps, ownersHash: owners.hash })
  return {
    isFirst,
    changeCount: totals.changeCount,
    baselineCount: totals.baselineCount,
    gaps,
    total: counts.total,
    entries: entryCosts(tracking, counts.entries),
    durationMs: clock.monotonicMs() - startedMs,
  }
}

/** What was known is lost where the state's file was damaged: nobody knows then what changed. */
function lossOf({ loss }: State): Gap[] {
  return loss === undefined ? [] : [{ reason: 'state-lost', subject: 'state', detail: loss }]
}
