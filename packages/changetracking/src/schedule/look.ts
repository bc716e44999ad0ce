import { createHash } from 'node:crypto'

import type { Clock } from '@tidemark/base'
import type { MachineIdentity } from '@tidemark/model'

import type { ChangeColumns, Collection, Collector, Gap, Item } from '../collector.ts'
import { frequencyMs, inventoryFrequencyMs, type TrackedRule, type Tracking } from '../config/tracking.ts'
import { chunksOf } from '../rows/chunks.ts'
import { RowMaker } from '../rows/row-maker.ts'
import { StreamRows } from '../rows/stream-rows.ts'
import type { TypeMemory } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { difference, type Difference } from './difference.ts'
import { freshGaps, gapName, HIDDEN_MAX } from './told-gaps.ts'

export interface LookOptions {
  readonly collector: Collector
  readonly tracking: Tracking
  /** Rules that ask for the type; the first one's streams carry the rows. */
  readonly rules: readonly TrackedRule[]
  readonly state: State
  readonly machine: MachineIdentity
  readonly clock: Clock
  /** More columns of a change, such as the operation that made it; asked for once for each look that found changes. */
  readonly tie?: () => (columns: ChangeColumns) => ChangeColumns
}

/** What one look came to. */
export interface LookResult {
  readonly items: ReadonlyMap<string, Item>
  readonly gaps: readonly Gap[]
  readonly changeCount: number
  readonly isInventorySent: boolean
}

/**
 * One run of a worker, as the described system's: collect, compare with what is stored, and keep the new state together
 * with the rows that tell of it, in one transaction. Throws what the state throws; a source that cannot be read is a gap.
 */
export async function look(options: LookOptions, signal: AbortSignal): Promise<LookResult> {
  const { collector, state, tracking, clock } = options
  const type = collector.type
  const now = [...collector.coverage(options.rules)].sort()
  const memory = state.memory(type)
  const known = state.items(type)
  const atMs = clock.nowMs()
  const collection = await collector.collect(known, signal, options.rules)
  signal.throwIfAborted()
  const compared = collection.isComplete
    ? difference(collector, { known, collection, before: memory.coverage, now, hiddenBefore: memory.hidden })
    : { changes: [], updates: [], items: known, baselineCount: 0 }
  const maker = new RowMaker(
    {
      machine: options.machine,
      epoch: state.epoch,
      atMs,
      type,
      frequencySeconds: (frequencyMs(tracking, type) ?? 0) / 1_000,
    },
    state.sequence,
  )
  const rows = new StreamRows(options.rules)
  const all = options.rules.map((_, index) => index)
  for (const gap of newGaps(memory, collection, compared)) rows.add('changeStream', all, () => maker.visibility(gap))
  const tie = compared.changes.length === 0 ? undefined : options.tie?.()
  for (const { columns } of compared.changes)
    rows.add('changeStream', all, () => maker.change({ ...columns, ...tie?.(columns) }, rows.ruleNames(all)))
  const isInventorySent = collection.isComplete && isInventoryDue(options, { memory, compared, atMs })
  if (isInventorySent)
    for (const item of compared.items.values())
      rows.add('inventoryStream', all, () => maker.inventory(item.columns, rows.ruleNames(all)))
  const next = nextMemory(memory, { collection, compared, now, isInventorySent, atMs })
  const isQuiet = compared.updates.length === 0 && rows.byStream.size === 0 && isSameMemory(memory, next)
  if (!isQuiet)
    state.apply({
      type,
      items: compared.updates,
      memory: next,
      outbox: chunksOf(rows.byStream),
      sequence: maker.sequence,
    })
  return { items: compared.items, gaps: collection.gaps, changeCount: compared.changes.length, isInventorySent }
}

/** Gaps that were not told yet, and the start of a baseline. */
function newGaps(memory: TypeMemory, collection: Collection, compared: Difference): Gap[] {
  const fresh = freshGaps(memory, collection.gaps)
  if (compared.baselineCount === 0) return fresh
  const subject = memory.coverage === undefined ? 'everything' : 'what is newly asked for, or seen at last'
  const detail = `${compared.baselineCount} items are tracked from now on (${subject}); what they were before is not known`
  return [...fresh, { reason: 'baseline-started', subject, detail }]
}

function isInventoryDue(
  { tracking, collector }: LookOptions,
  { memory, compared, atMs }: { memory: TypeMemory; compared: Difference; atMs: number },
): boolean {
  const frequency = inventoryFrequencyMs(tracking, collector.type)
  if (frequency === undefined) return false
  const isLate = atMs - memory.lastInventoryMs >= frequency || atMs < memory.lastInventoryMs
  return memory.isInventoryDue || isLate || compared.changes.length > 0 || compared.baselineCount > 0
}

function nextMemory(
  memory: TypeMemory,
  run: {
    readonly collection: Collection
    readonly compared: Difference
    readonly now: readonly string[]
    readonly isInventorySent: boolean
    readonly atMs: number
  },
): TypeMemory {
  const { collection, compared, now, isInventorySent, atMs } = run
  const gaps = collection.gaps.map(gapName).sort()
  if (!collection.isComplete) return { ...memory, gaps }
  const { unseen } = collection
  return {
    // What could not be seen yet is not covered yet: it begins with a baseline, not with a flood of `Added`.
    coverage: now.filter((each) => unseen?.has(each) !== true || memory.coverage?.includes(each) === true),
    hash: hashOf(compared.items),
    lastInventoryMs: isInventorySent ? atMs : memory.lastInventoryMs,
    isInventoryDue: isInventorySent ? false : memory.isInventoryDue,
    gaps: [...new Set(gaps)],
    hidden: hiddenKeys(collection),
  }
}

function hiddenKeys({ gaps }: Collection): string[] {
  const keys = gaps.flatMap(({ key }) => (key === undefined ? [] : [key]))
  return [...new Set(keys)].sort().slice(0, HIDDEN_MAX)
}

function hashOf(items: ReadonlyMap<string, Item>): string {
  const hash = createHash('sha256')
  for (const key of [...items.keys()].sort()) hash.update(JSON.stringify([key, items.get(key)?.columns]))
  return hash.digest('hex')
}

function isSameMemory(one: TypeMemory, other: TypeMemory): boolean {
  return JSON.stringify(one) === JSON.stringify({ ...other })
}
