import type { Cell, InventoryColumn } from '@tidemark/model'

import type { ChangeColumns, Item, ItemColumns } from '../collector.ts'
import { differingFields } from '../rows/fields.ts'

// Columns whose difference is a change, those first that people ask for. The number of the main process is none: it differs
// after each restart, which is told by the state or by the count of restarts.
const COMPARED: readonly InventoryColumn[] = [
  'SvcState',
  'SvcStartupType',
  'SvcRestarts',
  'SvcNeedsRestart',
  'SvcRunlevels',
  'SvcPath',
  'SvcDropIns',
  'SvcExecStart',
  'SvcAccount',
  'SvcExecutable',
  'SvcDescription',
  'SvcController',
]

/** Columns that two looks may know different amounts of: where one has no word of it, there is nothing to compare. */
const COMPARED_WHERE_KNOWN: ReadonlySet<InventoryColumn> = new Set([
  'SvcRestarts',
  'SvcNeedsRestart',
  'SvcDropIns',
  'SvcExecStart',
  'SvcAccount',
  'SvcExecutable',
])

const PREVIOUS: Readonly<Partial<Record<InventoryColumn, keyof ChangeColumns>>> = {
  SvcState: 'SvcPreviousState',
  SvcStartupType: 'SvcPreviousStartupType',
  SvcRunlevels: 'SvcPreviousRunlevels',
  SvcPath: 'SvcPreviousPath',
  SvcDescription: 'SvcPreviousDescription',
  SvcController: 'SvcPreviousController',
  SvcAccount: 'SvcPreviousAccount',
  SvcExecStart: 'SvcPreviousExecStart',
  SvcDropIns: 'SvcPreviousDropIns',
  SvcExecutable: 'SvcPreviousExecutable',
  SvcRestarts: 'SvcPreviousRestarts',
  SvcNeedsRestart: 'SvcPreviousNeedsRestart',
}

const CURRENT = [
  ...COMPARED,
  'SvcUnitType',
  'SvcMainProcessId',
  'SvcNeedsRestartReason',
] as const satisfies readonly InventoryColumn[]

/**
 * A change of a daemon. `Previous` and `Current` hold its state. The order of `WantedBy` is no change, nor is that a counter of
 * restarts begins anew. What flaps is told though it is again as it was.
 */
export function serviceChange(previous: Item | undefined, current: Item | undefined): ChangeColumns | undefined {
  const fields = previous && current ? changedFields(previous.columns, current.columns) : []
  const flaps = transitions(previous, current)
  if (previous && current && fields.length === 0 && flaps === undefined) return undefined
  const told = current?.columns ?? previous?.columns ?? {}
  const names = fields.length > 0 ? fields : ['SvcTransitions']
  return {
    ChangeCategory: previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified',
    Previous: previous?.columns.SvcState ?? '',
    Current: current?.columns.SvcState ?? '',
    // What changed, in one word: the first of them that people ask for.
    ...(previous && current
      ? { FieldsChanged: names.join(', '), SvcChangeType: (names[0] ?? '').replace(/^Svc/, '') }
      : {}),
    SvcName: told.SvcName ?? '',
    SvcDisplayName: told.SvcDisplayName ?? '',
    ...states(current?.columns, Object.fromEntries(CURRENT.map((name) => [name, name]))),
    ...states(previous?.columns, PREVIOUS),
    ...flaps,
  }
}

function changedFields(previous: ItemColumns, current: ItemColumns): InventoryColumn[] {
  return differingFields(comparable(previous), comparable(current), COMPARED).filter((field) => {
    const [before, now] = [previous[field], current[field]]
    if (COMPARED_WHERE_KNOWN.has(field) && (before === undefined || now === undefined)) return false
    if (field === 'SvcRestarts') return Number(now) > Number(before)
    // A service that stops or starts tells so by its state.
    return field !== 'SvcExecutable' || (before !== '' && now !== '')
  })
}

function comparable(columns: ItemColumns): ItemColumns {
  return {
    ...columns,
    SvcRunlevels: String(columns.SvcRunlevels ?? '')
      .split(' ')
      .sort()
      .join(' '),
  }
}

/** How often the state changed since the last row, where systemd said so by itself. */
function transitions(previous: Item | undefined, current: Item | undefined): ChangeColumns | undefined {
  const { session, told, changes, fromMs } = current?.facts ?? {}
  if (changes === undefined || fromMs === undefined) return undefined
  if (session === previous?.facts?.['session'] && told === previous?.facts?.['told']) return undefined
  return {
    DetectedBy: 'watch',
    SvcTransitions: Number(changes),
    SvcTransitionsFrom: new Date(Number(fromMs)).toISOString(),
  }
}

function states(columns: ItemColumns | undefined, names: Readonly<Record<string, string>>): Record<string, Cell> {
  const cells: [string, Cell][] = []
  for (const [name, cell] of Object.entries(columns ?? {})) {
    const to = names[name]
    if (to !== undefined && cell !== undefined && cell !== '') cells.push([to, cell])
  }
  return Object.fromEntries(cells)
}
