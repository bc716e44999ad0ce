import type { EnrolmentTokenView } from '@tidemark/model'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { askingCommand, type AskingOptions } from '../reading/options.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { safeText } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'

interface CreateOptions extends AskingOptions {
  readonly uses: string
  readonly expires: string
  readonly description: string
}

/** `tidemark enroll-token`: makes, lists and revokes the tokens by which machines are enrolled. */
export function enrollTokenCommand(context: CommandContext): Command {
  const client = (options: AskingOptions): ServerClient =>
    new ServerClient(findServer(options, context), context.signal)
  const create = askingCommand('create', 'Make a token; it is printed once', [
    'enroll-token create --uses 50 --expires 7d',
  ])
    .option('--uses <count>', 'how many machines it enrols', '1')
    .option('--expires <span>', 'how long it is good: 30m, 12h, 7d', '1d')
    .option('--description <text>', 'what it is for', '')
    .action(async (options: CreateOptions) => {
      const body = {
        usesMax: countOf(options.uses),
        lifeSeconds: secondsOf(options.expires),
        description: options.description,
      }
      const made = await client(options).call<EnrolmentTokenView & { token: string }>(
        'POST',
        '/api/enrolment-tokens',
        body,
      )
      context.terminal.write(options.json ? `${JSON.stringify(made)}\n` : `${made.token}\n`)
    })
  const list = askingCommand('list', 'The tokens that are there', ['enroll-token list']).action(
    async (options: AskingOptions) => {
      const { enrolmentTokens } = await client(options).call<{ enrolmentTokens: EnrolmentTokenView[] }>(
        'GET',
        '/api/enrolment-tokens',
      )
      context.terminal.write(options.json ? `${JSON.stringify(enrolmentTokens)}\n` : tableOf(enrolmentTokens))
    },
  )
  const revoke = askingCommand('revoke', 'Make a token good for nothing', ['enroll-token revoke ID'])
    .argument('<id>')
    .action(async (id: string, options: AskingOptions) => {
      await client(options).call('DELETE', `/api/enrolment-tokens/${encodeURIComponent(id)}`)
      context.terminal.write(options.json ? '{}\n' : 'Revoked.\n')
    })
  return new Command('enroll-token')
    .description('Make, list and revoke the tokens by which machines are enrolled')
    .addCommand(create)
    .addCommand(list)
    .addCommand(revoke)
}

function tableOf(tokens: readonly EnrolmentTokenView[]): string {
  const titles = ['ID', 'USED', 'EXPIRES', 'DESCRIPTION']
  const lines = textTable(
    titles.map((title) => ({ title })),
    tokens.map(({ id, uses, usesMax, expiresAt, description }) => [
      id,
      `${uses} of ${usesMax}`,
      expiresAt,
      safeText(description),
    ]),
  )
  return `${lines.join('\n')}\n`
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 100_000) return count
  throw new CommandError('bad-option', `"${text}" is no number of machines; write one from 1 to 100000`, {
    exitCode: exitCodes.usage,
  })
}

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 }

function secondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})(m|h|d)$/.exec(text) ?? []
  const seconds = Number(count) * (SECONDS[unit ?? ''] ?? 0)
  if (count !== undefined && seconds >= 60 && seconds <= 366 * 86_400) return seconds
  throw new CommandError('bad-option', `"${text}" is no span from 1m to 366d; write 30m, 12h or 7d`, {
    exitCode: exitCodes.usage,
  })
}
