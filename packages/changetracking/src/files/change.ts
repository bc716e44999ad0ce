import type { Cell, InventoryColumn } from '@tidemark/model'

import type { ChangeColumns, ItemColumns } from '../collector.ts'
import { differingFields } from '../rows/fields.ts'

const COMPARED: readonly InventoryColumn[] = [
  'FileContentChecksum',
  'Size',
  'DateModified',
  'DateChanged',
  'DateCreated',
  'FileMode',
  'FileOwner',
  'FileGroup',
  'FileOwnerId',
  'FileGroupId',
  'ItemType',
  'LinkTarget',
  'Inode',
  'Device',
  'DeviceNumber',
  'Links',
  'Attributes',
  'Acls',
  'SecurityLabel',
  'Capabilities',
  'Xattrs',
]

// A folder's times move with every name in it, which is a change of what is in it and told there.
const COMPARED_OF_FOLDERS = COMPARED.filter((field) => field !== 'DateModified' && field !== 'DateChanged')

const TOLD: readonly InventoryColumn[] = [...COMPARED, 'FileContentBlobLink']

/** How two states of a file are compared. */
export interface Comparison {
  /** False where the two checksums were made in different ways, or one could not be made. */
  readonly isContentCompared: boolean
}

/**
 * A change of a file, `undefined` where nothing that counts differs. `Previous…` columns hold what was; `FieldsChanged`
 * names exactly what differs. `previous` or `current` is absent when the file was not or is no more there.
 */
export function fileChange(
  previous: ItemColumns | undefined,
  current: ItemColumns | undefined,
  { isContentCompared }: Comparison = { isContentCompared: true },
): ChangeColumns | undefined {
  const isFolder = previous?.ItemType === 'Directory' && current?.ItemType === 'Directory'
  const compared = isFolder ? COMPARED_OF_FOLDERS : COMPARED
  const fields = differingFields(
    previous ?? {},
    current ?? {},
    isContentCompared ? compared : compared.filter((field) => field !== 'FileContentChecksum'),
  )
  if (previous && current && fields.length === 0) return undefined
  const { FileSystemPath = '', Name = '' } = current ?? previous ?? {}
  return {
    ChangeCategory: previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified',
    FileSystemPath,
    Name,
    ...(previous && current ? { FieldsChanged: fields.join(', ') } : {}),
    ...told(current, ''),
    ...told(previous, 'Previous'),
  }
}

/** The change of a file that has another name now: `Modified`, with what else differs (its times may). */
export function renameChange(previous: ItemColumns, current: ItemColumns): ChangeColumns {
  const names = (['FileSystemPath', 'Name'] as const).filter((field) => previous[field] !== current[field])
  const other = differingFields(previous, current, COMPARED)
  return {
    ChangeCategory: 'Modified',
    FileSystemPath: current.FileSystemPath ?? '',
    Name: current.Name ?? '',
    PreviousFileSystemPath: previous.FileSystemPath ?? '',
    PreviousName: previous.Name ?? '',
    FieldsChanged: [...names, ...other].join(', '),
    ...told(current, ''),
    ...told(previous, 'Previous'),
  }
}

function told(columns: ItemColumns | undefined, prefix: '' | 'Previous'): Record<string, Cell> {
  const cells: [string, Cell][] = []
  for (const name of TOLD) {
    const cell = columns?.[name]
    if (cell !== undefined && cell !== '') cells.push([`${prefix}${name}`, cell])
  }
  return Object.fromEntries(cells)
}
