import { systemClock } from '@tidemark/base'
import type { ApiTokenAnswer, ApiTokenView } from '@tidemark/model'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { type AskingOptions, askingCommand, parseSpan } from '../reading/options.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { coloured } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'

/** `tidemark tokens`: API tokens for programs. */
export function tokensCommand(context: CommandContext): Command {
  return new Command('tokens')
    .description('API tokens: for programs that read, upload rows, or keep rules')
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(revokeCommand(context))
}

interface CreateOptions extends AskingOptions {
  readonly scope: readonly string[]
  readonly workspace?: readonly string[]
  readonly expires?: string
}

function createCommand(context: CommandContext): Command {
  return askingCommand('create', 'Make a token and print it: it is shown this once', [
    'tokens create dashboard --scope read --expires 90d',
    'tokens create pipeline --scope ingest --workspace default > pipeline.token',
  ])
    .argument('<name>', 'what it is for')
    .requiredOption('--scope <scopes...>', 'read, ingest, rules, content, content:unredacted, admin')
    .option('--workspace <names...>', 'only for these workspaces (default: all)')
    .option('--expires <span>', 'after this time it is good no more: 12h, 90d (default: never)')
    .action(async (name: string, options: CreateOptions) => {
      const made = await clientOf(context, options).call<ApiTokenAnswer>('POST', '/api/tokens', {
        name,
        scopes: options.scope,
        ...(options.workspace === undefined ? {} : { workspaces: options.workspace }),
        ...(options.expires === undefined ? {} : { expiresAt: momentAfter(options.expires, systemClock.nowMs()) }),
      })
      const { terminal } = context
      terminal.write(options.json ? `${JSON.stringify(made)}\n` : `${made.token}\n`)
      if (!options.json)
        terminal.writeError(`${made.name}: ${made.scopes.join(', ')}; ${endText(made)}. Revoke it by ${made.id}\n`)
    })
}

function listCommand(context: CommandContext): Command {
  return askingCommand('list', 'List the tokens, without their secrets', ['tokens list']).action(
    async (options: AskingOptions) => {
      const { tokens } = await clientOf(context, options).call<{ tokens: ApiTokenView[] }>('GET', '/api/tokens')
      const { terminal } = context
      if (options.json) return tokens.forEach((token) => terminal.write(`${JSON.stringify(token)}\n`))
      const titles = ['ID', 'NAME', 'SCOPES', 'WORKSPACES', 'EXPIRES', 'LAST USED'].map((title) => ({ title }))
      const [title = '', ...lines] = textTable(titles, tokens.map(tokenLine))
      terminal.write(`${[coloured(terminal, 'bold', title), ...lines].join('\n')}\n`)
    },
  )
}

function revokeCommand(context: CommandContext): Command {
  return askingCommand('revoke', 'End a token, and the sessions that it opened, at once', [
    'tokens revoke 9a3c0b0e-7d2a-4a43-9f0b-0123456789ab',
  ])
    .argument('<id>', 'as "tokens list" shows it')
    .action(async (id: string, options: AskingOptions) => {
      await clientOf(context, options).call('DELETE', `/api/tokens/${encodeURIComponent(id)}`)
      context.terminal.writeError(`${id} is revoked\n`)
    })
}

const SPAN_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** ISO 8601 of a span (`90d`) behind a moment. Throws `CommandError` for text that is no span. */
export function momentAfter(span: string, nowMs: number): string {
  const text = parseSpan(span)
  const ms = nowMs + Number(text.slice(0, -1)) * (SPAN_MS[text.slice(-1)] ?? 0)
  if (ms > nowMs && ms <= LATEST_MS) return new Date(ms).toISOString()
  throw new CommandError('bad-option', `"${span}" is no time that a token can be good for; write 12h or 90d`, {
    exitCode: exitCodes.usage,
  })
}

/** The year 9999: later moments are not written in four digits. */
const LATEST_MS = 253_402_300_799_999

function tokenLine(token: ApiTokenView): string[] {
  const { id, name, scopes, workspaces, expiresAt, lastUsedAt } = token
  return [
    id,
    name,
    scopes.join(', '),
    workspaces.length === 0 ? 'all' : String(workspaces.length),
    expiresAt?.slice(0, 16).replace('T', ' ') ?? 'never',
    lastUsedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
  ]
}

function endText({ expiresAt }: ApiTokenView): string {
  return expiresAt === null ? 'good until it is revoked' : `good until ${expiresAt}`
}

function clientOf(context: CommandContext, options: AskingOptions): ServerClient {
  return new ServerClient(findServer(options, context), context.signal)
}
