import { isAbort } from '@tidemark/base'
import type { Forecast } from '@tidemark/changetracking'
import type { ExtensionSettings } from '@tidemark/model'
import type { Command } from 'commander'

import type { CommandContext } from '../context.ts'
import { type AskingOptions, askingCommand } from '../reading/options.ts'
import { CommandError } from '../terminal/exit.ts'
import { showProgress } from '../up/progress.ts'
import { bytesText, countText } from './amounts.ts'
import type { RuleSettings } from './document.ts'
import { forecastOnMachines } from './forecast-machines.ts'
import { forecastSummary, forecastText } from './forecast-text.ts'
import { readRuleFile } from './rule-file.ts'

interface ForecastOptions extends AskingOptions {
  readonly machine?: readonly string[]
}

/** `tidemark rules forecast`: what a rule will track on this machine or on others, and what that costs, before it is applied. */
export function forecastCommand(context: CommandContext): Command {
  return askingCommand('forecast', 'Tell what a rule will track and what that costs, before it is applied', [
    'rules forecast rule.json',
    'rules forecast rule.json --machine web-1 web-2',
  ])
    .argument('<file>', 'a rule as exported from Azure or printed by "rules show", or only its extensionSettings')
    .option('--machine <names...>', 'ask these machines, through the server (default: this machine, and no server)')
    .action(async (file: string, options: ForecastOptions) => {
      const { machine } = options
      if (machine !== undefined) return await forecastOnMachines(context, file, { ...options, machine })
      const rule = readRuleFile(context.folder, file)
      const forecast = await forecastHere(context, rule.settings)
      const text = options.json
        ? `${JSON.stringify({ name: rule.name, ...forecast })}\n`
        : forecastText(context.terminal, forecast, subjectOf(rule))
      context.terminal.write(text)
    })
}

/**
 * The forecast in a few lines, about a rule that is being applied: on standard error. Where nothing can be forecast, it
 * says so and the rule is applied all the same; throws only where the person stops it.
 */
export async function tellForecast(context: CommandContext, rule: RuleSettings): Promise<void> {
  const { terminal } = context
  try {
    const forecast = await forecastHere(context, rule.settings)
    terminal.writeError(`${forecastSummary(terminal, forecast, subjectOf(rule)).join('\n')}\n`)
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== 'forecast-failed') throw error
    terminal.writeError(`${error.message}\n`)
  }
}

function subjectOf({ name, settings }: RuleSettings): { readonly name: string; readonly cpuPercent: number } {
  return { name, cpuPercent: settings.scanBudget.cpuPercent }
}

async function forecastHere(context: CommandContext, settings: ExtensionSettings): Promise<Forecast> {
  const { forecastOf } = await import('@tidemark/changetracking')
  const { terminal, signal } = context
  const progress = showProgress(terminal)
  try {
    return await forecastOf(settings, {
      signal,
      isInBackground: false,
      onProgress: ({ paths, bytes }) => {
        if (terminal.isInteractive) progress.tell(`Looking: ${countText(paths)} paths, ${bytesText(bytes)}`)
      },
    })
  } catch (cause) {
    if (isAbort(cause, signal)) throw new CommandError('interrupted', 'stopped; nothing was changed', { cause })
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('forecast-failed', `nothing can be forecast here: ${why}`, { cause })
  } finally {
    progress.end()
  }
}
