import { Command, Option } from 'commander'

import { examplesText } from '../terminal/examples.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'

/** What every command that asks the server can be told. */
export interface AskingOptions {
  readonly server?: string
  readonly tokenFile?: string
  readonly state?: string
  readonly json?: boolean
}

/** A command with the options that say where the server is, `--json`, and an example below its help. */
export function askingCommand(name: string, summary: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(summary)
    .option('--json', 'print one JSON document a line')
    .addOption(new Option('--state <folder>', 'state folder of "tidemark up" (default: ./var here or above)'))
    .option('--server <url>', 'address of the server, instead of the one in the state folder [TIDEMARK_SERVER]')
    .option('--token-file <file>', 'file with the token to sign in with [TIDEMARK_TOKEN: the token itself]')
    .addHelpText('after', examplesText(examples))
}

/** A span as people write it (`30m`, `1h`, `7d`), as a KQL timespan literal. */
export function parseSpan(text: string): string {
  const [, count, unit] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? []
  if (count === undefined || unit === undefined) {
    throw new CommandError('bad-option', `"${text}" is no time span; write a number and s, m, h or d: 30m, 1h, 7d`, {
      exitCode: exitCodes.usage,
    })
  }
  return `${count}${unit}`
}

/** Rows that a command shows at most where nothing else is said. */
export const ROWS_SHOWN_MAX = 1_000

/** The number of rows asked for with `--limit`. */
export function parseLimit(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0 && count <= 500_000) return count
  throw new CommandError('bad-option', `"${text}" is no number of rows; write one from 1 to 500000`, {
    exitCode: exitCodes.usage,
  })
}

const SPAN_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A moment as people write it, `2h` ago or ISO 8601 (without a zone in this one's), in milliseconds since 1970. */
export function parseMoment(text: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (SPAN_MS[unit] ?? 0)
  const momentMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN
  if (!Number.isNaN(momentMs)) return momentMs
  throw new CommandError(
    'bad-option',
    `"${text}" is no moment; write how long ago (30m, 2h, 7d) or a time (2026-11-24T06:30:00Z)`,
    { exitCode: exitCodes.usage },
  )
}
