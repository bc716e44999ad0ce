import type { Column, ColumnType, TableName, TableSchema } from './tables.ts'
import { tableNames, tables } from './tables.ts'

/** Tables that the store keeps by itself out of rows of the others: nobody sends rows to them. */
export const derivedTableNames = [
  'TidemarkChangeHour',
  'TidemarkSnapshot',
  'TidemarkInventory',
  'TidemarkItem',
] as const
export type DerivedTableName = (typeof derivedTableNames)[number]

/** Every table that a query may name. */
export type QueryTableName = TableName | DerivedTableName

function own(type: ColumnType, names: string): Column[] {
  return names.split(' ').map((name) => ({ name, type, origin: 'tidemark' }))
}

const types = { values: ['Files', 'Software', 'Daemons'], origin: 'tidemark', type: 'string' } as const
const variant = [
  { ...types, name: 'ConfigDataType' },
  ...own(
    'string',
    'SoftwareName CurrentVersion Publisher FileSystemPath FileContentChecksum FileMode FileOwner SvcName SvcState SvcStartupType SvcDescription',
  ),
  ...own('long', 'Size'),
] as const

/**
 * How many changes of each kind each machine had in each hour; `TimeGenerated` is the hour's beginning, `Folder` the first two
 * folders of the path with a slash at their end, or the path itself where it is in none.
 */
const changeHour: TableSchema<DerivedTableName> = {
  name: 'TidemarkChangeHour',
  columns: [
    ...own('datetime', 'TimeGenerated'),
    ...own('string', 'Computer'),
    { ...types, name: 'ConfigChangeType' },
    ...own(
      'string',
      'ChangeCategory InitiatingProcessAccountName InitiatingProcessLoginName PackageVerdict OperationId Folder',
    ),
    ...own('long', 'Count'),
    ...own('string', '_ResourceId TenantId Type'),
  ],
}

/** When each machine told its inventory of a type last. */
const snapshot: TableSchema<DerivedTableName> = {
  name: 'TidemarkSnapshot',
  columns: [
    ...own('datetime', 'TimeGenerated'),
    ...own('string', 'Computer'),
    { ...types, name: 'ConfigDataType' },
    ...own('string', '_ResourceId TenantId Type'),
  ],
}

/** What each machine has now: the items of its last snapshot of each type. */
const inventory: TableSchema<DerivedTableName> = {
  name: 'TidemarkInventory',
  columns: [
    ...own('datetime', 'TimeGenerated'),
    ...own('string', 'Computer'),
    ...variant,
    ...own('string', 'Architecture _ResourceId TenantId Type'),
  ],
}

/** What the fleet has now: each item in each variant, with how many machines have it. Lags behind on a large fleet. */
const item: TableSchema<DerivedTableName> = {
  name: 'TidemarkItem',
  columns: [
    ...own('datetime', 'TimeGenerated'),
    ...variant,
    ...own('long', 'Machines'),
    ...own('string', 'TenantId Type'),
  ],
}

/** The tables that the store keeps by itself. */
export const derivedTables: Readonly<Record<DerivedTableName, TableSchema<DerivedTableName>>> = {
  TidemarkChangeHour: changeHour,
  TidemarkSnapshot: snapshot,
  TidemarkInventory: inventory,
  TidemarkItem: item,
}

/** The names of all tables that a query may name, those that rows are sent to first. */
export const queryTableNames: readonly QueryTableName[] = [...tableNames, ...derivedTableNames]

/** All tables that a query may name. */
export const queryTables: Readonly<Record<QueryTableName, TableSchema<QueryTableName>>> = {
  ...tables,
  ...derivedTables,
}

const { TidemarkItem: _item, ...machineTables } = queryTables

/**
 * The tables that a query may name. Those that the store keeps by itself are there only for a query that has one of their
 * names in it, so that `search` and `union *` tell nothing twice; one whose rows are about no single machine is not there
 * where the question is `ofMachines`.
 */
export function tablesFor(
  query: string,
  { ofMachines = false }: { readonly ofMachines?: boolean } = {},
): Readonly<Record<string, TableSchema<QueryTableName>>> {
  if (!derivedTableNames.some((name) => query.includes(name))) return tables
  return ofMachines ? machineTables : queryTables
}
