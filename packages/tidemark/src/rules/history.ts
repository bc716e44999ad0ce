import { ruleDifferences, type RuleDetail, type RuleVersion, type RuleVersionDetail } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import type { ServerClient } from '../installation/server-client.ts'
import { type AskingOptions, askingCommand } from '../reading/options.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { coloured, safeText } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'
import { clientOf, findRule } from './stored-rules.ts'

/** `tidemark rules history`: every saved version of a rule. */
export function historyCommand(context: CommandContext): Command {
  return askingCommand('history', 'List the saved versions of a rule, newest first', ['rules history Microsoft-CT-DCR'])
    .argument('<name>', 'name of the rule')
    .action(async (name: string, options: AskingOptions) => {
      const client = clientOf(context, options)
      const versions = await versionsOf(client, await placeOf(client, name))
      const { terminal } = context
      if (options.json) return versions.forEach((version) => terminal.write(`${JSON.stringify(version)}\n`))
      const [title = '', ...lines] = textTable(
        [{ title: 'VERSION', align: 'right' }, { title: 'SAVED' }, { title: 'BY' }, { title: '' }],
        versions.map(({ version, savedAt, savedBy, restoredFrom }) => [
          String(version),
          savedAt,
          savedBy === '' ? 'the server' : safeText(savedBy),
          restoredFrom === null ? '' : `as version ${restoredFrom}`,
        ]),
      )
      terminal.write(`${[coloured(terminal, 'bold', title), ...lines].join('\n')}\n`)
    })
}

/** `tidemark rules diff`: in what two versions of a rule differ. */
export function diffCommand(context: CommandContext): Command {
  return askingCommand('diff', 'Tell in what two saved versions of a rule differ; code 1 where they do', [
    'rules diff Microsoft-CT-DCR',
    'rules diff Microsoft-CT-DCR 3 7',
  ])
    .argument('<name>', 'name of the rule')
    .argument('[from]', 'a version (default: the one before the other)')
    .argument('[to]', 'another version (default: the newest)')
    .action(async (name: string, from: string | undefined, to: string | undefined, options: AskingOptions) => {
      const client = clientOf(context, options)
      const place = await placeOf(client, name)
      const newest = (await client.call<{ versions: readonly RuleVersion[] }>('GET', `${place}/versions`)).versions[0]
      const later = to === undefined ? (newest?.version ?? 1) : numberOf(to)
      const earlier = from === undefined ? later - 1 : numberOf(from)
      if (earlier < 1) throw usage(`version ${later} is the first one: there is none before it`)
      const [before, after] = await Promise.all(
        [earlier, later].map(
          async (version) => await client.call<RuleVersionDetail>('GET', `${place}/versions/${version}`),
        ),
      )
      const found = ruleDifferences(before?.document, after?.document)
      const { terminal } = context
      if (options.json) for (const one of found) terminal.write(`${JSON.stringify(one)}\n`)
      else {
        const lines = found.flatMap(({ where, kind, before: old, after: now }) => [
          `${coloured(terminal, 'bold', safeText(where))} ${kind}`,
          ...(old === undefined ? [] : [`  - ${safeText(JSON.stringify(old))}`]),
          ...(now === undefined ? [] : [`  + ${safeText(JSON.stringify(now))}`]),
        ])
        const title = `${safeText(name)}, from version ${earlier} to version ${later}`
        terminal.write(`${[found.length === 0 ? `${title}: the same` : `${title}:`, ...lines].join('\n')}\n`)
      }
      if (found.length > 0) context.setExitCode(exitCodes.trouble)
    })
}

/** `tidemark rules rollback`: a new version with what an older one says. */
export function rollbackCommand(context: CommandContext): Command {
  return askingCommand('rollback', 'Save a new version of a rule with what an older one says', [
    'rules rollback Microsoft-CT-DCR 3',
  ])
    .argument('<name>', 'name of the rule')
    .argument('<version>', 'the version whose document is taken')
    .action(async (name: string, version: string, options: AskingOptions) => {
      const client = clientOf(context, options)
      const body = { version: numberOf(version) }
      const after = await client.call<RuleDetail>('POST', `${await placeOf(client, name)}/restore`, body)
      if (options.json) context.terminal.write(`${JSON.stringify(after)}\n`)
      else
        context.terminal.write(
          `${safeText(after.name)} is as it was in version ${body.version}; that is version ${after.version} now.\n`,
        )
    })
}

async function placeOf(client: ServerClient, name: string): Promise<string> {
  const { properties } = await findRule(client, name)
  return `/api/rules/${properties.immutableId}`
}

async function versionsOf(client: ServerClient, place: string): Promise<readonly RuleVersion[]> {
  const all: RuleVersion[] = []
  for (;;) {
    const before = all.at(-1)?.version
    const query = before === undefined ? '' : `?before=${before}`
    const { versions } = await client.call<{ versions: readonly RuleVersion[] }>('GET', `${place}/versions${query}`)
    if (versions.length === 0) return all
    all.push(...versions)
    if (all.at(-1)?.version === 1) return all
  }
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usage(`"${text}" is no version; "rules history" lists them`)
}

function usage(message: string): CommandError {
  return new CommandError('bad-option', message, { exitCode: exitCodes.usage })
}
