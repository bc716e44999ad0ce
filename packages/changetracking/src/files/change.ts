import type { Cell, InventoryColumn } from '@tidemark/model'

import type { ChangeColumns, Item, ItemColumns } from '../collector.ts'
import { differingFields } from '../rows/fields.ts'

const COMPARED: readonly InventoryColumn[] = [
  'FileContentChecksum',
  'Size',
  'DateModified',
  'FileMode',
  'FileOwner',
  'FileGroup',
  'ItemType',
  'LinkTarget',
]

// A folder's time moves with every name in it, which is a change of what is in it and told there.
const COMPARED_OF_FOLDERS = COMPARED.filter((field) => field !== 'DateModified')

const TOLD: readonly InventoryColumn[] = [...COMPARED, 'DateCreated']

/** A change of a file. `Previous…` columns hold what was; `FieldsChanged` names what differs. */
export function fileChange(previous: Item | undefined, current: Item | undefined): ChangeColumns | undefined {
  const isFolder = previous?.columns.ItemType === 'Directory' && current?.columns.ItemType === 'Directory'
  const compared = (isFolder ? COMPARED_OF_FOLDERS : COMPARED).filter(
    (field) => field !== 'FileContentChecksum' || isSameMethod(previous, current),
  )
  const fields = differingFields(previous?.columns ?? {}, current?.columns ?? {}, compared)
  if (previous && current && fields.length === 0) return undefined
  const { FileSystemPath = '', Name = '' } = current?.columns ?? previous?.columns ?? {}
  return {
    ChangeCategory: previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified',
    FileSystemPath,
    Name,
    ...(previous && current ? { FieldsChanged: fields.join(', ') } : {}),
    ...told(current?.columns, ''),
    ...told(previous?.columns, 'Previous'),
  }
}

/** Whether both checksums were made in one way: another rule, now the first, may ask for another. */
function isSameMethod(previous: Item | undefined, current: Item | undefined): boolean {
  const [then, now] = [previous?.facts?.['method'], current?.facts?.['method']]
  return then === undefined || now === undefined || then === now
}

function told(columns: ItemColumns | undefined, prefix: '' | 'Previous'): Record<string, Cell> {
  const cells: [string, Cell][] = []
  for (const name of TOLD) {
    const cell = columns?.[name]
    if (cell !== undefined && cell !== '') cells.push([`${prefix}${name}`, cell])
  }
  return Object.fromEntries(cells)
}
