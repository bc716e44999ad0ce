import { resolve } from 'node:path'

import { systemClock } from '@tidemark/base'
import { Command } from 'commander'
import { pino } from 'pino'

import type { CommandContext } from '../context.ts'
import { examplesText } from '../terminal/examples.ts'
import { CommandError } from '../terminal/exit.ts'

interface RestoreOptions {
  readonly state: string
}

/** `tidemark restore FOLDER`: a state folder out of a backup, without a server. */
export function restoreCommand(context: CommandContext): Command {
  return new Command('restore')
    .description('Make a new state folder out of a backup, checked file by file')
    .argument('<folder>', 'what "tidemark backup" wrote')
    .requiredOption('--state <folder>', 'the state folder to make; it must be new or empty')
    .addHelpText('after', examplesText(['restore /srv/backups/2026-11-24 --state /var/lib/tidemark']))
    .action(async (folder: string, options: RestoreOptions) => {
      const { restoreBackup, ServerError } = await import('@tidemark/server')
      const [from, stateFolder] = [resolve(context.folder, folder), resolve(context.folder, options.state)]
      try {
        const log = pino({ level: 'silent' })
        const { files, version } = await restoreBackup({ from, stateFolder }, { clock: systemClock, log })
        context.terminal.write(
          `${stateFolder}: ${files} files of version ${version}. Start it: tidemark server --state ${stateFolder}\n`,
        )
      } catch (cause) {
        if (!(cause instanceof ServerError)) throw cause
        throw new CommandError('not-restored', cause.message, { cause })
      }
    })
}
