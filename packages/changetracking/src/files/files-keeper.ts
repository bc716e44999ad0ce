import type { Clock } from '@tidemark/base'
import { contentRows, MAX_OUTPUT_SIZE_DEFAULT, type MachineIdentity, type Row } from '@tidemark/model'

import type { ChangeColumns, Gap } from '../collector.ts'
import { fileEntries, frequencyMs, fullReadMs, type TrackedRule, type Tracking } from '../config/tracking.ts'
import { chunksOf } from '../rows/chunks.ts'
import { RowMaker } from '../rows/row-maker.ts'
import { StreamRows } from '../rows/stream-rows.ts'
import { freshGaps, gapName, HIDDEN_MAX } from '../schedule/told-gaps.ts'
import type { TypeMemory } from '../state/records.ts'
import type { State } from '../state/state.ts'
import type { PathBytes } from './file-name.ts'
import type { Findings, FoundFileChange } from './scan/findings.ts'
import type { ReadAgain, ScanJob, ScanResult, TouchedPath, TrackedSet } from './scan/scan.ts'

/** Scans by other rules that began and did not end, of which the rules are remembered. */
export const BEGUN_MAX = 4

/** What a scan needs to know and leaves behind, kept in the state. */
export interface FilesKeeperOptions {
  readonly state: State
  readonly tracking: Tracking
  readonly machine: MachineIdentity
  readonly clock: Clock
  /** Columns of the change of a path that say who did it. */
  readonly who?: (path: PathBytes) => ChangeColumns
  /** What ties changes to the operations that made them, by the columns of their rows; asked for once for each part. */
  readonly tie?: () => (columns: ChangeColumns) => ChangeColumns
  /** Gets the rows, before they are kept as told, instead of the outbox. */
  readonly onRow?: (row: Row) => void
}

/** Which looks there are: everything; the same with a part of the contents read again; with all of them; some paths. */
export type LookKind =
  | { readonly kind: 'changed' | 'scheduled' | 'full' }
  | {
      readonly kind: 'touched'
      readonly paths: readonly TouchedPath[]
      /** To be told with it, whatever was told before: events that were lost. */
      readonly gaps?: readonly Gap[]
    }

/** The result of a scan, without what belongs to the thread that made it. */
export type ScanTotals = Omit<ScanResult, 'counts'> & { readonly ownersHash: string }

/**
 * One look at files: what is to be scanned, by the rules and by what is known, and how the findings are kept: items, their
 * changes and contents in one transaction for each part.
 */
export class FilesKeeper {
  readonly job: ScanJob
  readonly #options: FilesKeeperOptions
  readonly #memory: TypeMemory
  readonly #rules: readonly TrackedRule[]
  readonly #groupTags: readonly string[]
  readonly #atMs: number
  readonly #news: readonly Gap[]

  constructor(options: FilesKeeperOptions, look: LookKind) {
    const { state, tracking, clock } = options
    this.#options = options
    this.#atMs = clock.nowMs()
    this.#memory = state.memory('Files')
    this.#news = look.kind === 'touched' ? (look.gaps ?? []) : []
    const entries = fileEntries(tracking)
    this.#rules = entries.map(({ rule }) => rule)
    this.#groupTags = entries.map(({ entry }) => entry.groupTag)
    this.job = {
      tracked: trackedSetOf(tracking),
      before: trackedSetFrom(this.#memory.tracked),
      begunBefore: (this.#memory.begun ?? []).flatMap((begun) => trackedSetFrom(begun) ?? []),
      hiddenBefore: this.#memory.hidden,
      ...(look.kind === 'touched' ? { touched: look.paths } : {}),
      readAgain: look.kind === 'full' ? 'all' : look.kind === 'scheduled' ? this.#nextPart() : 'none',
      ownersHash: this.#memory.ownersHash,
    }
  }

  /** Keeps a part of the findings; when this returns it survives a power cut. */
  keep(findings: Findings): void {
    const { state } = this.#options
    const { maker, rows } = this.#rows()
    const hashes = new Set<string>()
    for (const { sha256, sizeBytes, compressed, matches } of findings.contents) {
      if (hashes.has(sha256) || state.hasContent(sha256)) continue
      hashes.add(sha256)
      const shownBytesMax = this.job.tracked.entries[matches[0] ?? 0]?.maxOutputSize ?? MAX_OUTPUT_SIZE_DEFAULT
      for (const row of contentRows(sha256, compressed, { contentSize: sizeBytes, shownBytesMax }))
        rows.add('changeStream', matches, () => maker.content(row))
    }
    const tie = findings.changes.length === 0 ? undefined : this.#options.tie?.()
    for (const change of findings.changes)
      rows.add('changeStream', change.matches, () => this.#row(change, { maker, rows, tie }))
    state.apply({
      type: 'Files',
      files: findings.updates,
      contents: [...hashes],
      memory: this.#begun(state.memory('Files')),
      outbox: chunksOf(rows.byStream),
      sequence: maker.sequence,
    })
  }

  /** Remembers how the scan ended, and tells what it could not see. */
  finish(result: ScanTotals): void {
    const { state } = this.#options
    const { maker, rows } = this.#rows()
    const all = this.job.tracked.entries.map((_, index) => index)
    for (const gap of [...this.#news, ...freshGaps(this.#memory, result.gaps), ...this.#baseline(result)])
      rows.add('changeStream', all, () => maker.visibility(gap))
    const next = this.#next(state.memory('Files'), result)
    if (rows.byStream.size === 0 && JSON.stringify(next) === JSON.stringify(state.memory('Files'))) return
    state.apply({ type: 'Files', memory: next, outbox: chunksOf(rows.byStream), sequence: maker.sequence })
  }

  #rows(): { maker: RowMaker; rows: StreamRows } {
    const { state, machine, tracking } = this.#options
    const frequencySeconds = (frequencyMs(tracking, 'Files') ?? 0) / 1_000
    const origin = { machine, epoch: state.epoch, atMs: this.#atMs, type: 'Files' as const, frequencySeconds }
    return { maker: new RowMaker(origin, state.sequence), rows: new StreamRows(this.#rules, this.#options.onRow) }
  }

  #row(
    { path, columns, matches }: FoundFileChange,
    {
      maker,
      rows,
      tie,
    }: { maker: RowMaker; rows: StreamRows; tie: ((columns: ChangeColumns) => ChangeColumns) | undefined },
  ) {
    const GroupTag = this.#groupTags[matches[0] ?? 0] ?? ''
    const seen = this.#options.who?.(path) ?? {}
    const told = { ...columns, ...(GroupTag === '' ? {} : { GroupTag }), ...seen }
    return maker.change({ ...told, ...tie?.(told) }, rows.ruleNames(matches))
  }

  #baseline({ baselineCount }: ScanTotals): Gap[] {
    if (baselineCount === 0) return []
    const subject = this.#memory.tracked === undefined ? 'everything' : 'what is newly asked for, or seen at last'
    const detail = `${baselineCount} items are tracked from now on (${subject}); what they were before is not known`
    return [{ reason: 'baseline-started', subject, detail }]
  }

  /**
   * With other rules than the last whole scan had, what is forgotten and learnt now must not look removed or added where
   * those rules come back before a scan ends.
   */
  #begun(memory: TypeMemory): TypeMemory {
    const { tracked, begun = [], ...rest } = memory
    const text = JSON.stringify(this.job.tracked)
    if (tracked === undefined || [tracked, ...begun].some((each) => JSON.stringify(each) === text)) return memory
    // So many changes without the end of one scan: everything is a baseline once more.
    return begun.length >= BEGUN_MAX ? rest : { ...rest, tracked, begun: [...begun, this.job.tracked] }
  }

  #next(memory: TypeMemory, result: ScanTotals): TypeMemory {
    const hidden = result.gaps.flatMap(({ key }) => (key === undefined ? [] : [key]))
    const gaps = result.gaps.map(gapName)
    const isInventoryDue = memory.isInventoryDue || result.changeCount + result.baselineCount > 0
    // A look at some paths says nothing of the others: what was told of them stays told.
    if (this.job.touched !== undefined)
      return {
        ...memory,
        isInventoryDue,
        gaps: sortedUnion(memory.gaps, gaps),
        hidden: sortedUnion(memory.hidden, hidden).slice(0, HIDDEN_MAX),
      }
    const { readAgain: _done, begun: _begun, ...rest } = memory
    // What is newly tracked is told in the inventory at once, and only there.
    const lastInventoryMs = result.baselineCount > 0 ? 0 : memory.lastInventoryMs
    const readAgain = following(this.job.readAgain)
    return {
      ...rest,
      isInventoryDue,
      lastInventoryMs,
      gaps: sortedUnion([], gaps),
      hidden: sortedUnion([], hidden).slice(0, HIDDEN_MAX),
      tracked: this.job.tracked,
      ownersHash: result.ownersHash,
      ...(readAgain === undefined ? {} : { readAgain }),
    }
  }

  /** The contents are read again in parts, one with each scan, so that all of them were within the full read's frequency. */
  #nextPart(): ReadAgain {
    const { tracking } = this.#options
    const [everyMs, scanMs] = [fullReadMs(tracking), frequencyMs(tracking, 'Files')]
    if (everyMs === undefined || scanMs === undefined || this.#memory.tracked === undefined) return 'none'
    const parts = Math.max(1, Math.floor(everyMs / scanMs))
    const part = this.#memory.readAgain?.parts === parts ? this.#memory.readAgain.nextPart : 0
    return { part: part % parts, parts }
  }
}

/** What all rules track together. */
export function trackedSetOf(tracking: Tracking): TrackedSet {
  return {
    entries: fileEntries(tracking).map(({ entry }) => entry),
    excludes: tracking.rules.flatMap(({ settings }) => (settings.enableFiles ? settings.fileExcludes : [])),
  }
}

/** What was remembered; what another version wrote counts as nothing, and a baseline begins. */
function trackedSetFrom(value: unknown): TrackedSet | undefined {
  if (typeof value !== 'object' || value === null || !('entries' in value) || !('excludes' in value)) return undefined
  const { entries, excludes } = value
  return Array.isArray(entries) && Array.isArray(excludes) ? { entries, excludes } : undefined
}

function following(readAgain: ReadAgain): TypeMemory['readAgain'] {
  if (typeof readAgain === 'string') return undefined
  return { nextPart: (readAgain.part + 1) % readAgain.parts, parts: readAgain.parts }
}

function sortedUnion(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])].sort()
}
