import { systemClock } from '@tidemark/base'
import type { AboutView, MachineView } from '@tidemark/model'
import { type Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { isAlive } from '../host/processes.ts'
import { missingSockets } from '../host/unix-sockets.ts'
import { thisMachine } from '../host/machine-facts.ts'
import { findInstallation, findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { askingCommand, type AskingOptions } from '../reading/options.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { judge, type Findings } from './judge.ts'
import { type AgentFileStatus, readMachineStatus } from './machine-status.ts'
import { statusText } from './status-text.ts'

interface StatusOptions extends AskingOptions {
  readonly root?: string
}

/** `tidemark status`: server, agent and change tracking in one screen; exit code 1 where something is wrong. */
export function statusCommand(context: CommandContext): Command {
  return askingCommand('status', 'Is all well on this machine, and if not, what is wrong', ['status', 'status --json'])
    .option('--root <folder>', 'below which agent and change tracking keep their things')
    .action(async (options: StatusOptions) => {
      const findings = await find(context, options)
      const verdict = judge(findings)
      if (options.json) context.terminal.write(`${JSON.stringify({ ...verdict, ...findings })}\n`)
      else context.terminal.write(statusText(context.terminal, findings, verdict))
      context.setExitCode(verdict.isHealthy ? exitCodes.ok : exitCodes.trouble)
    })
}

async function find(context: CommandContext, options: StatusOptions): Promise<Findings> {
  const root = options.root ?? findInstallation(options, context.folder)?.root ?? '/'
  const { agent, tracking, trackingLog } = readMachineStatus(root)
  return {
    machine: thisMachine().computer,
    root,
    server: byAgent(context, options, agent) ?? (await askServer(context, options)),
    agent: agent && { ...agent, isRunning: isAlive(agent.pid), socketsMissing: missingSockets(agent.sockets) },
    tracking: tracking && { ...tracking, isRunning: isAlive(tracking.pid) },
    trackingLog,
  }
}

/** On a machine of a fleet nobody said where the server is, nor is there a token for people: its agent knows. */
function byAgent(
  { environment, folder }: CommandContext,
  options: StatusOptions,
  agent: AgentFileStatus | undefined,
): Findings['server'] | undefined {
  const isSaid = options.server ?? environment['TIDEMARK_SERVER'] ?? findInstallation(options, folder)
  if (isSaid !== undefined || agent === undefined) return undefined
  const { lastHeartbeatAt } = agent
  const heartbeatAgeMs = lastHeartbeatAt ? systemClock.nowMs() - Date.parse(lastHeartbeatAt) : undefined
  return { kind: 'by-agent', url: agent.server.url, heartbeatAgeMs }
}

async function askServer(context: CommandContext, options: StatusOptions): Promise<Findings['server']> {
  try {
    const address = findServer(options, context)
    const client = new ServerClient(address, context.signal)
    const [about, machines]: [AboutView, readonly MachineView[]] = [await client.about(), await client.machines()]
    return { kind: 'answers', url: address.url, version: about.version, machines }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return { kind: 'away', reason: error.message }
  }
}
