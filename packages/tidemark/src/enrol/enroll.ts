import { systemClock } from '@tidemark/base'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { readTextIfThere } from '../host/files.ts'
import { examplesText } from '../terminal/examples.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { proxiesOf } from './proxies.ts'

interface EnrollOptions {
  readonly server: string
  readonly token?: string
  readonly tokenFile?: string
  readonly root: string
  readonly ca?: string
  readonly certificate?: string
  readonly certificateKey?: string
  readonly replace?: boolean
  readonly json?: boolean
}

/** `tidemark enroll`: gives this machine a key of its own and makes it known to a server. */
export function enrollCommand(context: CommandContext): Command {
  return new Command('enroll')
    .description('Make this machine known to a server, by a token from "tidemark enroll-token create"')
    .requiredOption('--server <url>', 'address of the server')
    .option('--token <token>', 'enrolment token [TIDEMARK_ENROL_TOKEN]')
    .option('--token-file <file>', 'file with the enrolment token')
    .option('--root <folder>', 'below which the agent keeps its things', '/')
    .option('--ca <file>', 'PEM file of an authority to believe besides the system’s')
    .option('--certificate <file>', 'PEM file by which this machine shows itself (mutual TLS)')
    .option('--certificate-key <file>', 'PEM file with the key of that certificate')
    .option('--replace', 'this machine was installed anew: take the place that it had')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examplesText(['enroll --server https://tidemark.example:8437 --token tm_enrol_…']))
    .action(async (options: EnrollOptions) => await enroll(context, options))
}

async function enroll(context: CommandContext, options: EnrollOptions): Promise<void> {
  const { enrolMachine } = await import('@tidemark/agent')
  const token = tokenOf(context, options)
  if (!URL.canParse(options.server))
    throw new CommandError('bad-option', `"${options.server}" is no address; write https://host:port`, {
      exitCode: exitCodes.usage,
    })
  try {
    const { resourceId, keyId } = await enrolMachine({
      root: options.root,
      serverUrl: options.server.replace(/\/+$/, ''),
      token,
      isReplacement: options.replace ?? false,
      http: {
        caFile: options.ca,
        certificateFile: options.certificate,
        certificateKeyFile: options.certificateKey,
        ...proxiesOf(context.environment),
      },
      clock: systemClock,
      signal: context.signal,
    })
    if (options.json) context.terminal.write(`${JSON.stringify({ resourceId, keyId, server: options.server })}\n`)
    else
      context.terminal.write(
        `This machine is known to ${options.server} as ${resourceId}.\nStart the agent, or start it again.\n`,
      )
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error
    throw new CommandError('sign-in-refused', error.message, { cause: error })
  }
}

function tokenOf({ environment }: CommandContext, { token, tokenFile }: EnrollOptions): string {
  const text = token ?? (tokenFile === undefined ? environment['TIDEMARK_ENROL_TOKEN'] : readTextIfThere(tokenFile))
  if (text?.trim()) return text.trim()
  const why =
    tokenFile === undefined ? 'say --token, --token-file or TIDEMARK_ENROL_TOKEN' : `${tokenFile} cannot be read`
  throw new CommandError('bad-option', `there is no enrolment token: ${why}`, { exitCode: exitCodes.usage })
}
