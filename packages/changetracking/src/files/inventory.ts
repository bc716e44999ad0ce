import type { Clock } from '@tidemark/base'
import type { MachineIdentity } from '@tidemark/model'

import type { ItemColumns } from '../collector.ts'
import { fileEntries, frequencyMs, inventoryFrequencyMs, type Tracking } from '../config/tracking.ts'
import { chunksOf, CHUNK_ROWS_MAX } from '../rows/chunks.ts'
import { RowMaker } from '../rows/row-maker.ts'
import { StreamRows } from '../rows/stream-rows.ts'
import type { State } from '../state/state.ts'
import type { PathBytes } from './file-name.ts'
import { trackedSetOf } from './files-keeper.ts'
import type { KnownFiles } from './scan/known-files.ts'
import { columnsOf, decodeRecord } from './scan/record.ts'
import { factsOfStamp } from './scan/stamp.ts'
import { wantedMatches } from './scan/wanted.ts'
import { type TrackedPaths, trackedPaths } from './tracked-paths.ts'

/** Bytes in the outbox beyond which inventory waits: changes must have room. */
export const INVENTORY_OUTBOX_BYTES_MAX = 32 * 1024 * 1024
/**
 * Rows of inventory that changes may ask for, for each second since the last one: each change asks for an inventory of
 * everything, and a million files are not sent anew because one of them is a log.
 */
export const INVENTORY_ROWS_PER_SECOND = 100

export interface InventoryOptions {
  readonly state: State
  readonly tracking: Tracking
  readonly machine: MachineIdentity
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Rows are in the outbox. */
  readonly onRows: () => void
}

/** Whether inventory of files is due: by its frequency, after changes when there was rest enough, or to go on with it. */
export function isFilesInventoryDue({
  state,
  tracking,
  clock,
}: Pick<InventoryOptions, 'state' | 'tracking' | 'clock'>): boolean {
  const frequency = inventoryFrequencyMs(tracking, 'Files')
  if (frequency === undefined) return false
  const { inventoryBehind, isInventoryDue, lastInventoryMs, inventoryRows = 0 } = state.memory('Files')
  const sinceMs = clock.nowMs() - lastInventoryMs
  const isRested = sinceMs * INVENTORY_ROWS_PER_SECOND >= inventoryRows * 1_000
  return inventoryBehind !== undefined || (isInventoryDue && isRested) || sinceMs >= frequency || sinceMs < 0
}

/**
 * Sends what is known of all files, part by part: each part and where it ends in one transaction, so that an interrupted
 * inventory goes on where it was. False where the outbox has no room for more: to be called again when the agent took some.
 */
export async function sendFilesInventory(options: InventoryOptions): Promise<boolean> {
  const { state, tracking, clock, signal } = options
  const { entries, excludes } = trackedSetOf(tracking)
  const paths = trackedPaths(entries, excludes)
  for (;;) {
    signal.throwIfAborted()
    if (state.outboxBytes > INVENTORY_OUTBOX_BYTES_MAX) return false
    const isMore = sendPart(options, paths)
    options.onRows()
    if (!isMore) return true
    // Others have their turn: one part is some milliseconds.
    await clock.sleep(0, signal)
  }
}

/** False when it was the last one. */
function sendPart({ state, tracking, machine, clock }: InventoryOptions, paths: TrackedPaths): boolean {
  const memory = state.memory('Files')
  const frequencySeconds = (frequencyMs(tracking, 'Files') ?? 0) / 1_000
  const isBegun = memory.inventoryBehind !== undefined
  // All rows of one inventory have one time: by that whoever reads knows which belong together.
  const atMs = (isBegun ? memory.inventoryAtMs : undefined) ?? clock.nowMs()
  const origin = { machine, epoch: state.epoch, atMs, type: 'Files' as const, frequencySeconds }
  const maker = new RowMaker(origin, state.sequence)
  const rules = fileEntries(tracking)
  const rows = new StreamRows(rules.map(({ rule }) => rule))
  using known = state.knownFiles()
  const part = knownPart(known, memory.inventoryBehind ?? '')
  for (const { path, columns, matches } of part.map((file) => ({ ...file, matches: matchesOf(paths, file) }))) {
    const GroupTag = rules[matches[0] ?? 0]?.entry.groupTag ?? ''
    const told = GroupTag === '' ? columns : { ...columns, GroupTag }
    if (path !== '') rows.add('inventoryStream', matches, () => maker.inventory(told, rows.ruleNames(matches)))
  }
  const last = part.at(-1)
  const isMore = part.length === CHUNK_ROWS_MAX && last !== undefined
  const { inventoryBehind: _behind, inventoryAtMs: _at, ...rest } = memory
  const sent = {
    ...rest,
    // What changed since it began asks for the next one.
    isInventoryDue: isBegun && rest.isInventoryDue,
    inventoryRows: part.length + ((isBegun ? memory.inventoryRows : undefined) ?? 0),
  }
  state.apply({
    type: 'Files',
    outbox: chunksOf(rows.byStream),
    sequence: maker.sequence,
    memory: isMore
      ? { ...sent, inventoryBehind: last.path, inventoryAtMs: atMs }
      : { ...sent, lastInventoryMs: clock.nowMs() },
  })
  return isMore
}

interface KnownFile {
  readonly path: PathBytes
  readonly columns: ItemColumns
  readonly isLink: boolean
  readonly stamp: Buffer
}

function knownPart(known: KnownFiles, behind: PathBytes): KnownFile[] {
  const part: KnownFile[] = []
  const cursor = known.stampsFrom(behind === '' ? '/' : behind)
  while (part.length < CHUNK_ROWS_MAX && cursor.next()) {
    const { path } = cursor
    const stamp = Buffer.from(cursor.stamp)
    if (path === behind) continue
    const value = known.record(path)
    const record = value === undefined ? undefined : decodeRecord(value)
    if (record === undefined) continue
    part.push({
      path,
      columns: columnsOf(path, stamp, record),
      isLink: record.linkTarget !== undefined,
      stamp,
    })
  }
  return part
}

/** Entries that ask for a known file; one that nobody asks for any more goes with the first rule until the next scan. */
function matchesOf(paths: TrackedPaths, { path, isLink, stamp }: KnownFile): readonly number[] {
  const { kind } = factsOfStamp(stamp)
  const matches = wantedMatches(paths.entries, paths.at(path).matches, { kind, isLink, isDangling: kind === 'link' })
  return matches.length > 0 ? matches : [0]
}
