import { type ImportedRule, readRuleImport } from '@tidemark/model'
import { problemsText } from '@tidemark/base'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { type AskingOptions, askingCommand } from '../reading/options.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { safeText } from '../terminal/terminal.ts'
import { readJson, rejected } from './document.ts'
import { nameOfRuleFile, readRuleText } from './rule-file.ts'
import { apiVersion, clientOf, listRules, rulesOfGroup } from './stored-rules.ts'

interface ImportOptions extends AskingOptions {
  readonly parameter?: readonly string[]
  readonly replace?: boolean
  readonly dryRun?: boolean
}

/** `tidemark rules import`: rules from what Azure exports. */
export function importCommand(context: CommandContext): Command {
  return askingCommand('import', 'Store the rules of a file of Azure: exported rules, or an ARM template', [
    'rules import exported.json',
    'rules import template.json --parameter workspaceResourceId=/subscriptions/…',
    'rules import template.json --dry-run --json',
  ])
    .argument('<file>', 'a rule, several, an ARM template, or only extensionSettings')
    .option('--parameter <name=value...>', 'values of a template’s parameters, as JSON or text')
    .option('--replace', 'replace rules that are there under the same name')
    .option('--dry-run', 'store nothing; with --json, print what would be stored')
    .action(async (file: string, options: ImportOptions) => {
      const document = readJson(file, readRuleText(context.folder, file))
      const parameters = Object.fromEntries((options.parameter ?? []).map(parameterOf))
      const read = readRuleImport(document, { name: nameOfRuleFile(file), parameters })
      if (read.kind === 'rejected') throw rejected(`${file} has no rule:\n${problemsText(read.problems)}`)
      const { rules, notes } = read.value
      const { terminal } = context
      for (const { where, message } of notes)
        terminal.writeError(`${safeText(where)}${where === '' ? '' : ': '}${safeText(message)}\n`)
      const wrong = rules.filter(({ problems }) => problems.length > 0)
      if (wrong.length > 0)
        throw rejected(
          `nothing is stored: ${wrong.map(({ name, problems }) => `${name} has mistakes:\n${problemsText(problems)}`).join('\n')}`,
        )
      if (options.dryRun === true) return tellDryRun(context, rules, options)
      await store(context, rules, options)
    })
}

function tellDryRun({ terminal }: CommandContext, rules: readonly ImportedRule[], { json }: ImportOptions): void {
  for (const { name, document } of rules)
    terminal.write(json ? `${JSON.stringify({ name, ...document })}\n` : `${safeText(name)} would be stored.\n`)
}

/** All of them, or none: a name that is there already stops before the first is stored. */
async function store(context: CommandContext, rules: readonly ImportedRule[], options: ImportOptions): Promise<void> {
  const client = clientOf(context, options)
  const known = new Set((await listRules(client)).map(({ name }) => name.toLowerCase()))
  const taken = rules.filter(({ name }) => known.has(name.toLowerCase())).map(({ name }) => name)
  if (taken.length > 0 && options.replace !== true)
    throw new CommandError(
      'rule-rejected',
      `nothing is stored: ${taken.join(', ')} is there already; say --replace to save a new version of it`,
      { exitCode: exitCodes.usage },
    )
  for (const { name, document } of rules) {
    const stored = await client.call<object>(
      'PUT',
      `${rulesOfGroup}/${encodeURIComponent(name)}?${apiVersion}`,
      document,
    )
    context.terminal.write(options.json ? `${JSON.stringify(stored)}\n` : `${safeText(name)} is stored.\n`)
  }
}

function parameterOf(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at < 1)
    throw new CommandError('bad-option', `"${text}" is no parameter; write NAME=VALUE`, { exitCode: exitCodes.usage })
  const [name, value] = [text.slice(0, at), text.slice(at + 1)]
  try {
    return [name, JSON.parse(value)]
  } catch {
    return [name, value]
  }
}
