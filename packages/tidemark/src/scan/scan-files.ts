import { resolve } from 'node:path'

import { systemClock } from '@tidemark/base'
import type { ScanOnceResult } from '@tidemark/changetracking/once'
import type { Row } from '@tidemark/model'

import type { CommandContext } from '../context.ts'
import { isFolder } from '../host/files.ts'
import { changedThing, changeSummary } from '../reading/change-text.ts'
import { bytesText, countText, nounText } from '../rules/amounts.ts'
import type { RuleSettings } from '../rules/document.ts'
import { readRuleFile } from '../rules/rule-file.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { coloured, safeText, type Terminal } from '../terminal/terminal.ts'
import { showNowAndThen } from '../up/progress.ts'

/** How `tidemark scan --rule` is called. */
export interface ScanFilesOptions {
  readonly rule: string
  readonly state: string
  readonly full?: boolean
  readonly json?: boolean
  readonly content?: string
}

/** Exit codes of a scan by itself, which scripts that used AIDE ask for: 0 nothing changed, 1 changes, 2 trouble. */
const codes = { nothing: 0, changes: 1, trouble: 2 } as const

/** Sentences on what could not be seen that are printed at most. */
const GAPS_SHOWN_MAX = 20

/** One scan of files without agent or server: prints the changes since the last one with the same state. */
export async function scanFiles(context: CommandContext, options: ScanFilesOptions): Promise<void> {
  const { terminal, folder, signal } = context
  const rule = readRuleFile(folder, options.rule)
  assertAsksForFiles(options.rule, rule.settings)
  const statePath = resolve(folder, options.state)
  if (isFolder(statePath))
    throw new CommandError(
      'bad-option',
      `${options.state} is a folder; with --rule, --state is the file that remembers: --state ${options.state}/files.db`,
      { exitCode: exitCodes.usage },
    )
  const progress = showNowAndThen(terminal, 'looking')
  const print = options.json ? printJson(terminal) : printText(terminal)
  // Loaded here: no other command waits for it.
  const { ChangeTrackingError, scanOnce } = await import('@tidemark/changetracking/once')
  try {
    const result = await scanOnce({
      statePath,
      rules: [rule],
      isFull: options.full === true,
      ...(options.content === undefined ? {} : { contentFolder: resolve(folder, options.content) }),
      clock: systemClock,
      signal,
      onRow: print.row,
      onProgress: ({ files, folders, bytes }) =>
        progress.tell(`${nounText(files + folders, 'path')}, ${bytesText(bytes)}`),
    })
    progress.end()
    print.end(result)
    context.setExitCode(exitCodeOf(result))
  } catch (error) {
    progress.end()
    throw trouble(error, {
      state: options.state,
      isOurs: error instanceof ChangeTrackingError,
      isStopped: signal.aborted,
    })
  }
}

/** A rule that asks for nothing finds nothing changed for ever: that is a mistake, and not all is well. */
function assertAsksForFiles(file: string, { enableFiles, files }: RuleSettings['settings']): void {
  const why = enableFiles ? 'fileSettings.fileInfo has no entry that is enabled' : 'enableFiles is false'
  if (enableFiles && files.some(({ enabled }) => enabled)) return
  throw new CommandError('rule-rejected', `${file} asks for no files: ${why}`, { exitCode: exitCodes.usage })
}

function exitCodeOf({ changeCount, gaps }: ScanOnceResult): number {
  if (changeCount > 0) return codes.changes
  // Where something could not be seen, nobody knows that nothing changed.
  return gaps.some(({ reason }) => reason !== 'content-not-kept') ? codes.trouble : codes.nothing
}

function trouble(
  error: unknown,
  { state, isOurs, isStopped }: { readonly state: string; readonly isOurs: boolean; readonly isStopped: boolean },
): unknown {
  const with2 = { exitCode: exitCodes.usage, cause: error }
  if (isStopped)
    return new CommandError('daemon-failed', 'stopped; what was found until then is kept, the next scan goes on', with2)
  if (isOurs && error instanceof Error) return new CommandError('daemon-failed', error.message, with2)
  if (error instanceof CommandError || !(error instanceof Error) || !('code' in error)) return error
  return new CommandError('daemon-failed', `the scan with ${state} failed: ${error.message}`, with2)
}

interface Printing {
  readonly row: (row: Row) => void
  readonly end: (result: ScanOnceResult) => void
}

/** Every row as it goes to the tables, one a line: changes, and what could not be seen, once. */
function printJson(terminal: Terminal): Printing {
  return {
    row: (row) => terminal.write(`${JSON.stringify(row)}\n`),
    end: ({ gaps }) => terminal.writeError(gapLines(gaps)),
  }
}

const COLOURS = { Added: 'green', Removed: 'red', Modified: 'yellow' } as const

function printText(terminal: Terminal): Printing {
  const counts = { Added: 0, Removed: 0, Modified: 0 }
  return {
    row: (row) => {
      const category = String(row['ChangeCategory'] ?? '')
      if (category !== 'Added' && category !== 'Removed' && category !== 'Modified') return
      counts[category] += 1
      const path = safeText(changedThing(row))
      const how = category === 'Modified' ? `  ${safeText(changeSummary(row))}` : ''
      terminal.write(`${coloured(terminal, COLOURS[category], category.padEnd(8))} ${path}${how}\n`)
    },
    end: (result) => terminal.writeError(`${gapLines(result.gaps)}${summaryOf(result, counts)}\n`),
  }
}

/** What could not be seen, at each scan: the exit code says that there is something. */
function gapLines(gaps: ScanOnceResult['gaps']): string {
  const told = gaps.filter(({ detail }) => detail !== '')
  const lines = told.slice(0, GAPS_SHOWN_MAX).map(({ detail }) => `${safeText(detail)}\n`)
  const rest = told.length - GAPS_SHOWN_MAX
  return `${lines.join('')}${rest > 0 ? `and ${rest} more\n` : ''}`
}

function summaryOf(result: ScanOnceResult, counts: Readonly<Record<keyof typeof COLOURS, number>>): string {
  const { total, isFirst, baselineCount, changeCount, durationMs } = result
  const paths = `${nounText(total.files, 'file')} and ${nounText(total.folders, 'folder')}`
  const seen = `${paths} in ${(durationMs / 1_000).toFixed(1)} s, ${countText(total.readFiles)} read (${bytesText(total.readBytes)})`
  if (total.files + total.folders === 0 && changeCount === 0) return 'Nothing here matches the rule.'
  if (isFirst) return `First scan: ${nounText(baselineCount, 'path')} tracked from now on; ${seen}.`
  const also = baselineCount === 0 ? '' : `, ${countText(baselineCount)} newly tracked`
  if (changeCount === 0) return `Nothing changed${also}; ${seen}.`
  return `${counts.Added} added, ${counts.Removed} removed, ${counts.Modified} modified${also}; ${seen}.`
}
