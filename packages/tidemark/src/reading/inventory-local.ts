import { resolve } from 'node:path'

import { systemClock } from '@tidemark/base'
import type { CollectOnceResult } from '@tidemark/changetracking/once'

import type { CommandContext } from '../context.ts'
import { isFolder } from '../host/files.ts'
import { readRuleFile } from '../rules/rule-file.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { safeText } from '../terminal/terminal.ts'
import { type InventoryName, printInventory, views } from './inventory-view.ts'
import { filledCells } from './result-rows.ts'

/** How `tidemark inventory --local` is called. */
export interface LocalInventoryOptions {
  readonly root?: string
  readonly rule?: string
  readonly text?: string
  readonly limit: number
  readonly json?: boolean
}

/** Collects now, on this machine or below another root, and prints the rows; code 3 where something could not be seen. */
export async function localInventory(
  context: CommandContext,
  what: InventoryName,
  options: LocalInventoryOptions,
): Promise<void> {
  const { terminal } = context
  const { rows, gaps, notes } = await collect(context, what, options)
  const { name } = views[what]
  const wanted = options.text?.toLowerCase() ?? ''
  const shown = rows.filter((row) => String(row[name]).toLowerCase().includes(wanted)).slice(0, options.limit)
  if (options.json) for (const row of shown) terminal.write(`${JSON.stringify(filledCells(row))}\n`)
  else if (shown.length > 0) printInventory(terminal, what, shown)
  else if (gaps.length === 0) terminal.writeError('Nothing matches.\n')
  for (const note of notes) terminal.writeError(`${safeText(note)}\n`)
  for (const { detail } of gaps) terminal.writeError(`${safeText(detail)}\n`)
  if (gaps.length > 0) context.setExitCode(exitCodes.unavailable)
}

async function collect(
  { folder, signal }: CommandContext,
  what: InventoryName,
  options: LocalInventoryOptions,
): Promise<CollectOnceResult> {
  const { type } = views[what]
  if (type === 'Files')
    throw badOption('--local is for software and daemons; files are looked at with "tidemark scan --rule FILE"')
  const root = resolve(folder, options.root ?? '/')
  if (!isFolder(root)) throw new CommandError('not-found', `--root ${options.root ?? ''} is no folder that can be read`)
  const settings = options.rule === undefined ? undefined : readRuleFile(folder, options.rule).settings
  // Loaded here: who asks the server does not wait for it.
  const { collectOnce } = await import('@tidemark/changetracking/once')
  return await collectOnce({ type, root, clock: systemClock, signal, ...(settings === undefined ? {} : { settings }) })
}

function badOption(message: string): CommandError {
  return new CommandError('bad-option', message, { exitCode: exitCodes.usage })
}
