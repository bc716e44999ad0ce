import type { StreamListing } from '@tidemark/agent'
import { agentPlaces, parseStreamId } from '@tidemark/model'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { reasonOf } from '../host/files.ts'
import { findInstallation } from '../installation/find-installation.ts'
import { parseLimit } from '../reading/options.ts'
import { examplesText } from '../terminal/examples.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { safeText } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'

interface SinkCommandOptions {
  readonly root?: string
  readonly state?: string
  readonly limit?: string
  readonly json?: boolean
}

/** `tidemark sink`: what the agent keeps on disk, while it runs and when it does not. It only reads. */
export function sinkCommand(context: CommandContext): Command {
  const ls = looking('ls', 'The streams, and what waits in them', ['sink ls']).action(
    async (options: SinkCommandOptions) => await list(context, options),
  )
  const show = looking('show', 'The rows of a stream, oldest first, one JSON document a line', [
    'sink show CONFIG_CHANGE --limit 10',
  ])
    .argument('<stream>', 'its id, or a part of it that only one has')
    .option('--limit <count>', 'rows at most', '1000')
    .action(async (stream: string, options: SinkCommandOptions) => await showRows(context, stream, options))
  return new Command('sink')
    .description('What the agent keeps on disk until the server has it')
    .addCommand(ls)
    .addCommand(show)
}

function looking(name: string, summary: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(summary)
    .option('--root <folder>', 'below which the agent keeps its things')
    .option('--state <folder>', 'state folder of "tidemark up" (default: ./var here or above)')
    .option('--json', 'print JSON')
    .addHelpText('after', examplesText(examples))
}

function folderOf(context: CommandContext, options: SinkCommandOptions): string {
  return agentPlaces(options.root ?? findInstallation(options, context.folder)?.root ?? '/').events
}

const isStream = (name: string): boolean => parseStreamId(name) !== undefined

async function listings(folder: string): Promise<StreamListing[]> {
  const { listSink } = await import('@tidemark/agent')
  try {
    return listSink(folder, isStream)
  } catch (cause) {
    throw new CommandError(
      'no-installation',
      `${folder} cannot be read: ${reasonOf(cause)}. Does the agent keep its things there (--root), and may this account read them?`,
      { cause },
    )
  }
}

async function list(context: CommandContext, options: SinkCommandOptions): Promise<void> {
  const streams = await listings(folderOf(context, options))
  if (options.json) return context.terminal.write(`${JSON.stringify(streams)}\n`)
  const lines = streams.map(({ id, segments, bytes, rows, oldestMs, waiting, untold, damaged }) => [
    id,
    String(segments),
    String(bytes),
    String(rows),
    oldestMs === undefined ? '' : new Date(oldestMs).toISOString(),
    Object.entries(waiting)
      .map(([name, count]) => `${name}: ${count}`)
      .join(', '),
    [...untold.map((tally) => `${tally.rows} rows dropped`), ...damaged].join(', '),
  ])
  const titles = ['STREAM', 'SEGMENTS', 'BYTES', 'ROWS', 'OLDEST', 'WAITING FOR', 'LOST'].map((title) => ({ title }))
  context.terminal.write(`${textTable(titles, lines).join('\n')}\n`)
}

async function showRows(context: CommandContext, name: string, options: SinkCommandOptions): Promise<void> {
  const folder = folderOf(context, options)
  const { readSink } = await import('@tidemark/agent')
  const ids = (await listings(folder)).map(({ id }) => id)
  const matching = ids.includes(name) ? [name] : ids.filter((id) => id.includes(name))
  const [id] = matching
  if (id === undefined || matching.length > 1) {
    const among = (matching.length > 1 ? matching : ids).map((each) => `  ${safeText(each)}`).join('\n')
    const why = matching.length > 1 ? 'is part of several' : 'is none here'
    throw new CommandError('not-found', `"${name}" ${why}; the streams are:\n${among}`, { exitCode: exitCodes.trouble })
  }
  let left = parseLimit(options.limit ?? '1000')
  for (const { rows, chunk, at, place } of readSink(folder, id)) {
    for (const row of rows.slice(0, left)) {
      const line = options.json
        ? { place, chunk, takenAt: at === undefined ? undefined : new Date(at).toISOString(), row }
        : row
      context.terminal.write(`${JSON.stringify(line)}\n`)
    }
    left -= rows.length
    if (left <= 0) return
  }
}
