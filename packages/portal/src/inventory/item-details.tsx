import type { ReactNode } from 'react'

import { Facts, SidePane } from '../view/side-pane.tsx'
import { timeText } from '../view/text.ts'
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
const TIMES: ReadonlySet<string> = new Set(['TimeGenerated', 'DateCreated', 'DateModified', 'InstallDate'])

export interface ItemDetailsProps {
  /** Undefined while none is open. */
  readonly row: InventoryRow | undefined
  readonly onClose: () => void
}

/** Every property of one item. */
export function ItemDetails({ row, onClose }: ItemDetailsProps): ReactNode {
  const facts = Object.entries(row ?? {})
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, cell]) => [name, TIMES.has(name) ? timeText(cell) : String(cell ?? '')] as const)
  return (
    <SidePane title="Properties" isOpen={row !== undefined} onClose={onClose} testId="item-details">
      <Facts facts={facts} />
    </SidePane>
  )
}
