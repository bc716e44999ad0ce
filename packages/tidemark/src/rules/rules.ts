import { agentPlaces, machineRegistration, trackingSettings, parseRule, type DataCollectionRule } from '@tidemark/model'
import { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { readTextIfThere } from '../host/files.ts'
import { findInstallation, type Whereabouts } from '../installation/find-installation.ts'
import type { ServerClient } from '../installation/server-client.ts'
import { type AskingOptions, askingCommand } from '../reading/options.ts'
import { coloured } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'
import { readRuleDocument } from './document.ts'
import { explainCommand } from './explain.ts'
import { forecastCommand, tellForecast } from './forecast.ts'
import { diffCommand, historyCommand, rollbackCommand } from './history.ts'
import { importCommand } from './import.ts'
import { nameOfRuleFile, readRuleText } from './rule-file.ts'
import {
  apiVersion,
  clientOf,
  findRule,
  listRules,
  machinesNamed,
  rulesOfGroup,
  type StoredRule,
} from './stored-rules.ts'

/** `tidemark rules`: the data collection rules. */
export function rulesCommand(context: CommandContext): Command {
  return new Command('rules')
    .description('Data collection rules: what is tracked, how often')
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(applyCommand(context))
    .addCommand(historyCommand(context))
    .addCommand(diffCommand(context))
    .addCommand(rollbackCommand(context))
    .addCommand(importCommand(context))
    .addCommand(explainCommand(context))
    .addCommand(forecastCommand(context))
}

function listCommand(context: CommandContext): Command {
  return askingCommand('list', 'List the rules', ['rules list']).action(async (options: AskingOptions) => {
    const rules = await listRules(clientOf(context, options))
    const { terminal } = context
    if (options.json) return rules.forEach((rule) => terminal.write(`${JSON.stringify(rule)}\n`))
    const [title = '', ...lines] = textTable(
      [
        { title: 'NAME' },
        { title: 'TRACKS' },
        { title: 'ENTRIES', align: 'right' },
        { title: 'FREQUENCY (files, software, daemons, inventory)' },
      ],
      rules.map(ruleLine),
    )
    terminal.write(`${[coloured(terminal, 'bold', title), ...lines].join('\n')}\n`)
  })
}

function showCommand(context: CommandContext): Command {
  return askingCommand('show', 'Print one rule as JSON, ready to be edited and applied', [
    'rules show Microsoft-CT-DCR > rule.json',
  ])
    .argument('<name>', 'name of the rule')
    .action(async (name: string, options: AskingOptions) => {
      const rule = await findRule(clientOf(context, options), name)
      context.terminal.write(`${JSON.stringify(rule, null, options.json ? 0 : 2)}\n`)
    })
}

interface ApplyOptions extends AskingOptions {
  readonly machine?: readonly string[]
  readonly forecast: boolean
}

function applyCommand(context: CommandContext): Command {
  return askingCommand('apply', 'Create or replace a rule from a file, and associate it with machines', [
    'rules apply rule.json',
    'rules apply rule.json --machine web-1 web-2',
  ])
    .argument('<file>', 'a rule as exported from Azure, or printed by "rules show"')
    .option('--machine <names...>', 'associate it with these machines (default: the machine of this installation)')
    .option('--no-forecast', 'do not look first at what the rule will track on this machine')
    .action(async (file: string, options: ApplyOptions) => {
      const rule = readRuleDocument(file, readRuleText(context.folder, file), nameOfRuleFile(file))
      const client = clientOf(context, options)
      const settings = trackingSettings(rule)
      // Other machines have other files than this one.
      if (options.forecast && options.machine === undefined && settings)
        await tellForecast(context, { name: rule.name, settings })
      const stored = await client.call<StoredRule>(
        'PUT',
        `${rulesOfGroup}/${encodeURIComponent(rule.name)}?${apiVersion}`,
        rule,
      )
      const resourceIds = await associatedMachines(context, options, client)
      for (const resourceId of resourceIds) {
        const association = `${resourceId}/providers/Microsoft.Insights/dataCollectionRuleAssociations/${encodeURIComponent(rule.name)}?${apiVersion}`
        await client.call('PUT', association, { properties: { dataCollectionRuleId: stored.id } })
      }
      if (options.json) context.terminal.write(`${JSON.stringify(stored)}\n`)
      else context.terminal.write(applied(rule, resourceIds))
    })
}

function applied(rule: DataCollectionRule, resourceIds: readonly string[]): string {
  const machines = resourceIds.map((id) => id.split('/').at(-1)).join(', ')
  return `${rule.name} is stored${machines === '' ? '; it is associated with no machine: say --machine NAME' : ` and associated with ${machines}; the agent fetches it at its next refresh`}.\n`
}

async function associatedMachines(
  context: CommandContext,
  options: ApplyOptions,
  client: ServerClient,
): Promise<readonly string[]> {
  return options.machine === undefined ? ownMachine(context, options) : await machinesNamed(client, options.machine)
}

function ownMachine(context: CommandContext, where: Whereabouts): string[] {
  const found = findInstallation(where, context.folder)
  const text = found && readTextIfThere(agentPlaces(found.root).registration)
  return text === undefined ? [] : [machineRegistration.parse(JSON.parse(text)).resourceId]
}

function ruleLine(stored: StoredRule): string[] {
  const parsed = parseRule(stored, stored.name)
  const settings = parsed.kind === 'parsed' ? trackingSettings(parsed.value) : undefined
  if (settings === undefined) return [stored.name, 'nothing (no change tracking for Linux)', '0', '']
  const tracks = [
    ...(settings.enableFiles ? ['files'] : []),
    ...(settings.enableSoftware ? ['software'] : []),
    ...(settings.enableServices ? ['daemons'] : []),
    ...(settings.enableInventory ? ['inventory'] : []),
  ]
  const seconds = [
    settings.fileFrequencySeconds,
    settings.softwareFrequencySeconds,
    settings.serviceFrequencySeconds,
    settings.inventoryFrequencySeconds,
  ]
  return [stored.name, tracks.join(', '), String(settings.files.length), seconds.map((one) => `${one} s`).join(', ')]
}
