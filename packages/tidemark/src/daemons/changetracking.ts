import { changeTrackingPlaces } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { onScanRequest } from '../host/scan-request.ts'
import { type Daemon, type DaemonLife, runDaemon } from './daemon.ts'
import { daemonCommand, secondsAsMs } from './options.ts'

interface ChangeTrackingOptions {
  readonly root: string
  readonly socketsDirectory?: string
  readonly refreshInterval?: number
  readonly logFile?: string
  readonly logLevel: string
}

/** `tidemark changetracking`: looks at this machine and hands over what changed. */
export function changeTrackingCommand(context: CommandContext): Command {
  return daemonCommand('changetracking', 'Look at this machine as the rules say and hand over what changed', [
    'changetracking',
    'changetracking --root ./var/machine',
  ])
    .option('--root <folder>', 'below which database and logs are', '/')
    .option('--sockets-directory <folder>', "where the agent's sockets are, where they are files")
    .option('--refresh-interval <seconds>', 'how often the agent is asked for the rules', secondsAsMs)
    .option('--log-file <file>', 'file for the log; "-" is standard output (default: below the root)')
    .action(async (options: ChangeTrackingOptions) => {
      const logFile = options.logFile ?? changeTrackingPlaces(options.root).log
      await runDaemon(context, { logFile, logLevel: options.logLevel }, (life) => open(options, life))
    })
}

async function open(options: ChangeTrackingOptions, life: DaemonLife): Promise<Daemon> {
  // Loaded here and not above: each program carries only what it needs.
  const { changeTrackingSettings, openChangeTracking } = await import('@tidemark/changetracking')
  const settings = changeTrackingSettings.parse({
    root: options.root,
    socketsDirectory: options.socketsDirectory,
    configRefreshMs: options.refreshInterval,
  })
  const tracking = await openChangeTracking(settings, life)
  const forget = onScanRequest(() => {
    tracking.scanNow().catch((error: unknown) => life.log.error({ error }, 'the scan that was asked for failed'))
  })
  return {
    announce: `tidemark changetracking runs; "tidemark status" tells how it does`,
    summary: () => {
      const { status, detail, outboxCount } = tracking.status()
      return `${status}${detail === '' ? '' : `: ${detail}`}; chunks waiting for the agent: ${outboxCount}`
    },
    async [Symbol.asyncDispose]() {
      forget()
      await tracking[Symbol.asyncDispose]()
    },
  }
}
