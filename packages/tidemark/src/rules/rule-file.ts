import { basename, resolve } from 'node:path'

import { readText, reasonOf } from '../host/files.ts'
import { CommandError, exitCodes } from '../terminal/exit.ts'
import { readSettingsDocument, type RuleSettings } from './document.ts'

/**
 * What a file asks of change tracking: a DCR as exported from Azure or by `rules show`, or only its `extensionSettings`.
 * Throws `CommandError` with exit code 2 where it cannot be read or has mistakes: JSON paths of all, line and column of
 * broken JSON.
 */
export function readRuleFile(folder: string, file: string): RuleSettings {
  return readSettingsDocument(file, readRuleText(folder, file), nameOfRuleFile(file))
}

/** The text of a rule's file; `file` may be relative to `folder`. */
export function readRuleText(folder: string, file: string): string {
  try {
    return readText(resolve(folder, file))
  } catch (cause) {
    throw new CommandError('not-found', `the rule ${file} cannot be read: ${reasonOf(cause)}`, {
      exitCode: exitCodes.usage,
      cause,
    })
  }
}

/** The name of a rule whose document has none. */
export function nameOfRuleFile(file: string): string {
  return basename(file).replace(/\.json$/i, '')
}
