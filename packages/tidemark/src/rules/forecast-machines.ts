import { systemClock } from '@tidemark/base'
import type { ForecastMachine, ForecastView } from '@tidemark/model'

import type { CommandContext } from '../context.ts'
import type { AskingOptions } from '../reading/options.ts'
import { coloured, safeText } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'
import { showProgress } from '../up/progress.ts'
import { bytesText, countText, secondsText } from './amounts.ts'
import { readJson } from './document.ts'
import { nameOfRuleFile, readRuleFile, readRuleText } from './rule-file.ts'
import { clientOf, machinesNamed } from './stored-rules.ts'
import { readRuleImport } from '@tidemark/model'

/** How often it is looked whether machines have answered, in milliseconds. */
const POLL_MS = 1_000

/** Asks machines what a file's rule would track there, and tells it. */
export async function forecastOnMachines(
  context: CommandContext,
  file: string,
  options: AskingOptions & { readonly machine: readonly string[] },
): Promise<void> {
  const { name } = readRuleFile(context.folder, file)
  const extensionSettings = settingsIn(context, file)
  const client = clientOf(context, options)
  const machines = await machinesNamed(client, options.machine)
  let view = await client.call<ForecastView>('POST', '/api/forecasts', { extensionSettings, machines })
  const { terminal, signal } = context
  const progress = showProgress(terminal)
  try {
    for (let told = ''; !view.isDone;) {
      const answered = view.machines.filter(({ state }) => state === 'answered' || state === 'failed').length
      const text = `${answered} of ${view.machines.length} machines have answered`
      if (text !== told) progress.tell(text)
      told = text
      await systemClock.sleep(POLL_MS, signal)
      view = await client.call<ForecastView>('GET', `/api/forecasts/${view.id}`)
    }
  } finally {
    progress.end()
    if (signal.aborted) await client.call('DELETE', `/api/forecasts/${view.id}`).catch(() => undefined)
  }
  if (options.json) return view.machines.forEach((machine) => terminal.write(`${JSON.stringify(machine)}\n`))
  const [title = '', ...lines] = textTable(columns, view.machines.map(lineOf))
  terminal.write(`${[`${safeText(name)} would track`, '', coloured(terminal, 'bold', title), ...lines].join('\n')}\n`)
  for (const { computer, forecast } of view.machines)
    for (const { entry, message } of forecast?.warnings ?? [])
      terminal.writeError(
        `${safeText(computer)}: ${entry === undefined ? '' : `entry "${safeText(entry)}": `}${safeText(message)}\n`,
      )
}

/** The document that the file has of them: the machine reads it, not what became of it here. */
function settingsIn(context: CommandContext, file: string): object {
  const read = readRuleImport(readJson(file, readRuleText(context.folder, file)), { name: nameOfRuleFile(file) })
  const document: unknown = read.kind === 'parsed' ? read.value.rules[0]?.document : undefined
  const path = ['properties', 'dataSources', 'extensions']
  const extensions = path.reduce(memberOf, document)
  const own = Array.isArray(extensions)
    ? extensions.find((one) => memberOf(one, 'extensionName') === 'ChangeTracking-Linux')
    : undefined
  const settings = memberOf(own, 'extensionSettings')
  return typeof settings === 'object' && settings !== null ? settings : {}
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(key)
    : undefined
}

const columns = [
  { title: 'MACHINE' },
  { title: 'STATE' },
  { title: 'FILES', align: 'right' },
  { title: 'BYTES', align: 'right' },
  { title: 'READ', align: 'right' },
  { title: 'FIRST LOOK', align: 'right' },
  { title: 'LATER LOOKS', align: 'right' },
] as const

function lineOf({ computer, state, detail, forecast }: ForecastMachine): string[] {
  if (forecast === undefined) {
    const why = detail === '' ? '' : `: ${safeText(detail)}`
    return [safeText(computer), `${state}${why}`, '', '', '', '', '']
  }
  const { all, baseline, rescan } = forecast
  const amounts = [countText(all.files), bytesText(all.bytes), bytesText(all.read.bytes)]
  return [safeText(computer), state, ...amounts, secondsText(baseline.seconds), secondsText(rescan.seconds)]
}
