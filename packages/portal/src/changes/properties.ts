import type { QueryCell } from '@tidemark/model'

import type { AnswerRow } from '../api/client.ts'

/** What changed: a path, a package or a daemon. */
export function changedThing(row: AnswerRow): string {
  return String(row['FileSystemPath'] || row['SoftwareName'] || row['SvcName'] || '')
}

/** How it changed, in a few words. */
export function changeSummary(row: AnswerRow): string {
  const [previous, current] = [cellText(row['Previous']), cellText(row['Current'])]
  if (previous !== current) return [previous, current].filter((version) => version !== '').join(' → ')
  return fieldsChanged(row).map(fieldText).join(', ')
}

function fieldsChanged(row: AnswerRow): string[] {
  return cellText(row['FieldsChanged'])
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** `SvcStartupType` as people say it: `startup type`. */
function fieldText(name: string): string {
  if (name === 'FileContentChecksum') return 'content'
  const words = name.replace(/^(File|Svc|Software)(?=[A-Z])/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
  return words.toLowerCase()
}

/** One property of a change, before and after. */
export interface Property {
  readonly name: string
  readonly before: string
  readonly after: string
}

// Columns about the record, not about the thing.
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
    if (ABOUT_THE_RECORD.has(name) || /^(Svc)?Previous./.test(name)) continue
    const [before, after] = [cellText(row[previousName(name)]), cellText(cell)]
    const isChanged = listed.size > 0 ? listed.has(name) : isPaired(row, name) && before !== after
    put(name, { before, after, isChanged })
  }
  return { changed, unchanged }
}

/** Where the value before stands: `PreviousX`, or `SvcPreviousX` for a daemon. */
function previousName(name: string): string {
  return name.startsWith('Svc') ? `SvcPrevious${name.slice(3)}` : `Previous${name}`
}

/** Whether this change tells the value before. A removed package tells its size in `Size`, which is no value after. */
function isPaired(row: AnswerRow, name: string): boolean {
  const previous = previousName(name)
  return previous in row && (row['ChangeCategory'] !== 'Removed' || cellText(row[previous]) !== '')
}

function cellText(cell: QueryCell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell)
}
