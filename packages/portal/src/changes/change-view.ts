import { kqlString, type QueryCell, trackedTypes } from '@tidemark/model'

import { type SpanName, spans, type TimeRange } from './span.ts'

/** What the page shows, as it stands in its address. */
export interface ChangeSearch {
  readonly span?: SpanName
  /** A range that was dragged or written, milliseconds since 1970; it wins over `span`. */
  readonly from?: number
  readonly to?: number
  readonly type?: string
  readonly category?: string
  readonly machine?: string
  readonly text?: string
}

/** Rows that the page takes at most. */
export const ROWS_MAX = 100_000

/** Reads the address; what cannot be understood is left out. */
export function parseChangeSearch(search: Readonly<Record<string, unknown>>): ChangeSearch {
  const span = Object.keys(spans).find((name): name is SpanName => name === search['span'])
  const [from, to] = [Number(search['from']), Number(search['to'])]
  const isRange = search['from'] !== undefined && Number.isFinite(from) && Number.isFinite(to) && from < to
  const text = (name: string): string | undefined => {
    const value = search[name]
    return value === undefined || value === null || value === '' ? undefined : String(value)
  }
  const filters = { type: text('type'), category: text('category'), machine: text('machine'), text: text('text') }
  return {
    ...(span === undefined ? {} : { span }),
    ...(isRange ? { from, to } : {}),
    ...Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)),
  }
}

/** The window of time that a search stands for, at this moment. */
export function rangeOf({ span = '24h', from, to }: ChangeSearch, nowMs: number): TimeRange {
  return from === undefined || to === undefined
    ? { fromMs: nowMs - spans[span], toMs: nowMs + 1_000 }
    : { fromMs: from, toMs: to }
}

/** The KQL behind the page. */
export function changeQuery(search: ChangeSearch, nowMs: number): string {
  const { fromMs, toMs } = rangeOf(search, nowMs)
  const moment = (ms: number): string => `datetime(${new Date(ms).toISOString()})`
  const conditions = [
    // A range that was not chosen has no end: what arrives now belongs to it.
    `TimeGenerated >= ${moment(fromMs)}${search.from === undefined ? '' : ` and TimeGenerated < ${moment(toMs)}`}`,
    ...(search.type === undefined ? [] : [`ConfigChangeType == ${kqlString(search.type)}`]),
    ...(search.category === undefined ? [] : [`ChangeCategory == ${kqlString(search.category)}`]),
    ...(search.machine === undefined ? [] : [`Computer == ${kqlString(search.machine)}`]),
    ...(search.text === undefined ? [] : [textCondition(search.text)]),
  ]
  const columns =
    'TimeGenerated, Computer, ConfigChangeType, ChangeCategory, FileSystemPath, SoftwareName, SvcName, Previous, Current, FieldsChanged, RecordId'
  return `ConfigurationChange\n${conditions.map((one) => `| where ${one}`).join('\n')}\n| project ${columns}\n| top ${ROWS_MAX} by TimeGenerated desc`
}

function textCondition(text: string): string {
  const columns = ['FileSystemPath', 'SoftwareName', 'SvcName', 'Computer']
  return columns.map((column) => `${column} contains ${kqlString(text)}`).join(' or ')
}

/** The KQL for all columns of one change. */
export function detailQuery(recordId: string): string {
  return `ConfigurationChange\n| where RecordId == ${kqlString(recordId)}\n| take 1`
}

/** What changed: a path, a package or a daemon. */
export function changedThing(row: Readonly<Record<string, QueryCell>>): string {
  return String(row['FileSystemPath'] || row['SoftwareName'] || row['SvcName'] || '')
}

/** How it changed, in a few words. */
export function changeSummary(row: Readonly<Record<string, QueryCell>>): string {
  const [previous, current] = [String(row['Previous'] ?? ''), String(row['Current'] ?? '')]
  if (previous !== current && (previous !== '' || current !== ''))
    return `${previous || '(none)'} → ${current || '(none)'}`
  return String(row['FieldsChanged'] ?? '')
}

/** One property of a change, before and after. */
export interface Property {
  readonly name: string
  readonly before: string
  readonly after: string
}

// Columns about the record, not about the thing; times of the record are shown in the title.
const ABOUT_THE_RECORD: ReadonlySet<string> = new Set([
  ...['TimeGenerated', '_TimeReceived', 'TenantId', 'Type', 'MG', 'SourceSystem', 'FieldsChanged', 'ChangeCategory'],
  ...['ConfigChangeType', 'RecordId', 'Sequence', 'BaselineEpoch', '_ResourceId', '_SubscriptionId', 'VMUUID'],
  ...['SourceComputerId', 'Previous', 'Current', 'SvcChangeType', 'LastSnapshotAge', 'AdditionalFields'],
])

/** Where the value before stands: `PreviousX`, or `SvcPreviousX` for a daemon. */
function previousName(name: string): string {
  return name.startsWith('Svc') ? `SvcPrevious${name.slice(3)}` : `Previous${name}`
}

/** The properties of a change, sorted into those that changed and those that did not. */
export function propertiesOf(row: Readonly<Record<string, QueryCell>>): {
  readonly changed: readonly Property[]
  readonly unchanged: readonly Property[]
} {
  const category = row['ChangeCategory']
  const changed: Property[] = []
  const unchanged: Property[] = []
  if (row['ConfigChangeType'] === 'Software') {
    const [before, after] = [cellText(row['Previous']), cellText(row['Current'])]
    const property = { name: 'Version', before, after }
    if (before === after) unchanged.push(property)
    else changed.push(property)
  }
  for (const [name, cell] of Object.entries(row)) {
    if (ABOUT_THE_RECORD.has(name) || /^(Svc)?Previous./.test(name)) continue
    const hasPrevious = previousName(name) in row
    const after = cellText(cell)
    const before = hasPrevious ? cellText(row[previousName(name)]) : category === 'Added' ? '' : after
    if (before === '' && after === '') continue
    if (hasPrevious && before !== after) changed.push({ name, before, after })
    else unchanged.push({ name, before: hasPrevious ? before : after, after })
  }
  return { changed, unchanged }
}

function cellText(cell: QueryCell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell)
}

/** The types in the order in which they are stacked and told. */
export const types = trackedTypes
