import { type Column, type ColumnType, tableNames, tables, type TableName } from '@tidemark/model'

/** The database of all tables. */
export const DATABASE = 'tidemark'
/** Tokens of inserts that each table remembers. */
export const TOKENS_REMEMBERED_MAX = 10_000

// Few values, many rows.
const LOW: ReadonlySet<string> = new Set(
  [
    'Computer ConfigChangeType ConfigDataType ChangeCategory SourceSystem Type TenantId SourceComputerId VMUUID',
    '_ResourceId _SubscriptionId BaselineEpoch DetectedBy FileMode FileOwner FileGroup ItemType Architecture',
    'Device DeviceNumber SecurityLabel Capabilities GroupTag Attributes InitiatingProcessAccountName',
    'InitiatingProcessLoginName InitiatingProcessUnit InitiatingProcessCertainty InitiatingProcessContainerId',
    'SoftwareSource PackageName PackageVersion PackageVerdict SvcUnitType SoftwareType SoftwareStatus Publisher Reason SvcState SvcStartupType SvcController SvcRunlevels OSType OSName',
    'Version Category OperationSource Outcome RequestedBy',
  ].flatMap((names) => names.split(' ')),
)

const ALWAYS: ReadonlySet<string> = new Set(['TimeGenerated', '_TimeReceived'])

/** The type of a column in the store (docs/formats/tables.md). */
export function storedType(column: Column): string {
  if (column.type === 'string') return LOW.has(column.name) ? 'LowCardinality(String)' : 'String'
  const type = TYPES[column.type]
  return ALWAYS.has(column.name) || type === 'String' ? type : `Nullable(${type})`
}

const TYPES: Readonly<Record<ColumnType, string>> = {
  bool: 'Bool',
  datetime: "DateTime64(7, 'UTC')",
  decimal: 'Float64',
  dynamic: 'String',
  guid: 'String',
  int: 'Int64',
  long: 'Int64',
  real: 'Float64',
  string: 'String',
  timespan: 'Int64',
}

/** How a column is packed: half of what LZ4 takes for checksums and ids (decision 0042). */
export function codecOf(column: Column): string {
  return column.type === 'datetime' ? 'CODEC(Delta, ZSTD(1))' : 'CODEC(ZSTD(1))'
}

/**
 * Columns that no query names: the number of a row in the order of arrival, and of which batch of which sender it is
 * (ingest/committer.ts). 0 in rows of older versions.
 */
export const HIDDEN_COLUMNS: readonly string[] = [
  '`_Arrival` Int64 CODEC(Delta, ZSTD(1))',
  '`_Batch` UInt64 CODEC(ZSTD(1))',
  '`_Sender` UInt64 CODEC(ZSTD(1))',
]

/** The order of a table's rows: by time where pages ask for all machines at once, by machine elsewhere. */
export const sortingKeys: Readonly<Record<TableName, string>> = {
  ConfigurationChange: 'TenantId, TimeGenerated, Computer',
  ConfigurationData: 'TenantId, Computer, TimeGenerated',
  Heartbeat: 'TenantId, Computer, TimeGenerated',
  TidemarkVisibility: 'TenantId, TimeGenerated, Computer',
  TidemarkOperation: 'TenantId, TimeGenerated, Computer',
}

/** Every index is a name and what follows; all tables have the first. */
const indexes: Readonly<Partial<Record<TableName, Readonly<Record<string, string>>>>> = {
  ConfigurationChange: {
    by_record: 'RecordId TYPE bloom_filter(0.01) GRANULARITY 1',
    by_computer: 'Computer TYPE bloom_filter(0.01) GRANULARITY 1',
    by_path: 'FileSystemPath TYPE bloom_filter(0.01) GRANULARITY 1',
    by_operation: 'OperationId TYPE bloom_filter(0.01) GRANULARITY 1',
  },
  TidemarkOperation: { by_operation: 'OperationId TYPE bloom_filter(0.01) GRANULARITY 1' },
}

/** What makes an insert survive a power cut before it returns. */
export const SYNC_SETTINGS = ['fsync_after_insert = 1', 'fsync_part_directory = 1', 'min_rows_to_fsync_after_merge = 1']

/** A table's columns as they stand in its definition. */
export function columnDefinitions(name: TableName): string[] {
  const told = tables[name].columns.map((column) => `\`${column.name}\` ${storedType(column)} ${codecOf(column)}`)
  return [...told, ...HIDDEN_COLUMNS]
}

/** A table's indexes, each with its name. */
export function indexesOf(name: TableName): readonly (readonly [name: string, definition: string])[] {
  // Of the parts of a table, few have rows that came lately: the others are not read for what is new.
  return [['arrival', '_Arrival TYPE minmax GRANULARITY 1'], ...Object.entries(indexes[name] ?? {})]
}

/** The statement that makes a table, under this name. */
export function createTable(name: TableName, as: string = name): string {
  const settings = [`non_replicated_deduplication_window = ${TOKENS_REMEMBERED_MAX}`, ...SYNC_SETTINGS]
  const inside = [...columnDefinitions(name), ...indexesOf(name).map((each) => `INDEX ${each.join(' ')}`)]
  return [
    `CREATE TABLE IF NOT EXISTS ${DATABASE}.\`${as}\` (${inside.join(', ')})`,
    `ENGINE = MergeTree PARTITION BY toYYYYMM(TimeGenerated) ORDER BY (${sortingKeys[name]})`,
    `SETTINGS ${settings.join(', ')}`,
  ].join(' ')
}

/** Statements that give a table the columns, packings and indexes that it lacks. */
export function completeTable(name: TableName): string[] {
  const table = `${DATABASE}.\`${name}\``
  const added = columnDefinitions(name).map((definition) => `ADD COLUMN IF NOT EXISTS ${definition}`)
  const indexed = indexesOf(name).map((each) => `ADD INDEX IF NOT EXISTS ${each.join(' ')}`)
  return [added, indexed].map((parts) => `ALTER TABLE ${table} ${parts.join(', ')}`)
}

/** Statements that make every table that rows are sent to, and complete one of before; legal any number of times. */
export function schemaStatements(): string[] {
  const each = tableNames.flatMap((name) => [createTable(name), ...completeTable(name)])
  return [`CREATE DATABASE IF NOT EXISTS ${DATABASE}`, ...each]
}

/** Every table that rows are sent to. */
export const storedTables = tableNames
