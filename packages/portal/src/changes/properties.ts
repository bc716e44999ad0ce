import type { QueryCell } from '@tidemark/model'

import type { AnswerRow } from '../api/answer-row.ts'
import { valueText } from '../view/values.ts'
import { columnWord } from '../view/words.ts'
import { changeWords } from '../words/changes.ts'

/** What changed: a path, a package or a daemon. */
export function changedThing(row: AnswerRow): string {
  return String(row['FileSystemPath'] || row['SoftwareName'] || row['SvcName'] || '')
}

/** Where a renamed file was before; empty for what was not renamed. */
export function renamedFrom(row: AnswerRow): string {
  const before = cellText(row['PreviousFileSystemPath'])
  return row['ChangeCategory'] === 'Modified' && before !== cellText(row['FileSystemPath']) ? before : ''
}

/** How it changed, in a few words. */
export function changeSummary(row: AnswerRow): string {
  const [previous, current] = [cellText(row['Previous']), cellText(row['Current'])]
  if (previous !== current) return [previous, current].filter((version) => version !== '').join(' → ')
  const states = stateWords(row)
  const words = changedWords(row).filter((word) => states.length === 0 || word !== columnWord('SvcState'))
  return [...states, ...words]
    .map((word) => (word === RENAMED ? `${RENAMED} from ${renamedFrom(row)}` : word))
    .join(', ')
}

/** The states of a daemon before and after, which say more than that its state changed. */
function stateWords(row: AnswerRow): string[] {
  const [before, after] = [cellText(row['SvcPreviousState']), cellText(row['SvcState'])]
  const count = Number(row['SvcTransitions'] ?? 0)
  return [
    ...(before !== after && before !== '' && after !== '' ? [`${before} → ${after}`] : []),
    ...(count > 1 ? [changeWords.transitions(count)] : []),
  ]
}

const RENAMED = 'renamed'

/** What differs, word by word, as `FieldsChanged` names it; path and name of what was renamed are told as one. */
export function changedWords(row: AnswerRow): string[] {
  const isRenamed = renamedFrom(row) !== ''
  const names = fieldsChanged(row).filter((name) => !isRenamed || !['FileSystemPath', 'Name'].includes(name))
  return [...new Set([...(isRenamed ? [RENAMED] : []), ...names.map(columnWord)])]
}

function fieldsChanged(row: AnswerRow): string[] {
  return cellText(row['FieldsChanged'])
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** One property of a change, before and after. */
export interface Property {
  /** The column's name. */
  readonly name: string
  readonly before: string
  readonly after: string
}

// Columns about the record, not about the thing; who did it and what the file held have places of their own.
const ABOUT_THE_RECORD: ReadonlySet<string> = new Set([
  'TimeGenerated',
  '_TimeReceived',
  'TenantId',
  'Type',
  'MG',
  'SourceSystem',
  'FieldsChanged',
  'ChangeCategory',
  'ConfigChangeType',
  'RecordId',
  'Sequence',
  'BaselineEpoch',
  '_ResourceId',
  '_SubscriptionId',
  'VMUUID',
  'SourceComputerId',
  'Previous',
  'Current',
  'SvcChangeType',
  'LastSnapshotAge',
  'AdditionalFields',
  'Computer',
  'DetectedBy',
  'RuleNames',
  '_BilledSize',
  '_IsBillable',
  'TimeObserved',
  'FileContentBlobLink',
  'OperationId',
  'PackageName',
  'PackageVersion',
  'PackageVerdict',
  'PackageVerdictNote',
  'SvcTransitions',
  'SvcTransitionsFrom',
])

/** The properties of a change, sorted into those that changed and those that did not. */
export function propertiesOf(row: AnswerRow): {
  readonly changed: readonly Property[]
  readonly unchanged: readonly Property[]
} {
  const listed = row['ChangeCategory'] === 'Modified' ? new Set(fieldsChanged(row)) : new Set<string>()
  const changed: Property[] = []
  const unchanged: Property[] = []
  const put = (name: string, { before, after, isChanged }: Omit<Property, 'name'> & { isChanged: boolean }): void => {
    if (before === '' && after === '') return
    const same = before === '' ? after : before
    if (isChanged) changed.push({ name, before, after })
    else unchanged.push({ name, before: same, after: same })
  }
  if (row['ConfigChangeType'] === 'Software') {
    const [before, after] = [cellText(row['Previous']), cellText(row['Current'])]
    put('Version', { before, after, isChanged: before !== after })
  }
  for (const [name, cell] of Object.entries(row)) {
    if (ABOUT_THE_RECORD.has(name) || /^((Svc)?Previous|InitiatingProcess)./.test(name)) continue
    const [before, after] = [valueText(name, row[previousName(name)]), valueText(name, cell)]
    const isChanged = listed.size > 0 ? listed.has(name) : isPaired(row, name) && before !== after
    put(name, { before, after, isChanged })
  }
  return { changed, unchanged }
}

/** Where the value before stands: `PreviousX`, or `SvcPreviousX` for a daemon. */
function previousName(name: string): string {
  return name.startsWith('Svc') ? `SvcPrevious${name.slice(3)}` : `Previous${name}`
}

/**
 * Whether this change tells the value before. A removed package tells its size in `Size`, which is no value after; a file
 * that kept its path tells none before.
 */
function isPaired(row: AnswerRow, name: string): boolean {
  const previous = previousName(name)
  const isToldAlways = row['ChangeCategory'] !== 'Removed' && name !== 'FileSystemPath' && name !== 'Name'
  return previous in row && (isToldAlways || cellText(row[previous]) !== '')
}

function cellText(cell: QueryCell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell)
}
