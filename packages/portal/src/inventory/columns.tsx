import type { ReactNode } from 'react'

import { Moment } from '../view/moment.tsx'
import { bytesText, safeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'
import { columnTitle } from '../view/words.ts'
import { inventoryWords as words } from '../words/inventory.ts'
import type { InventoryRow, TabName } from './inventory-view.ts'

type Columns = readonly TableColumn<InventoryRow>[]

const refreshed: TableColumn<InventoryRow> = {
  id: 'TimeGenerated',
  title: words.lastRefreshed,
  width: '160px',
  cell: (row) => <Moment time={row['TimeGenerated']} />,
  isMinor: true,
  sort: 'TimeGenerated',
}
const machines: TableColumn<InventoryRow> = {
  id: 'Machines',
  title: words.machines,
  width: '88px',
  cell: (row) => Number(row['Machines']).toLocaleString(),
  sort: 'Machines',
  isNumber: true,
}
const machine = text('Computer', 'minmax(80px, 180px)', { isMinor: false })
const size: TableColumn<InventoryRow> = {
  ...text('Size', '90px'),
  cell: (row) => (row['Size'] === null || row['Size'] === undefined ? '' : bytesText(Number(row['Size']))),
  isNumber: true,
}

const own: Readonly<Record<TabName, { readonly first: Columns; readonly more: Columns; readonly alone: Columns }>> = {
  software: {
    first: [
      text('SoftwareName', 'minmax(100px, 2fr)', { isMinor: false }),
      text('CurrentVersion', 'minmax(80px, 1.2fr)', { isMinor: false }),
    ],
    more: [text('Publisher', 'minmax(100px, 2fr)')],
    alone: [text('Architecture', '100px')],
  },
  files: {
    first: [text('FileSystemPath', 'minmax(120px, 3fr)', { isMinor: false }), checksum()],
    more: [size, text('FileMode', '70px'), text('FileOwner', '90px')],
    alone: [],
  },
  daemons: {
    first: [
      text('SvcName', 'minmax(100px, 2fr)', { isMinor: false }),
      text('SvcState', '90px', { isMinor: false }),
      text('SvcStartupType', '110px'),
    ],
    more: [text('SvcDescription', 'minmax(100px, 3fr)')],
    alone: [],
  },
}

/** The columns of a tab, by item or by machine. */
export function inventoryColumns(tab: TabName, isByMachine: boolean): Columns {
  const { first, more, alone } = own[tab]
  return isByMachine ? [...first, machine, ...more, ...alone, refreshed] : [...first, machines, ...more, refreshed]
}

function text(name: string, width: string, { isMinor = true } = {}): TableColumn<InventoryRow> {
  return { id: name, title: columnTitle(name), width, cell: (row) => cut(row[name]), isMinor, sort: name }
}

/** The beginning is enough to tell two contents apart; all of it stands in the tooltip. */
function checksum(): TableColumn<InventoryRow> {
  const name = 'FileContentChecksum'
  return {
    ...text(name, '150px'),
    cell: (row) => <code title={safeText(row[name])}>{safeText(row[name]).slice(0, 12)}</code>,
  }
}

function cut(value: InventoryRow[string] | undefined): ReactNode {
  const safe = safeText(value)
  return <span title={safe}>{safe}</span>
}
