import { problemsText } from '@tidemark/base'
import type { ChangeTrackingSettings } from '@tidemark/changetracking'
import { changeTrackingPlaces, problemOf } from '@tidemark/model'

import { CommandError, exitCodes } from '../terminal/exit.ts'
import { readSettingsFile, settingsPart } from './settings-file.ts'

/** What the command line says of change tracking; each wins over the settings file. */
export interface ChangeTrackingOptions {
  readonly root: string
  readonly settings?: string
  readonly mode?: string
  readonly socketsDirectory?: string
  readonly refreshInterval?: number
  readonly logFile?: string
  readonly logLevel?: string
}

/** The settings of change tracking: of its file, where there is one; what the command line says wins. */
export async function readChangeTrackingSettings(
  options: ChangeTrackingOptions,
  folder: string,
): Promise<ChangeTrackingSettings> {
  const { changeTrackingSettings } = await import('@tidemark/changetracking')
  const usual = changeTrackingPlaces(options.root).settings
  const { path, document } = readSettingsFile({ named: options.settings, usual, folder })
  const said = Object.entries({
    mode: options.mode,
    socketsDirectory: options.socketsDirectory,
    configRefreshMs: options.refreshInterval,
  }).filter(([, value]) => value !== undefined)
  const read = changeTrackingSettings.safeParse({
    ...document,
    ...Object.fromEntries(said),
    root: options.root,
    log: settingsPart(document, 'log', { level: options.logLevel }),
  })
  if (read.success) return read.data
  throw new CommandError('bad-option', `${path}: ${problemsText(read.error.issues.map(problemOf))}`, {
    exitCode: exitCodes.usage,
  })
}
