import { RETENTION_DAYS_MAX, type RetentionView, tableNames } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { type AskingOptions, askingCommand } from '../reading/options.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { textTable } from '../terminal/text-table.ts'

/** `tidemark retention`: how long rows are kept. */
export function retentionCommand(context: CommandContext): Command {
  return askingCommand('retention', 'How many days rows of each table are kept; with TABLE=DAYS it is changed', [
    'retention',
    'retention Heartbeat=30 ConfigurationData=90 ConfigurationChange=forever',
  ])
    .argument('[changes...]', 'TABLE=DAYS or TABLE=forever; rows that are older are deleted')
    .action(async (changes: readonly string[], options: AskingOptions) => {
      const days = Object.fromEntries(changes.map(changeOf))
      const client = new ServerClient(findServer(options, context), context.signal)
      const view =
        changes.length === 0
          ? await client.call<RetentionView>('GET', '/api/retention')
          : await client.call<RetentionView>('PUT', '/api/retention', { days })
      const { terminal } = context
      if (options.json) return terminal.write(`${JSON.stringify(view)}\n`)
      const rows = Object.entries(view.days).map(([table, kept]) => [table, kept === null ? 'forever' : String(kept)])
      terminal.write(`${textTable([{ title: 'TABLE' }, { title: 'DAYS' }], rows).join('\n')}\n`)
    })
}

/** Reads `Heartbeat=30`. Throws `CommandError` for what is no such thing. */
export function changeOf(text: string): [table: string, days: number | null] {
  const [, table = '', days = ''] = /^(\w+)=(\d{1,5}|forever)$/.exec(text) ?? []
  const known = tableNames.find((name) => name === table)
  const count = Number(days)
  const isForever = days === 'forever'
  if (known !== undefined && (isForever || (count >= 1 && count <= RETENTION_DAYS_MAX)))
    return [known, isForever ? null : count]
  throw new CommandError(
    'bad-option',
    `"${text}" is not understood; write TABLE=DAYS or TABLE=forever, with a table of ${tableNames.join(', ')}`,
    { exitCode: exitCodes.usage },
  )
}
