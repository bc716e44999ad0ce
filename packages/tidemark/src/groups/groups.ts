import type { GroupCheckView, GroupMachinesView, MachineGroupView } from '@tidemark/model'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { queryMistakes, ServerClient } from '../installation/server-client.ts'
import { type AskingOptions, askingCommand } from '../reading/options.ts'
import { exitCodes } from '../terminal/exit.ts'
import { coloured } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'

/** `tidemark groups`: saved queries that say which machines are meant. */
export function groupsCommand(context: CommandContext): Command {
  return new Command('groups')
    .description('Machine groups: saved queries that say which machines are meant')
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(createCommand(context))
    .addCommand(changeCommand(context))
    .addCommand(cloneCommand(context))
    .addCommand(deleteCommand(context))
    .addCommand(machinesCommand(context))
    .addCommand(validateCommand(context))
}

const place = (name: string): string => `/api/groups/${encodeURIComponent(name)}`

function listCommand(context: CommandContext): Command {
  return askingCommand('list', 'List the groups, by name', ['groups list']).action(async (options: AskingOptions) => {
    const { groups } = await clientOf(context, options).call<{ groups: MachineGroupView[] }>('GET', '/api/groups')
    if (options.json) return writeLines(context, groups)
    const rows = groups.map(({ name, description, query }) => [name, description, query.replaceAll(/\s+/g, ' ')])
    writeTable(context, ['NAME', 'DESCRIPTION', 'QUERY'], rows)
  })
}

function showCommand(context: CommandContext): Command {
  return askingCommand('show', 'Print the query of a group', ["groups show 'web servers'"])
    .argument('<name>', 'the name of a group, or its id')
    .action(async (name: string, options: AskingOptions) => {
      const group = await clientOf(context, options).call<MachineGroupView>('GET', place(name))
      if (options.json) return writeLines(context, [group])
      context.terminal.write(`${group.query}\n`)
    })
}

interface WishOptions extends AskingOptions {
  readonly name?: string
  readonly query?: string
  readonly description?: string
}

function createCommand(context: CommandContext): Command {
  return askingCommand('create', 'Make a group of a query whose answer has a column Computer', [
    `groups create 'web servers' --query 'Heartbeat | where Computer startswith "web"'`,
    `groups create 'old openssl' --query 'ConfigurationData | where SoftwareName == "openssl" and CurrentVersion startswith "1."'`,
  ])
    .argument('<name>', 'for people; no other group has it')
    .requiredOption('--query <kql>', 'the query: the values of its column Computer are the machines')
    .option('--description <text>', 'what it is for')
    .action(async (name: string, options: WishOptions) => {
      const { query = '', description } = options
      const wish = { name, query, ...(description === undefined ? {} : { description }) }
      await told(context, options, { method: 'POST', path: '/api/groups', wish, done: 'is made' })
    })
}

function changeCommand(context: CommandContext): Command {
  return askingCommand('change', 'Change the name, the query or the description of a group', [
    `groups change 'web servers' --query 'Heartbeat | where Computer startswith "www"'`,
  ])
    .argument('<name>', 'the name of a group, or its id')
    .option('--name <name>', 'its new name')
    .option('--query <kql>', 'its new query')
    .option('--description <text>', 'its new description')
    .action(async (name: string, options: WishOptions) => {
      const before = await clientOf(context, options).call<MachineGroupView>('GET', place(name))
      const { name: newName = before.name, query = before.query, description = before.description } = options
      const wish = { name: newName, query, description }
      await told(context, options, { method: 'PUT', path: place(before.id), wish, done: 'is changed' })
    })
}

function cloneCommand(context: CommandContext): Command {
  return askingCommand('clone', 'Make a copy of a group', [`groups clone 'web servers' --name 'web servers, Berlin'`])
    .argument('<name>', 'the name of a group, or its id')
    .option('--name <name>', 'of the copy (default: that of the group with "(copy)" behind it)')
    .action(async (name: string, options: WishOptions) => {
      const wish = options.name === undefined ? {} : { name: options.name }
      await told(context, options, { method: 'POST', path: `${place(name)}/clone`, wish, done: 'is made' })
    })
}

function deleteCommand(context: CommandContext): Command {
  return askingCommand('delete', 'Delete a group; its machines stay', [`groups delete 'web servers'`])
    .argument('<name>', 'the name of a group, or its id')
    .action(async (name: string, options: AskingOptions) => {
      await clientOf(context, options).call('DELETE', place(name))
      context.terminal.writeError(`${name} is deleted\n`)
    })
}

function machinesCommand(context: CommandContext): Command {
  return askingCommand('machines', 'Who is in a group now', [`groups machines 'web servers'`])
    .argument('<name>', 'the name of a group, or its id')
    .action(async (name: string, options: AskingOptions) => {
      const found = await clientOf(context, options).call<GroupMachinesView>(
        'GET',
        `${place(name)}/machines?top=100000`,
      )
      if (options.json) return writeLines(context, found.machines)
      for (const { computer } of found.machines) context.terminal.write(`${computer}\n`)
      context.terminal.writeError(countText(found))
    })
}

function validateCommand(context: CommandContext): Command {
  return askingCommand('validate', 'Whether a query makes a group, and whose it would be; code 1 where it does not', [
    `groups validate 'Heartbeat | where OSName == "Debian"'`,
  ])
    .argument('<kql>', 'the query')
    .action(async (query: string, options: AskingOptions) => {
      const checked = await clientOf(context, options).call<GroupCheckView>('POST', '/api/groups/validate', { query })
      const { terminal } = context
      if (!checked.isValid) context.setExitCode(exitCodes.trouble)
      if (options.json) return writeLines(context, [checked])
      if (!checked.isValid) return terminal.writeError(`${queryMistakes(query, checked.message, checked.problems)}\n`)
      for (const { computer } of checked.machines) terminal.write(`${computer}\n`)
      terminal.writeError(countText(checked))
    })
}

function countText({ count, machines }: GroupMachinesView): string {
  const more = count > machines.length ? `, the first ${machines.length.toLocaleString('en')} shown` : ''
  return `${count.toLocaleString('en')} ${count === 1 ? 'machine' : 'machines'}${more}\n`
}

/** Changes a group and tells its name, or all of it. */
async function told(
  context: CommandContext,
  options: AskingOptions,
  { method, path, wish, done }: { method: string; path: string; wish: object; done: string },
): Promise<void> {
  const group = await clientOf(context, options).call<MachineGroupView>(method, path, wish)
  if (options.json) return writeLines(context, [group])
  context.terminal.writeError(`${group.name} ${done} (${group.id})\n`)
}

function writeLines({ terminal }: CommandContext, values: readonly object[]): void {
  for (const value of values) terminal.write(`${JSON.stringify(value)}\n`)
}

function writeTable({ terminal }: CommandContext, titles: readonly string[], rows: string[][]): void {
  const [title = '', ...lines] = textTable(
    titles.map((one) => ({ title: one, widthMax: CELL_CHARS_MAX })),
    rows,
  )
  terminal.write(`${[coloured(terminal, 'bold', title), ...lines].join('\n')}\n`)
}

/** Characters of a cell that the list shows; `--json` prints them whole. */
const CELL_CHARS_MAX = 80

function clientOf(context: CommandContext, options: AskingOptions): ServerClient {
  return new ServerClient(findServer(options, context), context.signal)
}
