import { kqlString, type TrackedType } from '@tidemark/model'

import { groupSteps } from '../groups/narrowing.ts'
import { listIn, textIn } from '../view/address.ts'
import { inventoryWords as words } from '../words/inventory.ts'

/** What the page needs to know of a type. */
export interface InventoryTab {
  readonly type: TrackedType
  readonly title: string
  /** The column that names an item. */
  readonly name: string
  /** The columns that tell variants of one item apart: its version, its content, its state. */
  readonly variant: readonly string[]
  /** What else is told of a variant: the name it has there, and the aggregate that gives it. */
  readonly more: readonly string[]
  /** The columns that the text is looked for in. */
  readonly searched: readonly string[]
  /** Columns of the table by machine, beside those above. */
  readonly shown: readonly string[]
}

/** The tabs of the page. */
export const tabs = {
  software: {
    type: 'Software',
    title: words.tabs.software,
    name: 'SoftwareName',
    variant: ['CurrentVersion'],
    more: ['Publisher = max(Publisher)'],
    searched: ['SoftwareName', 'CurrentVersion', 'Publisher'],
    shown: ['Publisher', 'Architecture'],
  },
  files: {
    type: 'Files',
    title: words.tabs.files,
    name: 'FileSystemPath',
    variant: ['FileContentChecksum'],
    more: ['Size = max(Size)', 'FileOwner = max(FileOwner)', 'FileMode = max(FileMode)'],
    searched: ['FileSystemPath', 'FileContentChecksum', 'FileOwner'],
    shown: ['Size', 'FileMode', 'FileOwner'],
  },
  daemons: {
    type: 'Daemons',
    title: words.tabs.daemons,
    name: 'SvcName',
    variant: ['SvcState', 'SvcStartupType'],
    more: ['SvcDescription = max(SvcDescription)'],
    searched: ['SvcName', 'SvcDescription', 'SvcState', 'SvcStartupType'],
    shown: ['SvcDescription'],
  },
} as const satisfies Readonly<Record<string, InventoryTab>>
export type TabName = keyof typeof tabs

/** The tabs in the order in which they stand. */
export const tabNames: readonly TabName[] = ['software', 'files', 'daemons']

export function isTabName(value: unknown): value is TabName {
  return tabNames.some((name) => name === value)
}

/** The tab of machine groups, which no machine reports. */
export const GROUPS_TAB = 'groups'

/** What the page shows, as it stands in its address. */
export interface InventorySearch {
  readonly tab?: TabName | typeof GROUPS_TAB
  /** A line for each item and machine; by default one for each item. */
  readonly by?: 'machine'
  readonly machine?: readonly string[]
  /** Names of machine groups; a machine of any of them counts. */
  readonly group?: readonly string[]
  readonly text?: string
  readonly sort?: string
  /** `keyOf` the item that is open beside the table; in the tab of groups the id of one, or `new`. */
  readonly item?: string
  /** The machine whose item it is; without it, the item is shown as it is on all machines. */
  readonly on?: string
}

/** Reads the address; what cannot be understood is left out. */
export function parseInventorySearch(search: Readonly<Record<string, unknown>>): InventorySearch {
  const tab = isTabName(search['tab']) || search['tab'] === GROUPS_TAB ? search['tab'] : undefined
  const by = search['by'] === 'machine' ? 'machine' : undefined
  const sort = textIn(search['sort'])
  const texts = (['text', 'item', 'on'] as const).map((name) => [name, textIn(search[name])])
  const told = [
    ['tab', tab],
    ['by', by],
    ['machine', listIn(search['machine'])],
    ['group', listIn(search['group'])],
    ['sort', sort !== undefined && isSort(tab, sort.replace(/^-/, '')) ? sort : undefined],
    ...texts,
  ]
  return Object.fromEntries(told.filter(([, value]) => value !== undefined))
}

function isSort(tab: InventorySearch['tab'], column: string): boolean {
  return tab !== GROUPS_TAB && sortable(tab ?? 'software').has(column)
}

function sortable(tab: TabName): ReadonlySet<string> {
  const { name, variant, more, shown } = tabs[tab]
  const told = more.map((text) => text.split(' = ')[0] ?? '')
  return new Set([name, ...variant, ...told, ...shown, 'Machines', 'Computer', 'TimeGenerated'])
}

/** Rows that the page takes at most. */
export const ITEMS_MAX = 100_000

/** What tells items apart: name and variant, a line each. */
export function keyOf(tab: TabName, row: InventoryRow): string {
  return [tabs[tab].name, ...tabs[tab].variant].map((name) => String(row[name] ?? '')).join('\n')
}

/** The name in a key; it may hold line feeds itself, the variant does not. */
export function nameIn(tab: TabName, key: string): string {
  return key.split('\n').slice(0, -tabs[tab].variant.length).join('\n')
}

/** A row of an answer. */
export type InventoryRow = Readonly<Record<string, string | number | boolean | null>>

/** What each machine has now, and what the fleet has: tables that the store keeps (docs/formats/tables.md). */
const [OF_MACHINES, OF_ALL] = ['TidemarkInventory', 'TidemarkItem'] as const

function ofType(tab: TabName, table: string, where: readonly string[]): string[] {
  return [table, `where ConfigDataType == ${kqlString(tabs[tab].type)}`, ...where]
}

function filters(tab: TabName, { machine, group, text }: InventorySearch): string[] {
  const searched = tabs[tab].searched.map((name) => `${name} contains ${kqlString(text ?? '')}`)
  return [
    ...(machine === undefined ? [] : [`where Computer in (${machine.map(kqlString).join(', ')})`]),
    ...groupSteps(group),
    ...(text === undefined ? [] : [`where ${searched.join(' or ')}`]),
  ]
}

/** The KQL of the table: items with how many machines have them, or the items of each machine. */
export function inventoryQuery(tab: TabName, search: InventorySearch): string {
  const { name, variant, more, shown } = tabs[tab]
  const told = more.map((text) => text.split(' = ')[0] ?? '')
  const isCounted = search.by !== 'machine' && search.machine === undefined && search.group === undefined
  const steps =
    search.by === 'machine'
      ? [`project ${[...new Set([name, ...variant, ...shown, 'Computer', 'TimeGenerated'])].join(', ')}`]
      : isCounted
        ? [`project ${[name, ...variant, 'Machines', 'TimeGenerated', ...told].join(', ')}`]
        : [
            `summarize ${['Machines = dcount(Computer)', 'TimeGenerated = max(TimeGenerated)', ...more].join(', ')} by ${[name, ...variant].join(', ')}`,
          ]
  const sort = search.sort ?? name
  const by = `${sort.replace(/^-/, '')} ${sort.startsWith('-') ? 'desc' : 'asc'}`
  const then = [name, ...variant].filter((one) => one !== sort.replace(/^-/, '')).map((one) => `${one} asc`)
  return [
    ...ofType(tab, isCounted ? OF_ALL : OF_MACHINES, filters(tab, search)),
    ...steps,
    `sort by ${[by, ...then].join(', ')}`,
    `take ${ITEMS_MAX}`,
  ].join('\n| ')
}

/** The KQL of how many items of each type there are. */
export function countsQuery(): string {
  return `${OF_ALL}\n| summarize Count = count() by ConfigDataType`
}

/** The KQL of the machines, in any of the groups where some are named, that have an item of this name, with its variants. */
export function machinesQuery(tab: TabName, name: string, group?: readonly string[]): string {
  const { name: column, variant } = tabs[tab]
  return [
    ...ofType(tab, OF_MACHINES, [`where ${column} == ${kqlString(name)}`, ...groupSteps(group)]),
    `summarize TimeGenerated = max(TimeGenerated) by ${['Computer', ...variant].join(', ')}`,
    `sort by Computer asc`,
    `take ${ITEMS_MAX}`,
  ].join('\n| ')
}

/** The KQL of every machine that has an inventory of this type, in any of the groups where some are named. */
export function everyMachineQuery(tab: TabName, group?: readonly string[]): string {
  const steps = ofType(tab, 'TidemarkSnapshot', groupSteps(group))
  return [...steps, 'distinct Computer', `take ${ITEMS_MAX}`].join('\n| ')
}

/** The KQL of every column of one item: of a machine, or of that which was refreshed last. */
export function propertiesQuery(tab: TabName, key: string, on: string | undefined): string {
  const { name, variant } = tabs[tab]
  const values = key.split('\n').slice(-variant.length)
  const same = [
    `where ${name} == ${kqlString(nameIn(tab, key))}`,
    ...variant.map((column, index) => `where ${column} == ${kqlString(values[index] ?? '')}`),
    ...(on === undefined ? [] : [`where Computer == ${kqlString(on)}`]),
  ]
  // The whole row is among those of its machine at its time: to be found without looking through all.
  const newest = [...ofType(tab, OF_MACHINES, same), 'top 1 by TimeGenerated desc'].join(' | ')
  return [
    `let Newest = ${newest} | project Computer, TimeGenerated;\nConfigurationData`,
    'where Computer == toscalar(Newest | summarize max(Computer))',
    'where TimeGenerated == toscalar(Newest | summarize max(TimeGenerated))',
    `where ConfigDataType == ${kqlString(tabs[tab].type)}`,
    ...same,
    'take 1',
  ].join('\n| ')
}
