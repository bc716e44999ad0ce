import type { InventoryColumn } from '@tidemark/model'

import type { ChangeColumns, Item } from '../collector.ts'
import { differingFields } from '../rows/fields.ts'

// A maintainer's address or a description that is worded anew is no change of the software.
const COMPARED: readonly InventoryColumn[] = ['CurrentVersion', 'Architecture', 'SoftwareStatus']

/** A change of a package. `Previous` and `Current` hold the versions, empty where it was or is not installed. */
export function softwareChange(previous: Item | undefined, current: Item | undefined): ChangeColumns | undefined {
  const fields = differingFields(previous?.columns ?? {}, current?.columns ?? {}, COMPARED)
  if (previous && current && fields.length === 0) return undefined
  const { SoftwareName, SoftwareDescription, SoftwareType, Publisher, Architecture, Size } =
    current?.columns ?? previous?.columns ?? {}
  return {
    ChangeCategory: previous === undefined ? 'Added' : current === undefined ? 'Removed' : 'Modified',
    Previous: previous?.columns.CurrentVersion ?? '',
    Current: current?.columns.CurrentVersion ?? '',
    ...(previous && current ? { FieldsChanged: fields.join(', ') } : {}),
    ...definedCells({ SoftwareName, SoftwareDescription, SoftwareType, Publisher, Architecture, Size }),
    ...definedCells({
      SoftwareStatus: current?.columns.SoftwareStatus,
      PreviousSoftwareStatus: previous?.columns.SoftwareStatus,
    }),
  }
}

function definedCells(cells: {
  readonly [Name in keyof ChangeColumns]: ChangeColumns[Name] | undefined
}): ChangeColumns {
  return Object.fromEntries(Object.entries(cells).filter(([, cell]) => cell !== undefined))
}
