import { type Column, type ColumnType, tableNames, tables, type TableSchema } from '@tidemark/model'

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

/**
 * Statements that bring the store to the present schema: forward only, and legal any number of times. Rows are synced
 * before an insert returns; inserts that come again under their token are dropped.
 */
export function schemaStatements(): string[] {
  return [`CREATE DATABASE IF NOT EXISTS ${DATABASE}`, ...tableNames.flatMap((name) => tableStatements(tables[name]))]
}

/**
 * Columns that no query names: the number of a row in the order of arrival, and of which batch of which sender it is
 * (ingest/committer.ts). 0 in rows of older versions.
 */
const HIDDEN: readonly string[] = [
  '`_Arrival` Int64 CODEC(Delta, ZSTD)',
  '`_Batch` UInt64 CODEC(ZSTD)',
  '`_Sender` UInt64 CODEC(ZSTD)',
]

function tableStatements({ name, columns }: TableSchema): string[] {
  const definitions = [...columns.map((column) => `\`${column.name}\` ${storedType(column)}`), ...HIDDEN]
  const settings = [
    `non_replicated_deduplication_window = ${TOKENS_REMEMBERED_MAX}`,
    'fsync_after_insert = 1',
    'fsync_part_directory = 1',
    'min_rows_to_fsync_after_merge = 1',
  ]
  const create = [
    `CREATE TABLE IF NOT EXISTS ${DATABASE}.\`${name}\` (${definitions.join(', ')})`,
    'ENGINE = MergeTree PARTITION BY toYYYYMM(TimeGenerated) ORDER BY (TenantId, Computer, TimeGenerated)',
    `SETTINGS ${settings.join(', ')}`,
  ].join(' ')
  const added = definitions.map((definition) => `ADD COLUMN IF NOT EXISTS ${definition}`)
  const table = `${DATABASE}.\`${name}\``
  // Of the parts of a table, few have rows that came lately: the others are not read for what is new.
  const index = `ALTER TABLE ${table} ADD INDEX IF NOT EXISTS arrival _Arrival TYPE minmax GRANULARITY 1`
  return [create, `ALTER TABLE ${table} ${added.join(', ')}`, index]
}
