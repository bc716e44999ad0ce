import { createHash } from 'node:crypto'

import type { Clock } from '@tidemark/base'
import type { MachineIdentity, Row } from '@tidemark/model'

import type { Collection, Collector, Gap, Item } from '../collector.ts'
import { frequencyMs, inventoryFrequencyMs, type TrackedRule, type Tracking } from '../config/tracking.ts'
import { chunksOf } from '../rows/chunks.ts'
import { RowMaker } from '../rows/row-maker.ts'
import type { TypeMemory } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { difference, type Difference } from './difference.ts'

/** Keys that are remembered as not seen; what is beyond them counts as `Added` when it is seen. */
export const HIDDEN_MAX = 10_000

/** Which rules an item belongs to, by what covers it; the first one's streams carry its rows. */
export type RulesOf = (coveredBy: readonly string[]) => readonly TrackedRule[]

export interface LookOptions {
  readonly collector: Collector
  readonly tracking: Tracking
  readonly rulesOf: RulesOf
  readonly state: State
  readonly machine: MachineIdentity
  readonly clock: Clock
  /** The described system's fields of an item's value in the database. */
  readonly describe: (key: string, item: Item) => Readonly<Record<string, unknown>>
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
  const now = [...collector.coverage()].sort()
  const memory = state.memory(type)
  const known = state.items(type)
  const atMs = clock.nowMs()
  const collection = await collector.collect(known, signal)
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
  const rows = new StreamRows(options.rulesOf)
  for (const gap of newGaps(memory, collection, compared)) rows.add('changeStream', now, maker.visibility(gap))
  for (const { columns, coveredBy } of compared.changes)
    rows.add('changeStream', coveredBy, maker.change(columns, rows.ruleNames(coveredBy)))
  const isInventorySent = collection.isComplete && isInventoryDue(options, { memory, compared, atMs })
  if (isInventorySent)
    for (const item of compared.items.values())
      rows.add('inventoryStream', item.coveredBy, maker.inventory(item, rows.ruleNames(item.coveredBy)))
  const next = nextMemory(memory, { collection, compared, now, isInventorySent, atMs })
  const isQuiet = compared.updates.length === 0 && rows.byStream.size === 0 && isSameMemory(memory, next)
  if (!isQuiet)
    state.apply({
      type,
      items: compared.updates.map((update) => ({
        ...update,
        ...(update.item ? { described: options.describe(update.key, update.item) } : {}),
      })),
      memory: next,
      outbox: chunksOf(rows.byStream),
      sequence: maker.sequence,
    })
  return { items: compared.items, gaps: collection.gaps, changeCount: compared.changes.length, isInventorySent }
}

/** Rows by the stream that carries them. */
class StreamRows {
  readonly byStream = new Map<string, Row[]>()
  readonly #rulesOf: RulesOf

  constructor(rulesOf: RulesOf) {
    this.#rulesOf = rulesOf
  }

  ruleNames(coveredBy: readonly string[]): string[] {
    return this.#rulesOf(coveredBy).map(({ name }) => name)
  }

  /** Rows go to one rule only, the first that has such a stream: two rules with one destination must not double them. */
  add(kind: 'changeStream' | 'inventoryStream', coveredBy: readonly string[], row: Row): void {
    const stream = this.#rulesOf(coveredBy).find((rule) => rule[kind] !== undefined)?.[kind]
    if (stream === undefined) return
    const rows = this.byStream.get(stream)
    if (rows) rows.push(row)
    else this.byStream.set(stream, [row])
  }
}

/** Gaps that were not told yet, and the start of a baseline. */
function newGaps(memory: TypeMemory, collection: Collection, compared: Difference): Gap[] {
  const told = new Set(memory.gaps)
  const fresh = collection.gaps.filter((gap) => gap.detail !== '' && !told.has(gapName(gap)))
  if (compared.baselineCount === 0) return fresh
  const subject = memory.coverage === undefined ? 'everything' : 'what is newly asked for, or seen at last'
  const detail = `${compared.baselineCount} items are tracked from now on (${subject}); what they were before is not known`
  return [...fresh, { reason: 'baseline-started', subject, detail }]
}

function gapName(gap: Gap): string {
  return `${gap.reason} ${gap.subject}`
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
  return {
    coverage: [...now],
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
