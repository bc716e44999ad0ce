import type { Cell, InventoryColumn } from '@tidemark/model'

import type { ChangeColumns, Item, ItemColumns } from '../collector.ts'
import { differingFields } from '../rows/fields.ts'

const COMPARED: readonly InventoryColumn[] = [
  'SvcState',
  'SvcStartupType',
  'SvcRunlevels',
  'SvcPath',
  'SvcDescription',
  'SvcController',
]

/** A change of a daemon. `Previous` and `Current` hold its state. The order of `WantedBy` is no change. */
export function serviceChange(previous: Item | undefined, current: Item | undefined): ChangeColumns | undefined {
  const fields = differingFields(comparable(previous?.columns), comparable(current?.columns), COMPARED)
  if (previous && current && fields.length === 0) return undefined
  const told = current?.columns ?? previous?.columns ?? {}
  return {
    ChangeCategory: previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified',
    Previous: previous?.columns.SvcState ?? '',
    Current: current?.columns.SvcState ?? '',
    ...(previous && current ? { FieldsChanged: fields.join(', '), SvcChangeType: changeType(fields) } : {}),
    SvcName: told.SvcName ?? '',
    SvcDisplayName: told.SvcDisplayName ?? '',
    ...states(current?.columns, {
      SvcState: 'SvcState',
      SvcStartupType: 'SvcStartupType',
      SvcRunlevels: 'SvcRunlevels',
      SvcPath: 'SvcPath',
      SvcDescription: 'SvcDescription',
      SvcController: 'SvcController',
    }),
    ...states(previous?.columns, {
      SvcState: 'SvcPreviousState',
      SvcStartupType: 'SvcPreviousStartupType',
      SvcRunlevels: 'SvcPreviousRunlevels',
      SvcPath: 'SvcPreviousPath',
      SvcDescription: 'SvcPreviousDescription',
      SvcController: 'SvcPreviousController',
    }),
  }
}

function comparable(columns: ItemColumns | undefined): ItemColumns {
  if (columns === undefined) return {}
  return {
    ...columns,
    SvcRunlevels: String(columns.SvcRunlevels ?? '')
      .split(' ')
      .sort()
      .join(' '),
  }
}

/** What changed, in one word: the first of them that people ask for. */
function changeType(fields: readonly InventoryColumn[]): string {
  return (fields[0] ?? '').replace(/^Svc/, '')
}

function states(columns: ItemColumns | undefined, names: Readonly<Record<string, string>>): Record<string, Cell> {
  const cells: [string, Cell][] = []
  for (const [name, cell] of Object.entries(columns ?? {})) {
    const to = names[name]
    if (to !== undefined && cell !== undefined && cell !== '') cells.push([to, cell])
  }
  return Object.fromEntries(cells)
}
