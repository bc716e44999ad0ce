import type { InventoryColumn } from '@tidemark/model'

import type { ItemColumns } from '../../collector.ts'
import { redactCommandLine } from '../../who/redact.ts'
import { type BusValue, listOf, numberOf, textOf } from '../bus/value.ts'
import { shownName, unitTypeOf } from './unit-name.ts'

/** Properties of every unit that are wanted (org.freedesktop.systemd1(5)). */
export const unitProperties: ReadonlySet<string> = new Set([
  'Id',
  'WantedBy',
  'Description',
  'LoadState',
  'ActiveState',
  'SubState',
  'FragmentPath',
  'UnitFileState',
  'DropInPaths',
  'NeedDaemonReload',
  'ActiveEnterTimestamp',
])
/** The same with those of a service. */
export const serviceProperties: ReadonlySet<string> = new Set([
  ...unitProperties,
  'ExecStart',
  'User',
  'NRestarts',
  'MainPID',
])

/** Columns that only systemd itself can tell; where systemctl stands in for it, they stay as they were. */
export const managerColumns = [
  'SvcUnitType',
  'SvcExecStart',
  'SvcAccount',
  'SvcDropIns',
  'SvcRestarts',
  'SvcMainProcessId',
  'SvcExecutable',
  'SvcNeedsRestart',
  'SvcNeedsRestartReason',
] as const satisfies readonly InventoryColumn[]

type Properties = ReadonlyMap<string, BusValue>

/** The columns of the described command, from a unit's properties. */
export function describedColumns(properties: Properties): ItemColumns {
  const name = shownName(textOf(properties.get('Id')))
  const description = textOf(properties.get('Description'))
  return {
    SvcName: name,
    SvcDisplayName: description || name,
    SvcDescription: description,
    SvcState: capitalised(textOf(properties.get('SubState'))),
    SvcStartupType: capitalised(textOf(properties.get('UnitFileState'))),
    SvcRunlevels: listOf(properties.get('WantedBy')).map(textOf).join(' '),
    SvcPath: textOf(properties.get('FragmentPath')),
    SvcController: 'systemd',
  }
}

/** What a service's configuration says beyond them: it stays the same until systemd reads the unit again. */
export function configuredColumns(properties: Properties): ItemColumns {
  return {
    SvcExecStart: listOf(properties.get('ExecStart')).map(commandLine).join('; '),
    SvcAccount: textOf(properties.get('User')),
  }
}

/** What is told of every unit beyond the described command. */
export function ownColumns(unit: string, properties: Properties): ItemColumns {
  return {
    SvcUnitType: unitTypeOf(unit) ?? '',
    SvcDropIns: JSON.stringify(listOf(properties.get('DropInPaths')).map(textOf)),
  }
}

/** One command of `ExecStart`: its program's path and its words; secrets in them are redacted. */
function commandLine(command: BusValue): string {
  const [path, words] = listOf(command)
  return redactCommandLine([textOf(path), ...listOf(words).slice(1).map(textOf)])
}

/** Whether the unit is more than loaded: it runs, comes up, goes down, or has failed. */
export function isInUse(properties: Properties): boolean {
  return textOf(properties.get('ActiveState')) !== 'inactive'
}

/** Whether systemd has read its configuration at a time when its files were others. */
export function needsReload(properties: Properties): boolean {
  return properties.get('NeedDaemonReload') === true
}

/** When the unit came up last, milliseconds since 1970; 0 where it never did. */
export function activeSinceMs(properties: Properties): number {
  return numberOf(properties.get('ActiveEnterTimestamp')) / 1_000
}

/** A word as the described system shows it. */
export function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
