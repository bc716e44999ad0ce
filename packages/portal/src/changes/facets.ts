import { kqlString, type MachineGroupView } from '@tidemark/model'

import type { AnswerRow } from '../api/answer-row.ts'
import { groupCondition, withGroups } from '../groups/narrowing.ts'
import { changeWords } from '../words/changes.ts'
import { momentText, timeText } from '../view/text.ts'
import { type ChangeSearch, conditions, counting, type Counting, type ListFilter } from './change-view.ts'

/** One value of a facet, with how many changes it would leave. */
export interface FacetValue {
  readonly value: string
  /** What people read; the value itself where that is not said otherwise. */
  readonly label: string
  readonly count: number
}

/** What changes can be narrowed by. */
export interface Facet {
  readonly id: ListFilter | 'prefix'
  readonly title: string
  /** The KQL of its values under all filters but its own; empty where there is nothing to ask for. */
  readonly query: (search: ChangeSearch, nowMs: number, groups: readonly MachineGroupView[]) => string
  readonly valuesIn: (rows: readonly AnswerRow[], groups: readonly MachineGroupView[]) => FacetValue[]
}

/** Values that a facet has at most, those with most changes first. */
export const FACET_VALUES_MAX = 100

const ACCOUNTS = ['InitiatingProcessAccountName', 'InitiatingProcessLoginName'] as const

/** Groups that are counted, by name: each asks who is in it. */
export const FACET_GROUPS_MAX = 20

/** Every facet in the order in which they stand. */
export const facets: readonly Facet[] = [
  columnFacet('type', 'ConfigChangeType'),
  columnFacet('category', 'ChangeCategory'),
  columnFacet('machine', 'Computer'),
  {
    id: 'group',
    title: changeWords.facets.group,
    query: groupCounts,
    valuesIn: ([row = {}], groups) =>
      groups.slice(0, FACET_GROUPS_MAX).map(({ name }, index) => {
        return { value: name, label: name, count: Number(row[`Group${index}`] ?? 0) }
      }),
  },
  {
    id: 'prefix',
    title: changeWords.facets.prefix,
    query: (search, nowMs) => {
      // The parent of the folder that is chosen stands in the filters: what is counted is the next part of the paths.
      const above = `${search.prefix ?? ''}/`
      const path = search.prefix === undefined ? 'Folder' : 'FileSystemPath'
      const next = `tostring(split(substring(${path}, strlen(${kqlString(above)})), "/")[0])`
      return counted(search, nowMs, {
        steps: [`where ${path} startswith_cs ${kqlString(above)}`, `extend Part = ${next}`],
        keys: ['Part'],
        isByHour: search.prefix === undefined,
      })
    },
    valuesIn: (rows) => valuesOf(rows, 'Part'),
  },
  {
    id: 'account',
    title: changeWords.facets.account,
    query: (search, nowMs) =>
      counted(without(search, 'account'), nowMs, {
        steps: [`where ${ACCOUNTS.map((column) => `isnotempty(${column})`).join(' or ')}`],
        keys: ACCOUNTS,
      }),
    valuesIn: accountsIn,
  },
  {
    id: 'operation',
    title: changeWords.facets.operation,
    query: (search, nowMs) => {
      const others = without(search, 'operation')
      const top = counted(others, nowMs, { steps: ['where isnotempty(OperationId)'], keys: ['OperationId'] })
      // Of the operations that are shown, and of no other, it is told what they did.
      return [
        `let Top = ${top.replaceAll('\n', ' ')};\nConfigurationChange`,
        ...conditions(others, nowMs),
        'where OperationId in (Top | project OperationId)',
        `summarize ${[
          'Count = count()',
          'At = min(TimeGenerated)',
          'Machine = take_any(Computer)',
          'Packages = dcountif(PackageName, isnotempty(PackageName))',
          'Package = max(PackageName)',
        ].join(', ')} by OperationId`,
        'sort by Count desc',
      ].join('\n| ')
    },
    valuesIn: (rows) => rows.map(operationIn),
  },
  columnFacet('verdict', 'PackageVerdict'),
]

function columnFacet(id: 'type' | 'category' | 'machine' | 'verdict', column: string): Facet {
  return {
    id,
    title: changeWords.facets[id],
    query: (search, nowMs) =>
      counted(without(search, id), nowMs, { steps: [`where isnotempty(${column})`], keys: [column] }),
    valuesIn: (rows) => valuesOf(rows, column),
  }
}

/** How many changes each group would leave, in one row; the functions of the groups that narrow come before theirs. */
function groupCounts(search: ChangeSearch, nowMs: number, groups: readonly MachineGroupView[]): string {
  const names = groups.slice(0, FACET_GROUPS_MAX).map(({ name }) => name)
  if (names.length === 0) return ''
  const counts = names.map((_, index) => `Group${index} = countif(${groupCondition(index)})`)
  const steps = [...conditions(without(search, 'group'), nowMs), `summarize ${counts.join(', ')}`]
  return withGroups(['ConfigurationChange', ...steps].join('\n| '), names, groups)
}

function counted(search: ChangeSearch, nowMs: number, what: Counting): string {
  return [...counting(search, nowMs, what), `top ${FACET_VALUES_MAX} by Count desc`].join('\n| ')
}

function without(search: ChangeSearch, id: ListFilter): ChangeSearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => name !== id))
}

function valuesOf(rows: readonly AnswerRow[], column: string): FacetValue[] {
  return rows.map((row) => {
    const value = String(row[column] ?? '')
    return { value, label: value, count: Number(row['Count']) }
  })
}

/** An account counts where it is the process's or the one that logged in, once for each change. */
function accountsIn(rows: readonly AnswerRow[]): FacetValue[] {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const names = new Set(ACCOUNTS.map((column) => String(row[column] ?? '')).filter((name) => name !== ''))
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + Number(row['Count']))
  }
  return [...counts]
    .map(([value, count]) => ({ value, label: value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
}

function operationIn(row: AnswerRow): FacetValue {
  const [name, packages] = [String(row['Package'] ?? ''), Number(row['Packages'])]
  const what = name === '' ? changeWords.operation : packages > 1 ? `${name} +${packages - 1}` : name
  const label = `${what} · ${String(row['Machine'] ?? '')} · ${timeText(row['At'])}`
  return { value: String(row['OperationId']), label, count: Number(row['Count']) }
}

/** The filters as chips: what is narrowed, and the address without it. */
export interface Chip {
  readonly key: string
  readonly title: string
  readonly value: string
  readonly without: { readonly [Name in keyof ChangeSearch]?: ChangeSearch[Name] | undefined }
}

/** One chip for each value that the view is narrowed by. */
export function chipsOf(search: ChangeSearch): Chip[] {
  const { from, to, text, prefix } = search
  const lists = facets.flatMap(({ id, title }): Chip[] =>
    id === 'prefix'
      ? []
      : (search[id] ?? []).map((value) => ({
          key: `${id} ${value}`,
          title,
          value,
          without: { [id]: search[id]?.filter((one) => one !== value) },
        })),
  )
  const one = (key: keyof ChangeSearch, value: string, left: Chip['without'] = { [key]: undefined }): Chip => ({
    key,
    title: changeWords.chips[key === 'from' ? 'from' : key === 'prefix' ? 'prefix' : 'text'],
    value,
    without: left,
  })
  const range = from === undefined || to === undefined ? '' : `${momentText(from)} – ${momentText(to)}`
  return [
    ...(range === '' ? [] : [one('from', range, { from: undefined, to: undefined })]),
    ...lists,
    ...(prefix === undefined ? [] : [one('prefix', prefix)]),
    ...(text === undefined ? [] : [one('text', text)]),
  ]
}
