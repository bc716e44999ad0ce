import { kqlString, trackedTypes } from '@tidemark/model'

import { binMs, type SpanName, spans, type TimeRange } from './span.ts'

/** What the page shows, as it stands in its address. */
export interface ChangeSearch {
  readonly span?: SpanName
  /** A range that was dragged or written, milliseconds since 1970; it wins over `span`. */
  readonly from?: number
  readonly to?: number
  readonly type?: string
  readonly category?: string
  readonly machine?: string
  /** Whose process made the change, or who had logged in there. */
  readonly account?: string
  readonly text?: string
  /** `RecordId` of the change that is open beside the table. */
  readonly change?: string
}

/** The filters alone: what decides which changes are shown. */
export function filtersOf(search: ChangeSearch): ChangeSearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => name !== 'change'))
}

/** Rows that the page takes at most. */
export const ROWS_MAX = 100_000

const TEXTS = ['type', 'category', 'machine', 'account', 'text', 'change'] as const

/** 9999-12-31T23:59:59Z in milliseconds since 1970: later moments cannot be written as a `datetime`. */
const MOMENT_MAX = 253_402_300_799_000

/** Reads the address; what cannot be understood is left out. */
export function parseChangeSearch(search: Readonly<Record<string, unknown>>): ChangeSearch {
  const span = Object.keys(spans).find((name): name is SpanName => name === search['span'])
  const [from, to] = [Number(search['from']), Number(search['to'])]
  const isRange = search['from'] !== undefined && from >= 0 && from < to && to <= MOMENT_MAX
  const text = (name: string): string | undefined => {
    const value = search[name]
    return (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value) : undefined
  }
  const filters = Object.fromEntries(TEXTS.map((name) => [name, text(name)]))
  return {
    ...(span === undefined ? {} : { span }),
    ...(isRange ? { from, to } : {}),
    ...Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)),
  }
}

/** The window of time that a search stands for, at this moment. */
export function rangeOf({ span = '24h', from, to }: ChangeSearch, nowMs: number): TimeRange {
  return from === undefined || to === undefined
    ? { fromMs: nowMs - spans[span], toMs: nowMs }
    : { fromMs: from, toMs: to }
}

/** The KQL of the table's rows: the newest that the filters let through. */
export function changeQuery(search: ChangeSearch, nowMs: number): string {
  const columns = [
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
    'InitiatingProcessAccountName',
    'InitiatingProcessLoginName',
    'InitiatingProcessFolderPath',
    'InitiatingProcessCertainty',
    'HasContent = isnotempty(FileContentBlobLink) or isnotempty(PreviousFileContentBlobLink)',
  ]
  const steps = [...conditions(search, nowMs), `project ${columns.join(', ')}`, `top ${ROWS_MAX} by TimeGenerated desc`]
  return ['ConfigurationChange', ...steps].join('\n| ')
}

/** The KQL of the chart: how many changes of each type each bar has. It counts all, also those beyond the rows. */
export function countQuery(search: ChangeSearch, nowMs: number): string {
  // Bars that are longer than a day are made of days here: they begin at other moments than the store's would.
  const seconds = Math.min(86_400, binMs(rangeOf(search, nowMs)) / 1_000)
  const counts = `summarize Count = count() by At = bin(TimeGenerated, ${seconds}s), ConfigChangeType`
  return ['ConfigurationChange', ...conditions(search, nowMs), counts].join('\n| ')
}

/** Accounts that the filter offers. */
const ACCOUNTS_MAX = 500

/** The KQL of the accounts behind the changes that the other filters let through, those with most changes first. */
export function accountQuery(search: ChangeSearch, nowMs: number): string {
  const columns = ['InitiatingProcessAccountName', 'InitiatingProcessLoginName']
  const steps = [
    ...conditions(withoutAccount(search), nowMs),
    `where ${columns.map((column) => `isnotempty(${column})`).join(' or ')}`,
    `summarize Changes = count() by ${columns.join(', ')}`,
    `top ${ACCOUNTS_MAX} by Changes desc`,
  ]
  return ['ConfigurationChange', ...steps].join('\n| ')
}

function withoutAccount(search: ChangeSearch): ChangeSearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => name !== 'account'))
}

function conditions(search: ChangeSearch, nowMs: number): string[] {
  const { fromMs, toMs } = rangeOf(search, nowMs)
  const moment = (ms: number): string => `datetime(${new Date(ms).toISOString()})`
  const equals = (column: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`where ${column} == ${kqlString(value)}`]
  return [
    // A range that was not chosen has no end: what arrives now belongs to it.
    `where TimeGenerated >= ${moment(fromMs)}${search.from === undefined ? '' : ` and TimeGenerated < ${moment(toMs)}`}`,
    ...equals('ConfigChangeType', search.type),
    ...equals('ChangeCategory', search.category),
    ...equals('Computer', search.machine),
    ...(search.account === undefined ? [] : [`where ${accountCondition(search.account)}`]),
    ...(search.text === undefined ? [] : [`where ${textCondition(search.text)}`]),
  ]
}

function accountCondition(account: string): string {
  const columns = ['InitiatingProcessAccountName', 'InitiatingProcessLoginName']
  return columns.map((column) => `${column} == ${kqlString(account)}`).join(' or ')
}

function textCondition(text: string): string {
  const columns = [
    'FileSystemPath',
    'PreviousFileSystemPath',
    'SoftwareName',
    'SvcName',
    'Computer',
    'InitiatingProcessAccountName',
    'InitiatingProcessLoginName',
    'InitiatingProcessFolderPath',
    'InitiatingProcessCommandLine',
  ]
  return columns.map((column) => `${column} contains ${kqlString(text)}`).join(' or ')
}

/** The KQL for all columns of one change. */
export function detailQuery(recordId: string): string {
  return `ConfigurationChange\n| where RecordId == ${kqlString(recordId)}\n| take 1`
}

/** The types in the order in which they are stacked and told. */
export const types = trackedTypes
