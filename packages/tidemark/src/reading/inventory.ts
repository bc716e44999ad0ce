import { kqlString, type TrackedType } from '@tidemark/model'
import { Argument, type Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { coloured } from '../terminal/terminal.ts'
import { textTable, type TextColumn } from '../terminal/text-table.ts'
import { type AskingOptions, askingCommand, parseLimit } from './options.ts'
import { cellText, filledCells, localTime, resultRows } from './result-rows.ts'

interface InventoryOptions extends AskingOptions {
  readonly machine?: string
  readonly text?: string
  readonly limit: number
}

type InventoryName = 'software' | 'files' | 'daemons'

interface InventoryView {
  readonly type: TrackedType
  /** The column by which items are named and sorted. */
  readonly name: string
  readonly shown: readonly (TextColumn & { readonly column: string })[]
}

const views: Readonly<Record<InventoryName, InventoryView>> = {
  software: {
    type: 'Software',
    name: 'SoftwareName',
    shown: [
      { title: 'NAME', column: 'SoftwareName' },
      { title: 'VERSION', column: 'CurrentVersion', widthMax: 40 },
      { title: 'ARCH', column: 'Architecture' },
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

/** `tidemark inventory`: what is installed, running and tracked, as last reported. */
export function inventoryCommand(context: CommandContext): Command {
  return askingCommand('inventory', 'What is installed, running and tracked, as last reported', [
    'inventory software --text openssl',
    'inventory daemons --machine web-1 --json',
  ])
    .addArgument(new Argument('<what>', 'which inventory').choices(Object.keys(views)))
    .option('--machine <name>', 'only this machine')
    .option('--text <text>', 'only names that contain this')
    .option('--limit <rows>', 'rows at most', parseLimit, 100_000)
    .action(async (what: InventoryName, options: InventoryOptions) => {
      const client = new ServerClient(findServer(options, context), context.signal)
      const rows = resultRows(await client.query(inventoryQuery(what, options)))
      const { terminal } = context
      if (options.json) for (const row of rows) terminal.write(`${JSON.stringify(filledCells(row))}\n`)
      else if (rows.length === 0)
        terminal.writeError(
          options.text === undefined && options.machine === undefined
            ? 'Nothing yet. The first inventory comes with the baseline; "tidemark status" tells how far it is.\n'
            : 'Nothing matches.\n',
        )
      else {
        const columns = [{ title: 'MACHINE', column: 'Computer', widthMax: 30 }, ...views[what].shown]
        const cells = rows.map((row) =>
          columns.map(({ column }) => (column.startsWith('Date') ? localTime(row[column]) : cellText(row[column]))),
        )
        const [title = '', ...lines] = textTable(columns, cells)
        terminal.write(`${coloured(terminal, 'bold', title)}\n${lines.join('\n')}\n`)
      }
    })
}

/** Each item of the machine's last inventory, whose rows share one time: what is not in it any more is gone. */
export function inventoryQuery(
  what: InventoryName,
  options: Pick<InventoryOptions, 'machine' | 'text' | 'limit'>,
): string {
  const { type, name } = views[what]
  return [
    `let snapshots = ConfigurationData | where ConfigDataType == ${kqlString(type)};`,
    'snapshots',
    ...(options.machine === undefined ? [] : [`| where Computer =~ ${kqlString(options.machine)}`]),
    ...(options.text === undefined ? [] : [`| where ${name} contains ${kqlString(options.text)}`]),
    '| join kind=inner (snapshots | summarize Newest = max(TimeGenerated) by Computer) on Computer',
    '| where TimeGenerated == Newest',
    '| project-away Computer1, Newest',
    `| sort by Computer asc, ${name} asc`,
    `| take ${options.limit}`,
  ].join('\n')
}
