import { kqlString } from '@tidemark/model'
import { Argument, type Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { localInventory } from './inventory-local.ts'
import { type InventoryName, printInventory, views } from './inventory-view.ts'
import { type AskingOptions, askingCommand, parseLimit } from './options.ts'
import { filledCells, resultRows } from './result-rows.ts'

interface InventoryOptions extends AskingOptions {
  readonly machine?: string
  readonly text?: string
  readonly limit: number
  readonly local?: boolean
  readonly root?: string
  readonly rule?: string
}

/** `tidemark inventory`: what is installed, running and tracked, as last reported or, with `--local`, now. */
export function inventoryCommand(context: CommandContext): Command {
  return askingCommand('inventory', 'What is installed, running and tracked, as last reported', [
    'inventory software --text openssl',
    'inventory daemons --machine web-1 --json',
    'inventory software --local --json',
    'inventory software --local --root /mnt/image',
  ])
    .addArgument(new Argument('<what>', 'which inventory').choices(Object.keys(views)))
    .option('--machine <name>', 'only this machine')
    .option('--text <text>', 'only names that contain this')
    .option('--limit <rows>', 'rows at most', parseLimit, 100_000)
    .option('--local', 'collect now on this machine, without agent or server: software, daemons')
    .option('--root <folder>', 'with --local: another root (an image, a container, a captured tree)')
    .option('--rule <file>', 'with --local: what this rule asks for (packages of pip and npm)')
    .action(async (what: InventoryName, options: InventoryOptions) => {
      assertGoTogether(options)
      if (options.local) return await localInventory(context, what, options)
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
      else printInventory(terminal, what, rows)
    })
}

function assertGoTogether(options: InventoryOptions): void {
  const { local, root, rule, machine, server, tokenFile, state } = options
  if (local) {
    const asking = { '--machine': machine, '--server': server, '--token-file': tokenFile, '--state': state }
    const [wrong] = Object.entries(asking).filter(([, value]) => value !== undefined)
    if (wrong === undefined) return
    throw new CommandError(
      'bad-option',
      `${wrong[0]} is for what was reported to a server, and does not go with --local`,
      {
        exitCode: exitCodes.usage,
      },
    )
  }
  if (root !== undefined || rule !== undefined)
    throw new CommandError('bad-option', '--root and --rule go with --local', { exitCode: exitCodes.usage })
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
