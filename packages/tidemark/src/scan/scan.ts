import { Command } from 'commander'

import { systemClock } from '@tidemark/base'
import type { CommandContext } from '../context.ts'
import { askToScan } from '../host/processes.ts'
import { findInstallation } from '../installation/find-installation.ts'
import { readMachineStatus, type TrackingStatus } from '../status/machine-status.ts'
import { examplesText } from '../terminal/examples.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { scanFiles } from './scan-files.ts'

interface ScanOptions {
  readonly state?: string
  readonly root?: string
  readonly wait: boolean
  readonly json?: boolean
  readonly rule?: string
  readonly full?: boolean
  readonly content?: string
}

/** How long `tidemark scan` waits for the looks to be done, in milliseconds. */
export const SCAN_MS_MAX = 600_000

/**
 * `tidemark scan`: look at everything on this machine now, without waiting for the schedule; with `--rule` one scan of
 * files by itself, without agent or server.
 */
export function scanCommand(context: CommandContext): Command {
  return new Command('scan')
    .summary('Look at everything on this machine now; with --rule: one scan of files by itself')
    .description(
      'Look at everything on this machine now, and wait until it is done.\nWith --rule: scan files once, without agent or server, and print what changed since the last time.',
    )
    .option(
      '--state <path>',
      'state folder of "tidemark up" (default: ./var here or above); with --rule: the file that remembers',
    )
    .option('--root <folder>', 'below which change tracking keeps its things, where there is no state folder')
    .option('--no-wait', 'only ask for it')
    .option('--rule <file>', 'a rule as exported from Azure, or only its extensionSettings')
    .option('--full', 'with --rule: read every file again, also where nothing says that it changed')
    .option('--content <folder>', 'with --rule: keep contents there, for entries with uploadContent')
    .option('--json', 'print one JSON document; with --rule: each change as a row, one a line')
    .addHelpText(
      'after',
      `${examplesText(['scan', 'scan --no-wait', 'scan --rule rule.json --state /var/lib/files.db', 'scan --rule rule.json --state files.db --full --json | jq .FileSystemPath'])}\n\nExit codes with --rule: 0 nothing changed (or first scan), 1 changes, 2 trouble.`,
    )
    .action(async (options: ScanOptions) => await scan(context, options))
}

async function scan(context: CommandContext, options: ScanOptions): Promise<void> {
  const { rule, state } = options
  if (rule !== undefined) {
    if (state === undefined)
      throw new CommandError('bad-option', '--rule needs --state FILE: what is remembered from one scan to the next', {
        exitCode: exitCodes.usage,
      })
    if (!options.wait || options.root !== undefined)
      throw new CommandError('bad-option', '--no-wait and --root do not go with --rule', { exitCode: exitCodes.usage })
    return await scanFiles(context, { ...options, rule, state })
  }
  if (options.full === true || options.content !== undefined)
    throw new CommandError('bad-option', '--full and --content go with --rule', { exitCode: exitCodes.usage })
  const root = options.root ?? findInstallation(options, context.folder)?.root ?? '/'
  const before = readMachineStatus(root).tracking
  if (before === undefined || !askToScan(before.pid))
    throw new CommandError(
      'no-installation',
      `no change tracking runs below ${root}. Start it with "tidemark up", or say --state or --root.`,
    )
  if (!options.wait) return context.terminal.writeError('Asked for it.\n')
  const after = await untilLookedAgain(root, before, context.signal)
  if (options.json) return context.terminal.write(`${JSON.stringify(after.types)}\n`)
  for (const [type, { count, lastRunMs, lastError }] of Object.entries(after.types))
    context.terminal.write(
      `${type.padEnd(9)} ${count} looked at in ${lastRunMs ?? 0} ms${lastError ? `: ${lastError}` : ''}\n`,
    )
}

async function untilLookedAgain(root: string, before: TrackingStatus, signal: AbortSignal): Promise<TrackingStatus> {
  const deadlineMs = systemClock.monotonicMs() + SCAN_MS_MAX
  while (systemClock.monotonicMs() < deadlineMs) {
    const now = readMachineStatus(root).tracking
    if (now && Object.entries(now.types).every(([type, { lastRunAt }]) => lastRunAt !== before.types[type]?.lastRunAt))
      return now
    await systemClock.sleep(100, signal)
  }
  throw new CommandError('daemon-failed', `change tracking did not look again within ${SCAN_MS_MAX / 60_000} minutes`)
}
