import { kqlString, trackedTypes } from '@tidemark/model'
import { Option, type Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { coloured, type Colour } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'
import { changeActor, changedThing, changeSummary } from './change-text.ts'
import { type AskingOptions, askingCommand, parseLimit, parseSpan, ROWS_SHOWN_MAX } from './options.ts'
import { cellText, filledCells, localTime, resultRows, type ResultRow } from './result-rows.ts'

interface ChangesOptions extends AskingOptions {
  readonly since: string
  readonly type?: string
  readonly machine?: string
  readonly text?: string
  readonly limit: number
}

/** `tidemark changes`: what changed, newest first. */
export function changesCommand(context: CommandContext): Command {
  return askingCommand('changes', 'What changed, newest first, and who did it', [
    'changes --since 1h',
    'changes --since 7d --type Software --machine web-1',
    'changes --text sshd_config --json | jq .FieldsChanged',
  ])
    .option('--since <span>', 'how far back: 30m, 1h, 7d', parseSpan, '1d')
    .addOption(new Option('--type <type>', 'only this type').choices(trackedTypes))
    .option('--machine <name>', 'only this machine')
    .option('--text <text>', 'only where a path, package or daemon contains this')
    .option('--limit <rows>', 'rows at most', parseLimit, ROWS_SHOWN_MAX)
    .action(async (options: ChangesOptions) => {
      const client = new ServerClient(findServer(options, context), context.signal)
      const rows = resultRows(await client.query(changesQuery(options)))
      if (options.json) for (const row of rows) context.terminal.write(`${JSON.stringify(filledCells(row))}\n`)
      else printChanges(context, rows, options)
    })
}

/** The KQL behind the command. */
export function changesQuery(options: Pick<ChangesOptions, 'since' | 'type' | 'machine' | 'text' | 'limit'>): string {
  const conditions = [
    `TimeGenerated > ago(${options.since})`,
    ...(options.type === undefined ? [] : [`ConfigChangeType == ${kqlString(options.type)}`]),
    ...(options.machine === undefined ? [] : [`Computer =~ ${kqlString(options.machine)}`]),
    ...(options.text === undefined
      ? []
      : [
          ['FileSystemPath', 'SoftwareName', 'SvcName']
            .map((column) => `${column} contains ${kqlString(options.text ?? '')}`)
            .join(' or '),
        ]),
  ]
  return `ConfigurationChange\n${conditions.map((one) => `| where ${one}`).join('\n')}\n| top ${options.limit} by TimeGenerated desc`
}

const colourOf: Readonly<Record<string, Colour>> = { Added: 'green', Removed: 'red', Modified: 'yellow' }

function printChanges(context: CommandContext, rows: readonly ResultRow[], options: ChangesOptions): void {
  const { terminal } = context
  if (rows.length === 0) {
    terminal.writeError(
      `No changes in the last ${options.since}. Look further back with --since 7d; "tidemark status" tells what is tracked.\n`,
    )
    return
  }
  const [title = '', ...lines] = textTable(
    [
      { title: 'TIME' },
      { title: 'MACHINE', widthMax: 30 },
      { title: 'TYPE' },
      { title: 'CATEGORY' },
      { title: 'WHAT', widthMax: 80 },
      { title: 'WHO', widthMax: 50 },
      { title: 'HOW' },
    ],
    rows.map((row) => [
      localTime(row['TimeGenerated']),
      cellText(row['Computer']),
      cellText(row['ConfigChangeType']),
      cellText(row['ChangeCategory']),
      changedThing(row),
      changeActor(row),
      changeSummary(row),
    ]),
  )
  terminal.write(`${coloured(terminal, 'bold', title)}\n`)
  for (const [index, line] of lines.entries()) {
    const category = cellText(rows[index]?.['ChangeCategory'])
    terminal.write(`${line.replace(category, coloured(terminal, colourOf[category] ?? 'cyan', category))}\n`)
  }
  if (rows.length === options.limit)
    terminal.writeError(`Only the newest ${options.limit} are shown; --limit shows more.\n`)
}
