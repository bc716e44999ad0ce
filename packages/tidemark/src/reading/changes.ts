import { kqlString, packageVerdicts, trackedTypes } from '@tidemark/model'
import { Option, type Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { findServer } from '../installation/find-installation.ts'
import { ServerClient } from '../installation/server-client.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { coloured, type Colour } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'
import { changeActor, changedThing, changeSummary } from './change-text.ts'
import { type AskingOptions, askingCommand, parseLimit, parseSpan, ROWS_SHOWN_MAX } from './options.ts'
import { operationActor, operationsTail, operationSummary, operationThing } from './operation-lines.ts'
import { cellText, filledCells, localTime, resultRows, type ResultRow } from './result-rows.ts'

interface ChangesOptions extends AskingOptions {
  readonly since: string
  readonly type?: string
  readonly machine?: string
  readonly text?: string
  readonly operation?: string
  readonly verdict?: string
  readonly each?: boolean
  readonly limit: number
}

/** `tidemark changes`: what changed, newest first. */
export function changesCommand(context: CommandContext): Command {
  return askingCommand('changes', 'What changed, newest first, and who did it', [
    'changes --since 1h',
    'changes --since 7d --type Software --machine web-1',
    'changes --text sshd_config --json | jq .FieldsChanged',
    'changes --operation apt-20261124T061600-1a2b3c4d',
    'changes --verdict "differs from package"',
  ])
    .option('--since <span>', 'how far back: 30m, 1h, 7d', parseSpan, '1d')
    .addOption(new Option('--type <type>', 'only this type').choices(trackedTypes))
    .option('--machine <name>', 'only this machine')
    .option('--text <text>', 'only where a path, package or daemon contains this')
    .option('--operation <id>', 'only what this package operation changed')
    .option('--verdict <verdict>', 'only files of which the package manager says this', parseVerdict)
    .option('--each', 'every change on a line of its own, also those of one package operation')
    .option('--limit <rows>', 'rows at most', parseLimit, ROWS_SHOWN_MAX)
    .action(async (options: ChangesOptions) => {
      const client = new ServerClient(findServer(options, context), context.signal)
      const ask = async (query: string): Promise<ResultRow[]> => resultRows(await client.query(query))
      if (options.json) {
        for (const row of await ask(changesQuery(options)))
          context.terminal.write(`${JSON.stringify(filledCells(row))}\n`)
        return
      }
      if (options.each === true || options.operation !== undefined)
        return printChanges(context, (await ask(changesQuery(options))).map(changeLine), options)
      const [changes, operations] = await Promise.all([
        ask(changesQuery(options, ['where isempty(OperationId)'])),
        ask(operationsQuery(options)),
      ])
      const lines = [...changes.map(changeLine), ...operations.map(operationLine)]
      const newest = lines.toSorted((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0))
      printChanges(context, newest.slice(0, options.limit), options)
      if (operations.length > 0)
        context.terminal.writeError(
          'A package operation is one line; --operation with the id at its end opens it, --each shows all.\n',
        )
    })
}

type Filters = Pick<ChangesOptions, 'since' | 'type' | 'machine' | 'text' | 'operation' | 'verdict' | 'limit'>

/** The KQL behind the command. */
export function changesQuery(filters: Filters, more: readonly string[] = []): string {
  return kqlLines([...conditionsOf(filters), ...more, `top ${filters.limit} by TimeGenerated desc`])
}

/** The KQL of package operations with what they changed, one row for each and machine. */
export function operationsQuery(filters: Filters): string {
  return kqlLines([...conditionsOf(filters), ...operationsTail(filters.since, filters.limit)])
}

function kqlLines(steps: readonly string[]): string {
  return ['ConfigurationChange', ...steps].join('\n| ')
}

function conditionsOf({ since, type, machine, text, operation, verdict }: Filters): string[] {
  const equals = (column: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`where ${column} == ${kqlString(value)}`]
  const holds = (column: string): string => `${column} contains ${kqlString(text ?? '')}`
  return [
    `where TimeGenerated > ago(${since})`,
    ...equals('ConfigChangeType', type),
    ...(machine === undefined ? [] : [`where Computer =~ ${kqlString(machine)}`]),
    ...(text === undefined ? [] : [`where ${['FileSystemPath', 'SoftwareName', 'SvcName'].map(holds).join(' or ')}`]),
    ...equals('OperationId', operation),
    ...equals('PackageVerdict', verdict),
  ]
}

function parseVerdict(text: string): string {
  const verdict = packageVerdicts.find((each) => each === text.toLowerCase())
  if (verdict !== undefined) return verdict
  throw new CommandError('bad-option', `"${text}" is no verdict; write one of ${packageVerdicts.join(', ')}`, {
    exitCode: exitCodes.usage,
  })
}

/** One printed line: the moment that it is sorted by, its category, and its cells. */
interface Line {
  readonly time: string
  readonly category: string
  readonly cells: readonly string[]
}

function changeLine(row: ResultRow): Line {
  const category = cellText(row['ChangeCategory'])
  return {
    time: cellText(row['TimeGenerated']),
    category,
    cells: [
      localTime(row['TimeGenerated']),
      cellText(row['Computer']),
      cellText(row['ConfigChangeType']),
      category,
      changedThing(row),
      changeActor(row),
      changeSummary(row),
    ],
  }
}

function operationLine(row: ResultRow): Line {
  const category = cellText(row['OperationSource'])
  return {
    time: cellText(row['TimeGenerated']),
    category,
    cells: [
      localTime(row['TimeGenerated']),
      cellText(row['Computer']),
      'Operation',
      category,
      operationThing(row),
      operationActor(row),
      operationSummary(row),
    ],
  }
}

const colourOf: Readonly<Record<string, Colour>> = { Added: 'green', Removed: 'red', Modified: 'yellow' }

function printChanges(context: CommandContext, lines: readonly Line[], options: ChangesOptions): void {
  const { terminal } = context
  if (lines.length === 0) {
    terminal.writeError(
      `No changes in the last ${options.since}. Look further back with --since 7d; "tidemark status" tells what is tracked.\n`,
    )
    return
  }
  const [title = '', ...texts] = textTable(
    [
      { title: 'TIME' },
      { title: 'MACHINE', widthMax: 30 },
      { title: 'TYPE' },
      { title: 'CATEGORY' },
      { title: 'WHAT', widthMax: 80 },
      { title: 'WHO', widthMax: 50 },
      { title: 'HOW' },
    ],
    lines.map(({ cells }) => cells),
  )
  terminal.write(`${coloured(terminal, 'bold', title)}\n`)
  for (const [index, text] of texts.entries()) {
    const category = lines[index]?.category ?? ''
    const shown =
      category === '' ? text : text.replace(category, coloured(terminal, colourOf[category] ?? 'cyan', category))
    terminal.write(`${shown}\n`)
  }
  if (lines.length === options.limit)
    terminal.writeError(`Only the newest ${options.limit} are shown; --limit shows more.\n`)
}
