import type { TrackedType } from '@tidemark/model'

import { coloured, type Terminal } from '../terminal/terminal.ts'
import { textTable, type TextColumn } from '../terminal/text-table.ts'
import { cellText, localTime, type ResultRow } from './result-rows.ts'

/** What `tidemark inventory` can be asked for. */
export type InventoryName = 'software' | 'files' | 'daemons'

/** How one inventory is shown. */
export interface InventoryView {
  readonly type: TrackedType
  /** The column by which items are named and sorted. */
  readonly name: string
  readonly shown: readonly (TextColumn & { readonly column: string })[]
}

/** All inventories, by the word that asks for them. */
export const views: Readonly<Record<InventoryName, InventoryView>> = {
  software: {
    type: 'Software',
    name: 'SoftwareName',
    shown: [
      { title: 'NAME', column: 'SoftwareName' },
      { title: 'VERSION', column: 'CurrentVersion', widthMax: 40 },
      { title: 'ARCH', column: 'Architecture' },
      { title: 'SOURCE', column: 'SoftwareSource' },
      { title: 'PUBLISHER', column: 'Publisher', widthMax: 50 },
    ],
  },
  files: {
    type: 'Files',
    name: 'FileSystemPath',
    shown: [
      { title: 'PATH', column: 'FileSystemPath' },
      { title: 'SIZE', column: 'Size', align: 'right' },
      { title: 'MODE', column: 'FileMode' },
      { title: 'OWNER', column: 'FileOwner' },
      { title: 'MODIFIED', column: 'DateModified' },
    ],
  },
  daemons: {
    type: 'Daemons',
    name: 'SvcName',
    shown: [
      { title: 'NAME', column: 'SvcName' },
      { title: 'STATE', column: 'SvcState' },
      { title: 'STARTUP', column: 'SvcStartupType' },
      { title: 'DESCRIPTION', column: 'SvcDescription', widthMax: 60 },
    ],
  },
}

/** Prints rows of an inventory as a table for people. */
export function printInventory(terminal: Terminal, what: InventoryName, rows: readonly ResultRow[]): void {
  const columns = [{ title: 'MACHINE', column: 'Computer', widthMax: 30 }, ...views[what].shown]
  const cells = rows.map((row) =>
    columns.map(({ column }) => (column.startsWith('Date') ? localTime(row[column]) : cellText(row[column]))),
  )
  const [title = '', ...lines] = textTable(columns, cells)
  terminal.write(`${coloured(terminal, 'bold', title)}\n${lines.join('\n')}\n`)
}
