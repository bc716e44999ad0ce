import type { ChangeTrackingSettings } from '@tidemark/changetracking'
import { changeTrackingPlaces, machineModes } from '@tidemark/model'
import { type Command, Option } from 'commander'

import type { CommandContext } from '../context.ts'
import { onScanRequest } from '../host/scan-request.ts'
import { type ChangeTrackingOptions, readChangeTrackingSettings } from './changetracking-settings.ts'
import { type Daemon, type DaemonLife, runDaemon } from './daemon.ts'
import { daemonCommand, saidOptions, secondsAsMs } from './options.ts'

/** `tidemark changetracking`: looks at this machine and hands over what changed. */
export function changeTrackingCommand(context: CommandContext): Command {
  return daemonCommand('changetracking', 'Look at this machine as the rules say and hand over what changed', [
    'changetracking',
    'changetracking --mode arc',
    'changetracking --root ./var/machine',
  ])
    .option('--root <folder>', 'below which database and logs are', '/')
    .option('--settings <file>', 'settings as JSON (default: etc/opt/microsoft/changetracking/changetracking.json)')
    .addOption(
      new Option('--mode <mode>', 'where JSON files and logs are: as on an Azure VM or an Arc machine').choices([
        ...machineModes,
      ]),
    )
    .option('--sockets-directory <folder>', "where the agent's sockets are, where they are files")
    .option('--refresh-interval <seconds>', 'how often the agent is asked for the rules', secondsAsMs)
    .option('--log-file <file>', 'file for the log; "-" is standard output (default: below the root)')
    .action(async (given: ChangeTrackingOptions, command: Command) => {
      const { version } = await import('@tidemark/changetracking')
      const options = saidOptions(given, command)
      const read = async (): Promise<ChangeTrackingSettings> =>
        await readChangeTrackingSettings(options, context.folder)
      const settings = await read()
      const { mode, root, log } = settings
      const { level, ...limits } = log
      await runDaemon(
        context,
        {
          logFile: options.logFile ?? changeTrackingPlaces(root, { mode, version }).log,
          logLevel: level,
          logLimits: limits,
          nextLogLevel: async () => (await read()).log.level,
        },
        (life) => open(settings, life),
      )
    })
}

async function open(settings: ChangeTrackingSettings, life: DaemonLife): Promise<Daemon> {
  // Loaded here and not above: each program carries only what it needs.
  const { openChangeTracking } = await import('@tidemark/changetracking')
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
