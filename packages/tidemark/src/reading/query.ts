import type { QueryTable } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { coloured } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'
import { type AskingOptions, askingCommand } from './options.ts'
import { cellText, resultRows } from './result-rows.ts'

interface QueryOptions extends AskingOptions {
  readonly timespan?: string
}

/** Characters of a cell that a printed result shows; `--json` prints them whole. */
const CELL_CHARS_MAX = 60

/** `tidemark query`: KQL over the tables. */
export function queryCommand(context: CommandContext): Command {
  return askingCommand(
    'query',
    'Run a KQL query over ConfigurationChange, ConfigurationData, Heartbeat, TidemarkVisibility, TidemarkOperation',
    [
      "query 'ConfigurationChange | where TimeGenerated > ago(1d) | summarize count() by ConfigChangeType'",
      "query --json 'Heartbeat | summarize arg_max(TimeGenerated, *) by Computer'",
    ],
  )
    .argument('<kql>', 'the query')
    .option('--timespan <iso>', 'only rows of this time: P1D, or start/end (ISO 8601)')
    .action(async (text: string, options: QueryOptions) => {
      const client = new ServerClient(findServer(options, context), context.signal)
      const response = await client.query(text, options.timespan)
      const { terminal } = context
      if (options.json) for (const row of resultRows(response)) terminal.write(`${JSON.stringify(row)}\n`)
      else for (const table of response.tables.slice(0, 1)) printTable(context, table)
      for (const { line, column, message } of response.hints ?? [])
        terminal.writeError(`line ${line}, column ${column}: ${message}\n`)
      if (response.error) terminal.writeError(`The result is partial: ${response.error.message}\n`)
    })
}

function printTable({ terminal }: CommandContext, table: QueryTable): void {
  const shown = columnsWithValues(table)
  const [title = '', ...lines] = textTable(
    shown.map(({ name, type }) => ({
      title: name,
      widthMax: CELL_CHARS_MAX,
      align: type === 'long' || type === 'real' ? 'right' : 'left',
    })),
    table.rows.map((row) => shown.map(({ index }) => cellText(row[index]))),
  )
  terminal.write(`${coloured(terminal, 'bold', title)}\n${lines.map((line) => `${line}\n`).join('')}`)
  terminal.writeError(
    `${table.rows.length} rows${shown.length < table.columns.length ? `, ${table.columns.length - shown.length} empty columns not shown (--json has all)` : ''}\n`,
  )
}

/** A whole row of a wide table has mostly empty columns: those that are empty in every row are left out. */
function columnsWithValues(table: QueryTable): { name: string; type: string; index: number }[] {
  const all = table.columns.map((column, index) => ({ ...column, index }))
  if (table.rows.length === 0 || all.length <= 8) return all
  return all.filter(({ index }) => table.rows.some((row) => cellText(row[index]) !== ''))
}
