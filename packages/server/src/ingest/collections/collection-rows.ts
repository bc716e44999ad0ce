import type { ChangeCategory, TrackedType } from '@tidemark/model'

import type { ArrivedRow } from '../coercion.ts'
import type { Collection, CollectionItem } from './collection.ts'

/** What is between two collections of one machine and type: a row of ConfigurationChange for each thing that differs. */
export function changeRows(before: ReadonlyMap<string, CollectionItem>, after: Collection): ArrivedRow[] {
  const row = (
    category: ChangeCategory,
    old: CollectionItem | undefined,
    now: CollectionItem | undefined,
  ): ArrivedRow => ({
    ...facts(after),
    ConfigChangeType: after.type,
    ChangeCategory: category,
    ...previousCells(after.type, old),
    ...cells(after.type, now ?? old ?? {}),
    ...versions(after.type, old, now),
    ...(category === 'Modified' ? { FieldsChanged: changedFields(after.type, old ?? {}, now ?? {}).join(', ') } : {}),
  })
  const removed = [...before]
    .filter(([name]) => !after.items.has(name))
    .map(([, old]) => row('Removed', old, undefined))
  const others = [...after.items].flatMap(([name, now]) => {
    const old = before.get(name)
    if (old === undefined) return [row('Added', undefined, now)]
    return changedFields(after.type, old, now).length === 0 ? [] : [row('Modified', old, now)]
  })
  return [...removed, ...others]
}

/** The collection as inventory: a row of ConfigurationData for each thing. */
export function inventoryRows(collection: Collection): ArrivedRow[] {
  return [...collection.items.values()].map((item) => ({
    ...facts(collection),
    ConfigDataType: collection.type,
    ...cells(collection.type, item),
  }))
}

function facts({ computer, collectedAt }: Collection): ArrivedRow {
  return { TimeGenerated: collectedAt, Computer: computer, DetectedBy: 'scan' }
}

/** Of each type: the names in a collection, and the columns that they become. */
const COLUMNS: Readonly<Record<TrackedType, Readonly<Record<string, string>>>> = {
  Software: {
    Name: 'SoftwareName',
    CurrentVersion: 'CurrentVersion',
    Publisher: 'Publisher',
    Architecture: 'Architecture',
  },
  Daemons: {
    Name: 'SvcName',
    Description: 'SvcDescription',
    State: 'SvcState',
    Path: 'SvcPath',
    Runlevels: 'SvcRunlevels',
    Enabled: 'SvcStartupType',
    Controller: 'SvcController',
  },
  Files: {
    FileSystemPath: 'FileSystemPath',
    FileContentChecksum: 'FileContentChecksum',
    Size: 'Size',
    Owner: 'FileOwner',
    Group: 'FileGroup',
    Mode: 'FileMode',
    DateModified: 'DateModified',
    DateCreated: 'DateCreated',
    FileContentBlobLink: 'FileContentBlobLink',
  },
}

/** What may differ without anything having changed. */
const NO_CHANGE: ReadonlySet<string> = new Set([
  'CollectionName',
  'Timestamp',
  'Contents',
  'DateCreated',
  'InventoryChecksum',
])

function changedFields(type: TrackedType, before: CollectionItem, after: CollectionItem): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names]
    .filter((name) => !NO_CHANGE.has(name) && !isSame(before[name], after[name]))
    .map((name) => COLUMNS[type][name] ?? name)
}

// An agent that leaves a value out means what one means that sends it empty.
function isSame(one = '', other = ''): boolean {
  return one === other
}

function cells(type: TrackedType, item: CollectionItem): ArrivedRow {
  const columns = COLUMNS[type]
  const pairs = Object.entries(item).flatMap(([name, value]) => {
    if (name === 'CollectionName' || (name === 'Timestamp' && isUnknownTime(value))) return []
    return [[columns[name] ?? (name === 'Timestamp' ? 'InstallDate' : name), shown(name, value)] as const]
  })
  return { ...Object.fromEntries(pairs), ...(type === 'Software' ? { SoftwareType: 'Package' } : {}) }
}

/** 1970 stands for "not known". */
function isUnknownTime(text: string): boolean {
  return text === '' || text.startsWith('1970-01-01')
}

function shown(name: string, value: string): string {
  if (name !== 'Enabled') return value
  return value.toLowerCase() === 'true' ? 'Enabled' : value.toLowerCase() === 'false' ? 'Disabled' : value
}

const PREVIOUS: Readonly<Record<TrackedType, Readonly<Record<string, string>>>> = {
  Software: {},
  Daemons: {
    State: 'SvcPreviousState',
    Path: 'SvcPreviousPath',
    Runlevels: 'SvcPreviousRunlevels',
    Enabled: 'SvcPreviousStartupType',
    Controller: 'SvcPreviousController',
  },
  Files: {
    FileContentChecksum: 'PreviousFileContentChecksum',
    Size: 'PreviousSize',
    DateModified: 'PreviousDateModified',
    DateCreated: 'PreviousDateCreated',
  },
}

function previousCells(type: TrackedType, old: CollectionItem | undefined): ArrivedRow {
  const pairs = Object.entries(PREVIOUS[type]).flatMap(([name, column]) => {
    const value = old?.[name]
    return value === undefined ? [] : [[column, shown(name, value)] as const]
  })
  return Object.fromEntries(pairs)
}

function versions(type: TrackedType, old: CollectionItem | undefined, now: CollectionItem | undefined): ArrivedRow {
  if (type !== 'Software') return {}
  return {
    ...(old === undefined ? {} : { Previous: old['CurrentVersion'] ?? '' }),
    ...(now === undefined ? {} : { Current: now['CurrentVersion'] ?? '' }),
  }
}
