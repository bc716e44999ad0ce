import { kqlString } from '@tidemark/model'

import type { AnswerRow } from '../api/answer-row.ts'

/** Changes of an item that are listed. */
export const HISTORY_MAX = 200
/** Machines that are listed. */
export const MACHINES_MAX = 1_000
/** How far away from a change the same one on another machine may be. */
const WINDOW_DAYS = 30

const SHOWN = [
  'TimeGenerated',
  'Computer',
  'ConfigChangeType',
  'ChangeCategory',
  'FileSystemPath',
  'SoftwareName',
  'SvcName',
  'Previous',
  'Current',
  'FieldsChanged',
  'RecordId',
  'PreviousFileSystemPath',
  'SvcState',
  'SvcPreviousState',
  'SvcTransitions',
  'InitiatingProcessAccountName',
  'InitiatingProcessFolderPath',
]

/** The column that names an item of a type. */
const ITEM: Readonly<Record<string, string>> = { Files: 'FileSystemPath', Software: 'SoftwareName', Daemons: 'SvcName' }

/** What an item is like after a change: where it is the same, the change was the same. */
const OUTCOME: Readonly<Record<string, readonly string[]>> = {
  Files: ['FileContentChecksum', 'FileMode', 'FileOwner', 'FileGroup', 'LinkTarget', 'ItemType'],
  Software: ['Current', 'Previous', 'Architecture'],
  Daemons: ['SvcState', 'SvcStartupType', 'SvcPath'],
}

/** The KQL of the changes of this item on this machine, newest first; also those under the name before a rename. */
export function historyQuery(row: AnswerRow): string {
  const type = text(row, 'ConfigChangeType')
  const item = ITEM[type] ?? 'FileSystemPath'
  const names = [item, ...(item === 'FileSystemPath' ? ['PreviousFileSystemPath'] : [])]
  const same = names.map((name) => `${name} == ${kqlString(text(row, item))}`).join(' or ')
  return [
    'ConfigurationChange',
    `where Computer == ${kqlString(text(row, 'Computer'))}`,
    `where ConfigChangeType == ${kqlString(type)}`,
    `where ${same}`,
    `project ${SHOWN.join(', ')}`,
    `top ${HISTORY_MAX} by TimeGenerated desc`,
  ].join('\n| ')
}

/** The KQL of the other machines where the same happened to the same item, with their last such change. */
export function elsewhereQuery(row: AnswerRow): string {
  const type = text(row, 'ConfigChangeType')
  const item = ITEM[type] ?? 'FileSystemPath'
  const at = Date.parse(text(row, 'TimeGenerated'))
  const day = (days: number): string => `datetime(${new Date(at + days * 86_400_000).toISOString()})`
  const same = ['ConfigChangeType', 'ChangeCategory', item, ...(OUTCOME[type] ?? [])]
  return [
    'ConfigurationChange',
    `where TimeGenerated >= ${day(-WINDOW_DAYS)} and TimeGenerated < ${day(WINDOW_DAYS)}`,
    ...same.map((name) => `where ${name} == ${kqlString(text(row, name))}`),
    `where Computer != ${kqlString(text(row, 'Computer'))}`,
    `project ${SHOWN.join(', ')}`,
    'summarize arg_max(TimeGenerated, *) by Computer',
    `top ${MACHINES_MAX} by TimeGenerated desc`,
  ].join('\n| ')
}

function text(row: AnswerRow, name: string): string {
  return String(row[name] ?? '')
}
