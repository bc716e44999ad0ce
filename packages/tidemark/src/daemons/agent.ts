import type { AgentSettings, AgentStatus } from '@tidemark/agent'
import { agentPlaces } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { proxiesOf } from '../enrol/proxies.ts'
import { bytesText } from '../rules/amounts.ts'
import { type AgentOptions, readAgentSettings } from './agent-settings.ts'
import { type Daemon, type DaemonLife, runDaemon } from './daemon.ts'
import { daemonCommand, saidOptions, secondsAsMs } from './options.ts'

/** `tidemark agent`: fetches rules, owns the sockets, buffers to disk, uploads. */
export function agentCommand(context: CommandContext): Command {
  return daemonCommand('agent', 'Fetch rules, take what extensions collect, keep it on disk, upload it', [
    'agent',
    'agent --root ./var/machine --upload-interval 1',
  ])
    .option('--root <folder>', 'below which the paths of the described system are', '/')
    .option('--settings <file>', 'settings as JSON (default: agent.json beside machine.json)')
    .option('--sockets-directory <folder>', 'open the sockets as files there, where there are no abstract ones')
    .option('--upload-interval <seconds>', 'how old rows may get before they are uploaded', secondsAsMs)
    .option('--refresh-interval <seconds>', 'how often the rules are asked for', secondsAsMs)
    .option('--heartbeat-interval <seconds>', 'how often a heartbeat is sent', secondsAsMs)
    .option('--diagnostics <address>', 'where /metrics and /healthz are: 127.0.0.1:9464, or a socket’s path')
    .option('--log-file <file>', 'file for the log; "-" is standard output (default: below the root)')
    .action(async (given: AgentOptions, command: Command) => {
      const options = saidOptions(given, command)
      const read = async (): Promise<AgentSettings> =>
        await readAgentSettings(options, { folder: context.folder, proxies: proxiesOf(context.environment) })
      const settings = await read()
      let next = settings
      const { level, ...limits } = settings.log
      await runDaemon(
        context,
        {
          logFile: options.logFile ?? agentPlaces(options.root).log,
          logLevel: level,
          logLimits: limits,
          nextLogLevel: async () => (next = await read()).log.level,
        },
        (life) => open(next, life),
      )
    })
}

async function open(settings: AgentSettings, life: DaemonLife): Promise<Daemon> {
  // Loaded here and not above: each program carries only what it needs.
  const { openAgent } = await import('@tidemark/agent')
  const agent = await openAgent(settings, life)
  return {
    announce: `tidemark agent runs; "tidemark status" tells how it does`,
    summary: () => summaryOf(agent.status()),
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  }
}

function summaryOf({ server, rules, streams }: AgentStatus): string {
  const answers = server.isReachable
    ? `${server.url} answers`
    : `${server.url} is away: ${server.lastError ?? 'not asked yet'}`
  const waiting = streams.reduce((sum, { backlogBytes }) => sum + backlogBytes, 0)
  return `${answers}; rules: ${rules.length}; waiting: ${bytesText(waiting)}`
}
