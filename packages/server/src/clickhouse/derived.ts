import { derivedTables, type TableName, tables } from '@tidemark/model'

import { DATABASE, storedType, SYNC_SETTINGS } from './layout.ts'

/**
 * A table that a materialised view fills from each insert into another one. `_Arrival` says up to which row it has
 * counted: one insert runs at a time, so that after a cut everything behind the highest number is what is missing.
 */
export interface Derived {
  readonly name: string
  readonly from: TableName
  /** Name, type and expression over a row of `from`; with an aggregate where rows are put together. */
  readonly columns: readonly (readonly [name: string, type: string, expression: string])[]
  readonly engine: string
  readonly groupBy?: string
  /** The `Type` of rows that queries may see. */
  readonly type?: string
}

const arrival = (expression: string, type = 'Int64'): readonly [string, string, string] => [
  '_Arrival',
  type,
  expression,
]

function copied(names: string): (readonly [string, string, string])[] {
  const columns = [
    ...derivedTables.TidemarkInventory.columns,
    ...Object.values(tables).flatMap((table) => table.columns),
  ]
  return names.split(' ').map((name) => {
    const column = columns.find((one) => one.name === name)
    return [name, column === undefined ? 'String' : storedType(column), `source.\`${name}\``]
  })
}

const HOUR_KEYS =
  'Computer ConfigChangeType ChangeCategory InitiatingProcessAccountName InitiatingProcessLoginName PackageVerdict OperationId _ResourceId'
const VARIANT = 'SoftwareName CurrentVersion FileSystemPath FileContentChecksum SvcName SvcState SvcStartupType'

/** What tells items apart: their names first, of which a row has one, then their variants. */
const VARIANT_KEYS =
  'SoftwareName, FileSystemPath, SvcName, CurrentVersion, FileContentChecksum, SvcState, SvcStartupType'

/** `/usr/bin/` of `/usr/bin/x`, `/etc/` of `/etc/hosts`, `/x` of itself. */
const FOLDER = "extract(source.FileSystemPath, '^/[^/]*(?:/[^/]*/|/|$)')"

// toStartOfHour makes a DateTime, which wraps before 1970 and after 2106; rows may have any year from 1900 to 2261.
const TICKS = 'reinterpretAsInt64(source.TimeGenerated)'
const HOUR = `reinterpret(${TICKS} - positiveModulo(${TICKS}, 36000000000), 'DateTime64(7, \\'UTC\\')')`

/** Every table that a view fills. */
export const derived: readonly Derived[] = [
  {
    name: 'TidemarkChangeHour',
    from: 'ConfigurationChange',
    columns: [
      ...copied('TenantId'),
      ['TimeGenerated', "DateTime64(7, 'UTC')", HOUR],
      ...copied(HOUR_KEYS),
      ['Folder', 'LowCardinality(String)', FOLDER],
      ['Count', 'SimpleAggregateFunction(sum, Int64)', 'toInt64(count())'],
      arrival('max(source._Arrival)', 'SimpleAggregateFunction(max, Int64)'),
    ],
    engine: `AggregatingMergeTree ORDER BY (TenantId, TimeGenerated, ${HOUR_KEYS.split(' ').join(', ')}, Folder)`,
    groupBy: 'ALL',
    type: 'TidemarkChangeHour',
  },
  {
    name: 'snapshot_latest',
    from: 'ConfigurationData',
    columns: [
      ...copied('TenantId Computer ConfigDataType'),
      ['_ResourceId', 'SimpleAggregateFunction(anyLast, String)', 'anyLast(toString(source._ResourceId))'],
      ['At', "SimpleAggregateFunction(max, DateTime64(7, 'UTC'))", 'max(source.TimeGenerated)'],
      arrival('max(source._Arrival)', 'SimpleAggregateFunction(max, Int64)'),
    ],
    engine: 'AggregatingMergeTree ORDER BY (TenantId, ConfigDataType, Computer)',
    groupBy: 'ALL',
  },
  {
    name: 'inventory_latest',
    from: 'ConfigurationData',
    columns: [
      ...copied('TenantId ConfigDataType'),
      ...copied('Computer'),
      ...copied(`${VARIANT} Publisher Size FileMode FileOwner SvcDescription Architecture _ResourceId TimeGenerated`),
      arrival('source._Arrival'),
    ],
    engine: `ReplacingMergeTree(TimeGenerated) ORDER BY (TenantId, ConfigDataType, ${VARIANT_KEYS}, Computer, Architecture)`,
  },
  {
    name: 'heartbeat_latest',
    from: 'Heartbeat',
    columns: [
      ...copied('TenantId _ResourceId Computer'),
      ...copied(
        'Version ExtensionVersion ExtensionStatus OSName OSMajorVersion ComputerPrivateIPs BacklogBytes RuleVersions TimeGenerated',
      ),
      arrival('source._Arrival'),
    ],
    engine: 'ReplacingMergeTree(TimeGenerated) ORDER BY (TenantId, _ResourceId)',
  },
]

/** The rows that a derived table gets out of its source; `where` is SQL. */
export function derivedSelect({ from, columns, groupBy }: Derived, where = ''): string {
  const selected = columns.map(([name, , expression]) => `${expression} AS \`${name}\``)
  const grouped = groupBy === undefined ? '' : ` GROUP BY ${groupBy}`
  return `SELECT ${selected.join(', ')} FROM ${DATABASE}.\`${from}\` AS source${where === '' ? '' : ` WHERE ${where}`}${grouped}`
}

/** Makes a derived table and the view that fills it. */
export function derivedStatements(one: Derived): string[] {
  const definitions = one.columns.map(([name, type]) => `\`${name}\` ${type} CODEC(ZSTD(1))`)
  if (one.type !== undefined) definitions.push(`Type LowCardinality(String) ALIAS '${one.type}'`)
  const target = `${DATABASE}.\`${one.name}\``
  return [
    `CREATE TABLE IF NOT EXISTS ${target} (${definitions.join(', ')}) ENGINE = ${one.engine} SETTINGS ${SYNC_SETTINGS.join(', ')}`,
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${DATABASE}.\`${one.name}_filled\` TO ${target} AS ${derivedSelect(one)}`,
  ]
}

/** Brings a derived table to what its source has, after an insert that was cut off. */
export function catchUpStatement(one: Derived): string {
  const target = `${DATABASE}.\`${one.name}\``
  return `INSERT INTO ${target} ${derivedSelect(one, `source._Arrival > (SELECT max(_Arrival) FROM ${target})`)}`
}

const LAST = `SELECT TenantId, ConfigDataType, Computer, max(At) AS At FROM ${DATABASE}.snapshot_latest GROUP BY TenantId, ConfigDataType, Computer`

/** What queries name `TidemarkSnapshot` and `TidemarkInventory`. */
export function viewStatements(): string[] {
  const told = derivedTables.TidemarkInventory.columns
    .filter(({ name }) => name !== 'Type')
    .map(({ name }) => `latest.\`${name}\` AS \`${name}\``)
  return [
    `CREATE OR REPLACE VIEW ${DATABASE}.TidemarkSnapshot AS SELECT TenantId, ConfigDataType, Computer, toLowCardinality(anyLast(_ResourceId)) AS _ResourceId, max(At) AS TimeGenerated, 'TidemarkSnapshot' AS Type FROM ${DATABASE}.snapshot_latest GROUP BY TenantId, ConfigDataType, Computer`,
    `CREATE OR REPLACE VIEW ${DATABASE}.TidemarkInventory AS SELECT ${told.join(', ')}, 'TidemarkInventory' AS Type FROM ${DATABASE}.inventory_latest AS latest INNER JOIN (${LAST}) AS last ON latest.TenantId = last.TenantId AND latest.ConfigDataType = last.ConfigDataType AND latest.Computer = last.Computer AND latest.TimeGenerated = last.At`,
  ]
}

const ITEM_KEYS = ['TenantId', 'ConfigDataType', ...VARIANT.split(' ')]

/** The table of items, empty, under this name. */
export function itemTable(name: string): string {
  const columns = derivedTables.TidemarkItem.columns
    .filter((column) => column.name !== 'Type')
    .map((column) => `\`${column.name}\` ${storedType(column)}`)
  return `CREATE TABLE IF NOT EXISTS ${DATABASE}.\`${name}\` (${columns.join(', ')}, Type LowCardinality(String) ALIAS 'TidemarkItem') ENGINE = MergeTree ORDER BY (TenantId, ConfigDataType, SoftwareName, FileSystemPath, SvcName)`
}

const ITEM_COLUMNS = derivedTables.TidemarkItem.columns.map(({ name }) => name).filter((name) => name !== 'Type')

/** How many machines have each item now, counted anew. */
export function itemSelect(): string {
  const selected = ITEM_COLUMNS.map((column) => {
    if (ITEM_KEYS.includes(column)) return `source.\`${column}\` AS \`${column}\``
    if (column === 'Machines') return 'toInt64(uniqExact(source.Computer)) AS Machines'
    return `max(source.\`${column}\`) AS \`${column}\``
  })
  return `SELECT ${selected.join(', ')} FROM ${DATABASE}.TidemarkInventory AS source GROUP BY ALL`
}

/** Counts the items anew, into the table of this name. */
export function countItems(name: string): string {
  return `INSERT INTO ${DATABASE}.\`${name}\` (${ITEM_COLUMNS.map((one) => `\`${one}\``).join(', ')}) ${itemSelect()}`
}

/** Every table that is made out of others: a backup need not have it, and one of another moment than theirs would be wrong. */
export const REMADE: readonly string[] = [
  ...derived.flatMap(({ name }) => [name, `${name}_filled`]),
  'TidemarkSnapshot',
  'TidemarkInventory',
  'TidemarkItem',
  'TidemarkItem_next',
]
