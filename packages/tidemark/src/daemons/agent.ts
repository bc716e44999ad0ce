import { agentPlaces } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { type Daemon, type DaemonLife, runDaemon } from './daemon.ts'
import { daemonCommand, secondsAsMs } from './options.ts'

interface AgentOptions {
  readonly root: string
  readonly socketsDirectory?: string
  readonly uploadInterval?: number
  readonly refreshInterval?: number
  readonly heartbeatInterval?: number
  readonly logFile?: string
  readonly logLevel: string
}

/** `tidemark agent`: fetches rules, owns the sockets, buffers to disk, uploads. */
export function agentCommand(context: CommandContext): Command {
  return daemonCommand('agent', 'Fetch rules, take what extensions collect, keep it on disk, upload it', [
    'agent',
    'agent --root ./var/machine --upload-interval 1',
  ])
    .option('--root <folder>', 'below which the paths of the described system are', '/')
    .option('--sockets-directory <folder>', 'open the sockets as files there, where there are no abstract ones')
    .option('--upload-interval <seconds>', 'how often each sink is uploaded', secondsAsMs)
    .option('--refresh-interval <seconds>', 'how often the rules are asked for', secondsAsMs)
    .option('--heartbeat-interval <seconds>', 'how often a heartbeat is sent', secondsAsMs)
    .option('--log-file <file>', 'file for the log; "-" is standard output (default: below the root)')
    .action(async (options: AgentOptions) => {
      const logFile = options.logFile ?? agentPlaces(options.root).log
      await runDaemon(context, { logFile, logLevel: options.logLevel }, (life) => open(options, life))
    })
}

async function open(options: AgentOptions, life: DaemonLife): Promise<Daemon> {
  // Loaded here and not above: each program carries only what it needs.
  const { agentSettings, openAgent } = await import('@tidemark/agent')
  const settings = agentSettings.parse({
    root: options.root,
    sockets: { directory: options.socketsDirectory },
    upload: { intervalMs: options.uploadInterval },
    rules: { refreshMs: options.refreshInterval },
    heartbeat: { intervalMs: options.heartbeatInterval },
  })
  const agent = await openAgent(settings, life)
  return {
    announce: `tidemark agent runs; "tidemark status" tells how it does`,
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  }
}
