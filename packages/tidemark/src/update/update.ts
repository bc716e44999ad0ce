import { resolve } from 'node:path'

import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { readText, reasonOf } from '../host/files.ts'
import { examplesText } from '../terminal/examples.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { thisInstaller } from './host/dpkg-and-rpm.ts'
import { openVault } from './host/vault-folder.ts'
import { type Installed, type Installer, installSigned } from './install-signed.ts'

interface UpdateOptions {
  readonly signature?: string
  readonly key: string
  readonly sha256?: string
  readonly vault: string
  readonly allowDowngrade?: boolean
  readonly json?: boolean
}

/** The one package that agent and change tracking are in. */
export const PACKAGE = 'tidemark-agent'

/** `tidemark update`: installs a package of ours, only where its signature is by the key that this machine believes. */
export function updateCommand(
  context: CommandContext,
  installerOf: () => Installer | undefined = thisInstaller,
): Command {
  return new Command('update')
    .description('Install a signed package of agent and change tracking, or leave everything as it is')
    .argument('<file>', 'the .deb or .rpm')
    .option('--signature <file>', 'its signature (default: <file>.sig)')
    .option('--key <file>', 'public key (PEM, Ed25519) that packages are to be signed with', '/etc/tidemark/update.pub')
    .option('--sha256 <hex>', 'what the file is to have')
    .option('--vault <folder>', 'where the package is kept, for a way back', '/var/lib/tidemark-update')
    .option('--allow-downgrade', 'install it also where a later version is there')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examplesText(['update ./tidemark-agent_1.2.0_amd64.deb']))
    .action((file: string, options: UpdateOptions) => {
      const installer = installerOf()
      if (installer === undefined)
        throw new CommandError('not-found', 'this machine has neither dpkg nor rpm: packages cannot be installed')
      const path = resolve(context.folder, file)
      const done = installSigned(
        {
          path,
          name: PACKAGE,
          signature: textIn(resolve(context.folder, options.signature ?? `${file}.sig`)),
          publicKey: textIn(resolve(context.folder, options.key)),
          ...(options.sha256 === undefined ? {} : { sha256: options.sha256 }),
          isDowngradeAllowed: options.allowDowngrade ?? false,
        },
        installer,
        openVault(resolve(context.folder, options.vault)),
      )
      context.terminal.write(options.json ? `${JSON.stringify(done)}\n` : `${textOf(done)}\n`)
      if (done.kind === 'refused') context.setExitCode(exitCodes.trouble)
      if (done.kind === 'failed') context.setExitCode(exitCodes.unavailable)
    })
}

function textIn(path: string): string {
  try {
    return readText(path)
  } catch (cause) {
    throw new CommandError('bad-option', `${path} cannot be read: ${reasonOf(cause)}`, {
      cause,
      exitCode: exitCodes.usage,
    })
  }
}

function textOf(done: Installed): string {
  switch (done.kind) {
    case 'installed':
      return `${PACKAGE} ${done.version} is installed${done.before === undefined ? '' : `, ${done.before} was`}`
    case 'there-already':
      return `${PACKAGE} ${done.version} is installed already`
    case 'refused':
      return `Refused, and nothing was touched: ${done.reason}`
    case 'failed':
      return `It could not be installed: ${done.reason}\n${done.isRolledBack ? 'The version of before is installed again.' : 'There is no package of before to go back to: see what the package manager has.'}`
  }
}
