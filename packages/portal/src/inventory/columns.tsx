import { safeText, timeText } from '../view/text.ts'
import type { TableColumn } from '../view/virtual-table.tsx'
import type { InventoryRow, TabName } from './inventory-view.ts'

const machine = text('Machine', 'Computer', 'minmax(80px, 180px)')
const refreshed: TableColumn<InventoryRow> = {
  title: 'Last refreshed',
  width: '160px',
  cell: (row) => timeText(row['TimeGenerated']),
  isMinor: true,
}

/** The columns of each tab. */
export const columns: Readonly<Record<TabName, readonly TableColumn<InventoryRow>[]>> = {
  software: [
    { ...text('Name', 'SoftwareName', 'minmax(120px, 2fr)'), isMinor: false },
    { ...text('Version', 'CurrentVersion', 'minmax(90px, 1.2fr)'), isMinor: false },
    text('Publisher', 'Publisher', 'minmax(100px, 2fr)'),
    machine,
    refreshed,
  ],
  files: [
    { ...text('Path', 'FileSystemPath', 'minmax(140px, 3fr)'), isMinor: false },
    text('Size', 'Size', '90px'),
    text('Mode', 'FileMode', '70px'),
    text('Owner', 'FileOwner', '90px'),
    machine,
    refreshed,
  ],
  daemons: [
    { ...text('Name', 'SvcName', 'minmax(120px, 2fr)'), isMinor: false },
    { ...text('State', 'SvcState', '90px'), isMinor: false },
    text('Startup', 'SvcStartupType', '100px'),
    text('Description', 'SvcDescription', 'minmax(100px, 3fr)'),
    machine,
    refreshed,
  ],
}

function text(title: string, name: string, width: string): TableColumn<InventoryRow> {
  return {
    title,
    width,
    cell: (row) => <span title={safeText(row[name])}>{safeText(row[name])}</span>,
    isMinor: true,
  }
}
