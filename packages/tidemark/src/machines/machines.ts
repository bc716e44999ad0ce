import type { MachineActionView, MachineView } from '@tidemark/model'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { askingCommand, type AskingOptions } from '../reading/options.ts'
import { bytesText } from '../rules/amounts.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { coloured, safeText } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'

interface ActingOptions extends AskingOptions {
  readonly reason: string
}

/** `tidemark machines`: who reports, with which versions, and whose word is taken. */
export function machinesCommand(context: CommandContext): Command {
  const acts = [
    {
      name: 'revoke',
      summary: 'Take nothing more from a machine, at once',
      path: '/api/machine-keys/revocations',
      done: 'nothing is taken from it any more; "tidemark machines restore" takes it in again',
    },
    {
      name: 'restore',
      summary: 'Take in a machine again that was revoked, by the key that it had',
      path: '/api/machine-keys/restorations',
      done: 'what comes from it is taken again',
    },
    {
      name: 'rotate-key',
      summary: 'Let a machine make another key for itself',
      path: '/api/machine-keys/rotations',
      done: 'it makes another key with its next access token, within 15 minutes',
    },
  ] as const
  const command = new Command('machines')
    .description('Machines: versions, rules in force, backlog, and whose word is taken')
    .addCommand(listCommand(context))
    .addCommand(actionsCommand(context))
  for (const act of acts)
    command.addCommand(
      askingCommand(act.name, act.summary, [`machines ${act.name} web-1 --reason "stolen"`])
        .argument('<machine>', 'its name, its machine id or its resource id')
        .option('--reason <text>', 'for whoever asks later', '')
        .action(async (text: string, options: ActingOptions) => {
          const client = clientOf(context, options)
          const { computer, resourceId } = findMachine(await client.machines(), text)
          await client.call('POST', act.path, { resourceId, reason: options.reason })
          context.terminal.writeError(`${safeText(computer)}: ${act.done}\n`)
        }),
    )
  return command
}

function listCommand(context: CommandContext): Command {
  return askingCommand('list', 'List the machines, those that need attention first', ['machines list --json']).action(
    async (options: AskingOptions) => {
      const machines = await clientOf(context, options).machines()
      const { terminal } = context
      if (options.json) return machines.forEach((machine) => terminal.write(`${JSON.stringify(machine)}\n`))
      const titles = [
        'MACHINE',
        'STATUS',
        'LAST HEARTBEAT',
        'AGENT',
        'EXTENSION',
        'RULES IN FORCE',
        'BACKLOG',
        'DETAIL',
      ]
      const [title = '', ...lines] = textTable(
        titles.map((one) => ({ title: one })),
        machines.map(machineLine),
      )
      terminal.write(`${[coloured(terminal, 'bold', title), ...lines].join('\n')}\n`)
    },
  )
}

function machineLine(machine: MachineView): string[] {
  const { computer, status, statusDetail, lastHeartbeatAt, agentVersion, extensionVersion, backlogBytes } = machine
  const rules = machine.rulesInForce.map(
    ({ name, immutableId, isCurrent }) => `${name || immutableId}${isCurrent ? '' : ' (older)'}`,
  )
  return [
    computer,
    status,
    lastHeartbeatAt?.slice(0, 19).replace('T', ' ') ?? 'none yet',
    agentVersion,
    extensionVersion,
    rules.join(', '),
    bytesText(backlogBytes),
    statusDetail,
  ]
}

function actionsCommand(context: CommandContext): Command {
  return askingCommand('actions', 'What people did about machines, the newest first', ['machines actions']).action(
    async (options: AskingOptions) => {
      const path = '/api/machine-actions'
      const { machineActions } = await clientOf(context, options).call<{ machineActions: MachineActionView[] }>(
        'GET',
        path,
      )
      const { terminal } = context
      if (options.json) return machineActions.forEach((action) => terminal.write(`${JSON.stringify(action)}\n`))
      const lines = textTable(
        ['WHEN', 'WHO', 'WHAT', 'MACHINE', 'REASON'].map((title) => ({ title })),
        machineActions.map(({ at, who, what, resourceId, reason }) => [
          at.slice(0, 19).replace('T', ' '),
          who || 'itself',
          what,
          resourceId.split('/').at(-1) ?? '',
          reason,
        ]),
      )
      terminal.write(`${lines.join('\n')}\n`)
    },
  )
}

/** The one machine that is meant. Throws `CommandError` where there is none, or more than one. */
export function findMachine(machines: readonly MachineView[], text: string): MachineView {
  const wanted = text.toLowerCase()
  const found = machines.filter(({ computer, resourceId, sourceComputerId }) =>
    [computer, resourceId, sourceComputerId].some((one) => one.toLowerCase() === wanted),
  )
  const [machine, ...others] = found
  if (machine === undefined)
    throw new CommandError('not-found', `no machine is known as "${text}"; "tidemark machines list" shows them`, {
      exitCode: exitCodes.trouble,
    })
  if (others.length === 0) return machine
  const ids = found.map(({ resourceId }) => `  ${safeText(resourceId)}`).join('\n')
  throw new CommandError('bad-option', `${found.length} machines are called "${text}"; say the resource id:\n${ids}`, {
    exitCode: exitCodes.usage,
  })
}

function clientOf(context: CommandContext, options: AskingOptions): ServerClient {
  return new ServerClient(findServer(options, context), context.signal)
}
