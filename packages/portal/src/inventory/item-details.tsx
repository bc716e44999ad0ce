import type { ReactNode } from 'react'

import { Facts, SidePane } from '../view/side-pane.tsx'
import { valueText } from '../view/values.ts'
import { columnTitle } from '../view/words.ts'
import type { InventoryRow } from './inventory-view.ts'

// Columns about the record, not about the thing.
const HIDDEN: ReadonlySet<string> = new Set([
  'TenantId',
  'RecordId',
  'Type',
  'AdditionalFields',
  '_TimeReceived',
  'Sequence',
  'BaselineEpoch',
  'MG',
  'SourceSystem',
  'SourceComputerId',
  'VMUUID',
  '_ResourceId',
  'DetectedBy',
  'LastSnapshotAge',
  '_BilledSize',
])

export interface ItemDetailsProps {
  /** Undefined while none is open. */
  readonly row: InventoryRow | undefined
  readonly onClose: () => void
}

/** Every property of one item. */
export function ItemDetails({ row, onClose }: ItemDetailsProps): ReactNode {
  const facts = Object.entries(row ?? {})
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, cell]) => [columnTitle(name), valueText(name, cell)] as const)
  return (
    <SidePane title="Properties" isOpen={row !== undefined} onClose={onClose} testId="item-details">
      <Facts facts={facts} />
    </SidePane>
  )
}
