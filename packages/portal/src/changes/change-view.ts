import { kqlString, trackedTypes } from '@tidemark/model'

import { groupSteps } from '../groups/narrowing.ts'
import { listIn, textIn } from '../view/address.ts'
import { binMs, type SpanName, spanKql, spans, type TimeRange } from './span.ts'

/** What the page shows, as it stands in its address. */
export interface ChangeSearch {
  readonly span?: SpanName
  /** A range that was dragged or written, milliseconds since 1970; it wins over `span`. */
  readonly from?: number
  readonly to?: number
  readonly type?: readonly string[]
  readonly category?: readonly string[]
  readonly machine?: readonly string[]
  /** Names of machine groups; a machine of any of them counts. */
  readonly group?: readonly string[]
  /** The folder that all paths are below, without a slash at its end. */
  readonly prefix?: string
  /** Whose process made the change, or who had logged in there. */
  readonly account?: readonly string[]
  /** `OperationId` of package operations. */
  readonly operation?: readonly string[]
  readonly verdict?: readonly string[]
  readonly text?: string
  /** The column that rows are sorted by, `-` before it for descending; by default `-TimeGenerated`. */
  readonly sort?: string
  /** The columns that were chosen, by their ids. */
  readonly columns?: readonly string[]
  /** Keys of the groups that are open. */
  readonly open?: readonly string[]
  /** `RecordId` of the change that is open beside the table. */
  readonly change?: string
}

/** The filters that hold any number of values. */
export const listFilters = ['type', 'category', 'machine', 'group', 'account', 'operation', 'verdict'] as const
export type ListFilter = (typeof listFilters)[number]

const HOW_IT_IS_SHOWN: ReadonlySet<string> = new Set(['change', 'sort', 'columns', 'open'])

/** The filters alone: what decides which changes are shown. */
export function filtersOf(search: ChangeSearch): ChangeSearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !HOW_IT_IS_SHOWN.has(name)))
}

/** Rows that the page takes at most. */
export const ROWS_MAX = 100_000
/** Rows that it takes at first: more come when somebody scrolls there. */
export const FIRST_ROWS_MAX = 5_000

/** 9999-12-31T23:59:59Z in milliseconds since 1970: later moments cannot be written as a `datetime`. */
const MOMENT_MAX = 253_402_300_799_000

/** Reads the address; what cannot be understood is left out. */
export function parseChangeSearch(search: Readonly<Record<string, unknown>>): ChangeSearch {
  const span = Object.keys(spans).find((name): name is SpanName => name === search['span'])
  const [from, to] = [Number(search['from']), Number(search['to'])]
  const isRange = search['from'] !== undefined && from >= 0 && from < to && to <= MOMENT_MAX
  const texts = (['prefix', 'text', 'change'] as const).map((name) => [name, textIn(search[name])])
  const lists = [...listFilters, 'columns' as const, 'open' as const].map((name) => [name, listIn(search[name])])
  const sort = textIn(search['sort'])
  const told = [...texts, ...lists, ['sort', isSort(sort) ? sort : undefined]]
  return {
    ...(span === undefined ? {} : { span }),
    ...(isRange ? { from, to } : {}),
    ...Object.fromEntries(told.filter(([, value]) => value !== undefined)),
  }
}

/** The columns that rows can be sorted by. */
const SORTABLE: ReadonlySet<string> = new Set([
  'TimeGenerated',
  'Computer',
  'ConfigChangeType',
  'ChangeCategory',
  'FileSystemPath',
  'FieldsChanged',
  'InitiatingProcessAccountName',
  'InitiatingProcessFolderPath',
  'PackageName',
  'PackageVerdict',
  'DetectedBy',
])

function isSort(sort: string | undefined): boolean {
  return sort !== undefined && SORTABLE.has(sort.replace(/^-/, ''))
}

/** The window of time that a search stands for, at this moment. */
export function rangeOf({ span = '24h', from, to }: ChangeSearch, nowMs: number): TimeRange {
  return from === undefined || to === undefined
    ? { fromMs: nowMs - spans[span], toMs: nowMs }
    : { fromMs: from, toMs: to }
}

/** What the table knows of each change; all of it is asked for when one is opened. */
const ROW_COLUMNS = [
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
  'DetectedBy',
  'RuleNames',
  'InitiatingProcessAccountName',
  'InitiatingProcessLoginName',
  'InitiatingProcessFolderPath',
  'InitiatingProcessCertainty',
  'OperationId',
  'PackageName',
  'PackageVersion',
  'PackageVerdict',
  'SvcState',
  'SvcPreviousState',
  'SvcTransitions',
  'SvcTransitionsFrom',
  'HasContent = isnotempty(FileContentBlobLink) or isnotempty(PreviousFileContentBlobLink)',
]

/** The KQL of the table's rows: the first that the filters let through, in the order that is chosen. */
export function changeQuery(search: ChangeSearch, nowMs: number, rowsMax = ROWS_MAX): string {
  const sort = search.sort ?? '-TimeGenerated'
  const [name, direction] = [sort.replace(/^-/, ''), sort.startsWith('-') ? 'desc' : 'asc']
  // What changed stands in one of three columns.
  const keys = name === 'FileSystemPath' ? ['FileSystemPath', 'SoftwareName', 'SvcName'] : [name]
  const by = keys.map((key) => `${key} ${direction}`)
  const then = name === 'TimeGenerated' ? [] : ['TimeGenerated desc']
  const steps = [
    ...conditions(search, nowMs),
    `project ${ROW_COLUMNS.join(', ')}`,
    `sort by ${[...by, ...then].join(', ')}`,
    `take ${rowsMax}`,
  ]
  return ['ConfigurationChange', ...steps].join('\n| ')
}

/** The KQL behind the view, for people: with `ago()` where the span is relative, and every column. */
export function logsQuery(search: ChangeSearch): string {
  const steps = [...conditions(search, undefined), 'sort by TimeGenerated desc', 'take 1000']
  return ['ConfigurationChange', ...steps].join('\n| ')
}

/** The KQL of the chart: how many changes of each type each bar has. It counts all, also those beyond the rows. */
export function countQuery(search: ChangeSearch, nowMs: number): string {
  // Bars that are longer than a day are made of days here: they begin at other moments than the store's would.
  const seconds = Math.min(86_400, binMs(rangeOf(search, nowMs)) / 1_000)
  const keys = ['At = bin(TimeGenerated, ' + seconds + 's)', 'ConfigChangeType']
  // Bars of the store's hours can be put together from whole hours only.
  const isByHour = seconds % 3_600 === 0
  return counting(search, nowMs, { keys, isByHour }).join('\n| ')
}

/** What is counted: steps that narrow it further, and what the counts are told by. */
export interface Counting {
  readonly steps?: readonly string[]
  readonly keys: readonly string[]
  /** Whether the hours that the store has counted say all that is asked for. */
  readonly isByHour?: boolean
}

const HOUR_MS = 3_600_000
/** The shortest range of which the store's hours are taken; a shorter one is counted as quickly. */
const BY_HOUR_MS_MIN = 12 * HOUR_MS

/**
 * The steps of a query that counts changes as `Count`. Of a long range the store has counted the hours; what is before the
 * first whole hour and behind the last one is counted now.
 */
export function counting(
  search: ChangeSearch,
  nowMs: number,
  { steps = [], keys, isByHour = true }: Counting,
): string[] {
  const { fromMs, toMs } = rangeOf(search, nowMs)
  const by = keys.join(', ')
  const folder = steps.some((step) => step.includes('Folder')) ? [FOLDER] : []
  if (!isByHour || toMs - fromMs < BY_HOUR_MS_MIN || !isCountedByHour(search))
    return [
      'ConfigurationChange',
      ...conditions(search, nowMs),
      ...folder,
      ...steps,
      `summarize Count = count() by ${by}`,
    ]
  const hasEnd = search.from !== undefined
  const [first, last] = [Math.ceil(fromMs / HOUR_MS) * HOUR_MS, Math.floor(toMs / HOUR_MS) * HOUR_MS]
  const whole = `where TimeGenerated >= ${momentKql(first)}${hasEnd ? ` and TimeGenerated < ${momentKql(last)}` : ''}`
  const edges = [
    `(TimeGenerated >= ${momentKql(fromMs)} and TimeGenerated < ${momentKql(first)})`,
    ...(hasEnd ? [`(TimeGenerated >= ${momentKql(last)} and TimeGenerated < ${momentKql(toMs)})`] : []),
  ]
  const hours = ['TidemarkChangeHour', whole, ...narrowing(search, 'Folder'), ...steps]
  const rest = ['ConfigurationChange', `where ${edges.join(' or ')}`, ...narrowing(search, 'FileSystemPath'), ...folder]
  return [
    `union (${[...hours, `summarize Count = sum(Count) by ${by}`].join(' | ')}), (${[...rest, ...steps, `summarize Count = count() by ${by}`].join(' | ')})`,
    `summarize Count = sum(Count) by ${keys.map((key) => key.split(' = ')[0]).join(', ')}`,
  ]
}

/** The folder of a path, as the store counts it (docs/formats/tables.md). */
const FOLDER = 'extend Folder = extract("^/[^/]*(?:/[^/]*/|/|$)", 0, FileSystemPath)'

/** The store's hours know no path beyond two folders, and no text. */
function isCountedByHour({ prefix, text }: ChangeSearch): boolean {
  return text === undefined && (prefix === undefined || prefix.split('/').length <= 3)
}

function momentKql(ms: number): string {
  return `datetime(${new Date(ms).toISOString()})`
}

/** The steps that let through what the filters ask for (`withGroups` of the same groups comes before them); with no moment, relative spans stay relative. */
export function conditions(search: ChangeSearch, nowMs: number | undefined): string[] {
  return [timeCondition(search, nowMs), ...narrowing(search, 'FileSystemPath')]
}

function narrowing(search: ChangeSearch, path: 'FileSystemPath' | 'Folder'): string[] {
  const among = (column: string, values: readonly string[] | undefined): string[] =>
    values === undefined ? [] : [`where ${column} in (${values.map(kqlString).join(', ')})`]
  return [
    ...among('ConfigChangeType', search.type),
    ...among('ChangeCategory', search.category),
    ...among('Computer', search.machine),
    ...groupSteps(search.group),
    ...(search.prefix === undefined ? [] : [`where ${path} startswith_cs ${kqlString(`${search.prefix}/`)}`]),
    ...(search.account === undefined ? [] : [`where ${accountCondition(search.account)}`]),
    ...among('OperationId', search.operation),
    ...among('PackageVerdict', search.verdict),
    ...(search.text === undefined ? [] : [`where ${textCondition(search.text)}`]),
  ]
}

function timeCondition(search: ChangeSearch, nowMs: number | undefined): string {
  if (search.from === undefined && nowMs === undefined) return `where TimeGenerated >= ${spanKql(search.span ?? '24h')}`
  const { fromMs, toMs } = rangeOf(search, nowMs ?? 0)
  // A range that was not chosen has no end: what arrives now belongs to it.
  const end = search.from === undefined ? '' : ` and TimeGenerated < ${momentKql(toMs)}`
  return `where TimeGenerated >= ${momentKql(fromMs)}${end}`
}

function accountCondition(accounts: readonly string[]): string {
  const columns = ['InitiatingProcessAccountName', 'InitiatingProcessLoginName']
  return columns.map((column) => `${column} in (${accounts.map(kqlString).join(', ')})`).join(' or ')
}

const SEARCHED = [
  'FileSystemPath',
  'PreviousFileSystemPath',
  'SoftwareName',
  'SvcName',
  'Computer',
  'PackageName',
  'InitiatingProcessAccountName',
  'InitiatingProcessLoginName',
  'InitiatingProcessFolderPath',
  'InitiatingProcessCommandLine',
]

function textCondition(text: string): string {
  return SEARCHED.map((column) => `${column} contains ${kqlString(text)}`).join(' or ')
}

/** The KQL for all columns of one change. */
export function detailQuery(recordId: string): string {
  return `ConfigurationChange\n| where RecordId == ${kqlString(recordId)}\n| take 1`
}

/** The types in the order in which they are stacked and told. */
export const types = trackedTypes
