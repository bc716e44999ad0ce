import { resolve } from 'node:path'

import type { BackupView } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { type AskingOptions, askingCommand } from '../reading/options.ts'

/** How long a backup may take, in milliseconds: a day. */
const BACKUP_MS_MAX = 86_400_000

/** `tidemark backup FOLDER`: everything that the server keeps, while it runs. */
export function backupCommand(context: CommandContext): Command {
  return askingCommand('backup', 'Write everything that the server keeps into a new folder of its machine', [
    'backup /srv/backups/2026-11-24',
  ])
    .argument('<folder>', 'where nothing is yet; "tidemark restore" reads it')
    .action(async (folder: string, options: AskingOptions) => {
      const client = new ServerClient(findServer(options, context), context.signal)
      const body = { folder: resolve(context.folder, folder) }
      const written = await client.call<BackupView>('POST', '/api/backups', body, BACKUP_MS_MAX)
      if (options.json) return context.terminal.write(`${JSON.stringify(written)}\n`)
      const megabytes = (written.bytes / 1_000_000).toFixed(1)
      context.terminal.write(`${written.folder}: ${written.files} files, ${megabytes} MB\n`)
      if (!written.hasContents)
        context.terminal.writeError('contents of files are kept elsewhere and are not in it: back up that place, too\n')
    })
}
