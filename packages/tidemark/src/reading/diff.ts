import { resolve } from 'node:path'

import { systemClock } from '@tidemark/base'
import type { ContentDiff, ContentHunk, ContentText } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { thisMachine } from '../host/machine-facts.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { sideBySideLines, unifiedLines } from './diff-text.ts'
import { type AskingOptions, askingCommand, parseMoment } from './options.ts'
import { resultRows } from './result-rows.ts'
import { chosenVersions, keptHash, type Version, versionsOf, versionsQuery, when } from './versions.ts'

interface DiffOptions extends AskingOptions {
  readonly machine?: string
  readonly from?: string
  readonly to?: string
  readonly sideBySide?: boolean
  readonly unredacted?: boolean
}

/** `tidemark diff`: what changed in a file between two moments. */
export function diffCommand(context: CommandContext): Command {
  return askingCommand('diff', 'What changed in a file between two moments, where its content is kept', [
    'diff /etc/ssh/sshd_config',
    'diff /etc/hosts --machine web-1 --from 2h --side-by-side',
    'diff /etc/hosts --from 2026-11-23T18:00:00Z --to 2026-11-24T06:00:00Z --json',
  ])
    .argument('<file>', 'path of the file')
    .option('--machine <name>', 'the machine it is on (default: this one)')
    .option('--from <time>', 'how long ago (30m, 2h, 7d) or a time (default: the version before)')
    .option('--to <time>', 'how long ago, or a time (default: the latest version)')
    .option('--side-by-side', 'both versions beside each other')
    .option('--unredacted', 'with secrets; needs the right content:read-unredacted')
    .action(async (file: string, options: DiffOptions) => await diff(context, file, options))
}

async function diff(context: CommandContext, file: string, options: DiffOptions): Promise<void> {
  const nowMs = systemClock.nowMs()
  const path = resolve(context.folder, file)
  const machine = options.machine ?? thisMachine().computer
  const asked = {
    fromMs: options.from === undefined ? undefined : parseMoment(options.from, nowMs),
    toMs: options.to === undefined ? undefined : parseMoment(options.to, nowMs),
  }
  const what = `${path} on ${machine}`
  const client = new ServerClient(findServer(options, context), context.signal)
  const questions = versionsQuery(path, machine)
  const changes = resultRows(await client.query(questions.changes))
  const inventory = resultRows(await client.query(questions.inventory))
  const { from, to } = chosenVersions(versionsOf(changes, inventory), asked, what)
  const hashes = { from: keptHash(from, what), to: keptHash(to, what) }
  const difference = await differenceOf(client, hashes, options.unredacted === true)
  const compared = { path, machine, from, to, difference }
  if (options.json) context.terminal.write(`${JSON.stringify(document(compared))}\n`)
  else printDifference(context, compared, options)
  context.setExitCode(hashes.from === hashes.to ? exitCodes.ok : exitCodes.trouble)
}

type Side = Omit<ContentText, 'text'>

/** A side without a file is null. */
interface Difference {
  readonly from: Side | null
  readonly to: Side | null
  readonly hunks: readonly ContentHunk[]
}

async function differenceOf(
  client: ServerClient,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
  isUnredacted: boolean,
): Promise<Difference> {
  const how = isUnredacted ? '?unredacted=1' : ''
  if (from !== undefined && to !== undefined)
    return await content<ContentDiff>(client, `/v1/contents/diff?from=${from}&to=${to}${how.replace('?', '&')}`)
  const only = from ?? to
  if (only === undefined) return { from: null, to: null, hunks: [] }
  const { text, ...side } = await content<ContentText>(client, `/v1/contents/${only}/text${how}`)
  const hunks = oneSided(text, from === undefined ? '+' : '-')
  return from === undefined ? { from: null, to: side, hunks } : { from: side, to: null, hunks }
}

/** What is not kept is no "no" of this command's, but something that it could not do. */
async function content<T>(client: ServerClient, path: string): Promise<T> {
  try {
    return await client.call<T>('GET', path)
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== 'not-found') throw error
    throw new CommandError('content-not-kept', error.message, { cause: error })
  }
}

/** A file that came or went: all of its lines. */
function oneSided(text: string, mark: '+' | '-'): ContentHunk[] {
  if (text === '') return []
  const hasEnd = text.endsWith('\n')
  const lines = (hasEnd ? text.slice(0, -1) : text).split('\n')
  const told = [...lines.map((line) => `${mark}${line}`), ...(hasEnd ? [] : [String.raw`\ No newline at end of file`])]
  const all = { start: 1, lines: lines.length }
  const none = { start: 0, lines: 0 }
  const [from, to] = mark === '+' ? [none, all] : [all, none]
  return [{ fromStart: from.start, fromLines: from.lines, toStart: to.start, toLines: to.lines, lines: told }]
}

interface Compared {
  readonly path: string
  readonly machine: string
  readonly from: Version
  readonly to: Version
  readonly difference: Difference
}

function document({ path, machine, from, to, difference }: Compared): object {
  const told = (version: Version, side: Side | null): object => ({
    since: version.sinceMs === 0 ? null : new Date(version.sinceMs).toISOString(),
    isThere: version.isThere,
    content: side,
  })
  return {
    file: path,
    machine,
    from: told(from, difference.from),
    to: told(to, difference.to),
    hunks: difference.hunks,
  }
}

function printDifference(context: CommandContext, compared: Compared, { sideBySide }: DiffOptions): void {
  const { terminal } = context
  const { path, machine, from, to, difference } = compared
  const title = (version: Version): string => `${version.isThere ? path : '/dev/null'}\t${when(version)}`
  const titles = { from: title(from), to: title(to) }
  const sides = [difference.from, difference.to].filter((side) => side !== null)
  if (from.hash === to.hash) return terminal.writeError(`${path} on ${machine} has the same content at both times.\n`)
  if (sides.some(({ isText }) => !isText)) return terminal.write(`Binary files differ: ${titles.from}, ${titles.to}\n`)
  if (difference.hunks.length === 0) terminal.writeError('The two versions differ, but not in what is shown of them.\n')
  else {
    const lines = (sideBySide ? sideBySideLines : unifiedLines)(terminal, difference.hunks, titles)
    terminal.write(lines.map((line) => `${line}\n`).join(''))
  }
  if (sides.some(({ isTruncated }) => isTruncated))
    terminal.writeError('Only the beginning is compared: the rule says by maxOutputSize how much is shown.\n')
  const count = sides.reduce((sum, { redactionCount }) => sum + redactionCount, 0)
  if (count > 0)
    terminal.writeError(`${count} likely secrets are hidden; --unredacted shows them to who may see them.\n`)
}
