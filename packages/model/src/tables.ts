/** Kusto's scalar types. On disk: see docs/formats/tables.md. */
export type ColumnType =
  | 'bool'
  | 'datetime'
  | 'dynamic'
  | 'guid'
  | 'int'
  | 'long'
  | 'real'
  | 'string'
  | 'decimal'
  | 'timespan'

/** One column of a table. `origin` tells the columns of the described service from our additions. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly origin: 'azure' | 'tidemark'
}

/** A table: Azure's columns first, ours behind them. */
export interface TableSchema {
  readonly name: TableName
  readonly columns: readonly Column[]
}

/** Every table that can be queried. */
export const tableNames = ['ConfigurationChange', 'ConfigurationData', 'Heartbeat', 'TidemarkVisibility'] as const
export type TableName = (typeof tableNames)[number]

const changeAzure = [
  { name: 'Acls', type: 'string', origin: 'azure' },
  { name: 'Attributes', type: 'string', origin: 'azure' },
  { name: '_BilledSize', type: 'real', origin: 'azure' },
  { name: 'ChangeCategory', type: 'string', origin: 'azure' },
  { name: 'Computer', type: 'string', origin: 'azure' },
  { name: 'ConfigChangeType', type: 'string', origin: 'azure' },
  { name: 'Current', type: 'string', origin: 'azure' },
  { name: 'DateCreated', type: 'datetime', origin: 'azure' },
  { name: 'DateModified', type: 'datetime', origin: 'azure' },
  { name: 'FieldsChanged', type: 'string', origin: 'azure' },
  { name: 'FileContentChecksum', type: 'string', origin: 'azure' },
  { name: 'FileSystemPath', type: 'string', origin: 'azure' },
  { name: 'Hive', type: 'string', origin: 'azure' },
  { name: '_IsBillable', type: 'string', origin: 'azure' },
  { name: 'LastSnapshotAge', type: 'long', origin: 'azure' },
  { name: 'Location', type: 'string', origin: 'azure' },
  { name: 'ManagementGroupName', type: 'string', origin: 'azure' },
  { name: 'Name', type: 'string', origin: 'azure' },
  { name: 'Previous', type: 'string', origin: 'azure' },
  { name: 'PreviousAcls', type: 'string', origin: 'azure' },
  { name: 'PreviousAttributes', type: 'string', origin: 'azure' },
  { name: 'PreviousDateCreated', type: 'datetime', origin: 'azure' },
  { name: 'PreviousDateModified', type: 'datetime', origin: 'azure' },
  { name: 'PreviousFileContentChecksum', type: 'string', origin: 'azure' },
  { name: 'PreviousSize', type: 'long', origin: 'azure' },
  { name: 'PreviousValueData', type: 'string', origin: 'azure' },
  { name: 'PreviousValueType', type: 'string', origin: 'azure' },
  { name: 'Publisher', type: 'string', origin: 'azure' },
  { name: 'RegistryKey', type: 'string', origin: 'azure' },
  { name: '_ResourceId', type: 'string', origin: 'azure' },
  { name: 'Size', type: 'long', origin: 'azure' },
  { name: 'SoftwareDescription', type: 'string', origin: 'azure' },
  { name: 'SoftwareName', type: 'string', origin: 'azure' },
  { name: 'SoftwareType', type: 'string', origin: 'azure' },
  { name: 'SourceComputerId', type: 'string', origin: 'azure' },
  { name: 'SourceSystem', type: 'string', origin: 'azure' },
  { name: '_SubscriptionId', type: 'string', origin: 'azure' },
  { name: 'SvcAccount', type: 'string', origin: 'azure' },
  { name: 'SvcChangeType', type: 'string', origin: 'azure' },
  { name: 'SvcController', type: 'string', origin: 'azure' },
  { name: 'SvcDisplayName', type: 'string', origin: 'azure' },
  { name: 'SvcName', type: 'string', origin: 'azure' },
  { name: 'SvcPath', type: 'string', origin: 'azure' },
  { name: 'SvcPreviousAccount', type: 'string', origin: 'azure' },
  { name: 'SvcPreviousController', type: 'string', origin: 'azure' },
  { name: 'SvcPreviousPath', type: 'string', origin: 'azure' },
  { name: 'SvcPreviousRunlevels', type: 'string', origin: 'azure' },
  { name: 'SvcPreviousStartupType', type: 'string', origin: 'azure' },
  { name: 'SvcPreviousState', type: 'string', origin: 'azure' },
  { name: 'SvcRunlevels', type: 'string', origin: 'azure' },
  { name: 'SvcStartupType', type: 'string', origin: 'azure' },
  { name: 'SvcState', type: 'string', origin: 'azure' },
  { name: 'TimeGenerated', type: 'datetime', origin: 'azure' },
  { name: 'Type', type: 'string', origin: 'azure' },
  { name: 'ValueData', type: 'string', origin: 'azure' },
  { name: 'ValueName', type: 'string', origin: 'azure' },
  { name: 'ValueType', type: 'string', origin: 'azure' },
  { name: 'VMUUID', type: 'string', origin: 'azure' },
  { name: 'TenantId', type: 'string', origin: 'azure' },
  { name: 'MG', type: 'string', origin: 'azure' },
] as const satisfies readonly Column[]

const changeOwn = [
  { name: 'Architecture', type: 'string', origin: 'tidemark' },
  { name: 'FileMode', type: 'string', origin: 'tidemark' },
  { name: 'FileOwner', type: 'string', origin: 'tidemark' },
  { name: 'FileGroup', type: 'string', origin: 'tidemark' },
  { name: 'ItemType', type: 'string', origin: 'tidemark' },
  { name: 'LinkTarget', type: 'string', origin: 'tidemark' },
  { name: 'PreviousFileMode', type: 'string', origin: 'tidemark' },
  { name: 'PreviousFileOwner', type: 'string', origin: 'tidemark' },
  { name: 'PreviousFileGroup', type: 'string', origin: 'tidemark' },
  { name: 'PreviousItemType', type: 'string', origin: 'tidemark' },
  { name: 'PreviousLinkTarget', type: 'string', origin: 'tidemark' },
  { name: 'SoftwareStatus', type: 'string', origin: 'tidemark' },
  { name: 'PreviousSoftwareStatus', type: 'string', origin: 'tidemark' },
  { name: 'SvcDescription', type: 'string', origin: 'tidemark' },
  { name: 'SvcPreviousDescription', type: 'string', origin: 'tidemark' },
  { name: 'BaselineEpoch', type: 'string', origin: 'tidemark' },
  { name: 'Sequence', type: 'long', origin: 'tidemark' },
  { name: 'RecordId', type: 'string', origin: 'tidemark' },
  { name: 'DetectedBy', type: 'string', origin: 'tidemark' },
  { name: 'RuleNames', type: 'dynamic', origin: 'tidemark' },
  { name: 'AdditionalFields', type: 'dynamic', origin: 'tidemark' },
  { name: '_TimeReceived', type: 'datetime', origin: 'tidemark' },
] as const satisfies readonly Column[]

const dataAzure = [
  { name: 'Acls', type: 'string', origin: 'azure' },
  { name: 'Architecture', type: 'string', origin: 'azure' },
  { name: 'Attributes', type: 'string', origin: 'azure' },
  { name: '_BilledSize', type: 'real', origin: 'azure' },
  { name: 'Computer', type: 'string', origin: 'azure' },
  { name: 'ConfigDataType', type: 'string', origin: 'azure' },
  { name: 'CurrentVersion', type: 'string', origin: 'azure' },
  { name: 'DateCreated', type: 'datetime', origin: 'azure' },
  { name: 'DateModified', type: 'datetime', origin: 'azure' },
  { name: 'FileContentChecksum', type: 'string', origin: 'azure' },
  { name: 'FileSystemPath', type: 'string', origin: 'azure' },
  { name: 'Hive', type: 'string', origin: 'azure' },
  { name: '_IsBillable', type: 'string', origin: 'azure' },
  { name: 'Location', type: 'string', origin: 'azure' },
  { name: 'ManagementGroupName', type: 'string', origin: 'azure' },
  { name: 'Name', type: 'string', origin: 'azure' },
  { name: 'Publisher', type: 'string', origin: 'azure' },
  { name: 'RegistryKey', type: 'string', origin: 'azure' },
  { name: '_ResourceId', type: 'string', origin: 'azure' },
  { name: 'Size', type: 'long', origin: 'azure' },
  { name: 'SoftwareDescription', type: 'string', origin: 'azure' },
  { name: 'SoftwareName', type: 'string', origin: 'azure' },
  { name: 'SoftwareType', type: 'string', origin: 'azure' },
  { name: 'SourceComputerId', type: 'string', origin: 'azure' },
  { name: 'SourceSystem', type: 'string', origin: 'azure' },
  { name: '_SubscriptionId', type: 'string', origin: 'azure' },
  { name: 'SvcAccount', type: 'string', origin: 'azure' },
  { name: 'SvcController', type: 'string', origin: 'azure' },
  { name: 'SvcDescription', type: 'string', origin: 'azure' },
  { name: 'SvcDisplayName', type: 'string', origin: 'azure' },
  { name: 'SvcName', type: 'string', origin: 'azure' },
  { name: 'SvcPath', type: 'string', origin: 'azure' },
  { name: 'SvcRunlevels', type: 'string', origin: 'azure' },
  { name: 'SvcStartupType', type: 'string', origin: 'azure' },
  { name: 'SvcState', type: 'string', origin: 'azure' },
  { name: 'TimeGenerated', type: 'datetime', origin: 'azure' },
  { name: 'Type', type: 'string', origin: 'azure' },
  { name: 'ValueData', type: 'string', origin: 'azure' },
  { name: 'ValueName', type: 'string', origin: 'azure' },
  { name: 'ValueType', type: 'string', origin: 'azure' },
  { name: 'VMUUID', type: 'string', origin: 'azure' },
  { name: 'TenantId', type: 'string', origin: 'azure' },
  { name: 'MG', type: 'string', origin: 'azure' },
] as const satisfies readonly Column[]

const dataOwn = [
  { name: 'FileMode', type: 'string', origin: 'tidemark' },
  { name: 'FileOwner', type: 'string', origin: 'tidemark' },
  { name: 'FileGroup', type: 'string', origin: 'tidemark' },
  { name: 'ItemType', type: 'string', origin: 'tidemark' },
  { name: 'LinkTarget', type: 'string', origin: 'tidemark' },
  { name: 'SoftwareStatus', type: 'string', origin: 'tidemark' },
  { name: 'InstallDate', type: 'datetime', origin: 'tidemark' },
  { name: 'LastSnapshotAge', type: 'long', origin: 'tidemark' },
  { name: 'BaselineEpoch', type: 'string', origin: 'tidemark' },
  { name: 'Sequence', type: 'long', origin: 'tidemark' },
  { name: 'RecordId', type: 'string', origin: 'tidemark' },
  { name: 'DetectedBy', type: 'string', origin: 'tidemark' },
  { name: 'RuleNames', type: 'dynamic', origin: 'tidemark' },
  { name: 'AdditionalFields', type: 'dynamic', origin: 'tidemark' },
  { name: '_TimeReceived', type: 'datetime', origin: 'tidemark' },
] as const satisfies readonly Column[]

const heartbeatAzure = [
  { name: '_BilledSize', type: 'real', origin: 'azure' },
  { name: 'Category', type: 'string', origin: 'azure' },
  { name: 'Computer', type: 'string', origin: 'azure' },
  { name: 'ComputerEnvironment', type: 'string', origin: 'azure' },
  { name: 'ComputerIP', type: 'string', origin: 'azure' },
  { name: 'ComputerPrivateIPs', type: 'dynamic', origin: 'azure' },
  { name: '_IsBillable', type: 'string', origin: 'azure' },
  { name: 'IsGatewayInstalled', type: 'bool', origin: 'azure' },
  { name: 'ManagementGroupName', type: 'string', origin: 'azure' },
  { name: 'OSMajorVersion', type: 'string', origin: 'azure' },
  { name: 'OSMinorVersion', type: 'string', origin: 'azure' },
  { name: 'OSName', type: 'string', origin: 'azure' },
  { name: 'OSType', type: 'string', origin: 'azure' },
  { name: 'RemoteIPCountry', type: 'string', origin: 'azure' },
  { name: 'RemoteIPLatitude', type: 'real', origin: 'azure' },
  { name: 'RemoteIPLongitude', type: 'real', origin: 'azure' },
  { name: 'Resource', type: 'string', origin: 'azure' },
  { name: 'ResourceGroup', type: 'string', origin: 'azure' },
  { name: 'ResourceId', type: 'string', origin: 'azure' },
  { name: '_ResourceId', type: 'string', origin: 'azure' },
  { name: 'ResourceProvider', type: 'string', origin: 'azure' },
  { name: 'ResourceType', type: 'string', origin: 'azure' },
  { name: 'SCAgentChannel', type: 'string', origin: 'azure' },
  { name: 'Solutions', type: 'string', origin: 'azure' },
  { name: 'SourceSystem', type: 'string', origin: 'azure' },
  { name: 'SubscriptionId', type: 'string', origin: 'azure' },
  { name: '_SubscriptionId', type: 'string', origin: 'azure' },
  { name: 'TimeGenerated', type: 'datetime', origin: 'azure' },
  { name: 'Type', type: 'string', origin: 'azure' },
  { name: 'Version', type: 'string', origin: 'azure' },
  { name: 'VMUUID', type: 'string', origin: 'azure' },
  { name: 'TenantId', type: 'string', origin: 'azure' },
] as const satisfies readonly Column[]

const heartbeatOwn = [
  { name: 'SourceComputerId', type: 'string', origin: 'tidemark' },
  { name: 'ExtensionVersion', type: 'string', origin: 'tidemark' },
  { name: 'ExtensionStatus', type: 'string', origin: 'tidemark' },
  { name: 'RuleVersions', type: 'dynamic', origin: 'tidemark' },
  { name: 'BacklogBytes', type: 'long', origin: 'tidemark' },
  { name: 'AdditionalFields', type: 'dynamic', origin: 'tidemark' },
  { name: '_TimeReceived', type: 'datetime', origin: 'tidemark' },
  { name: 'MG', type: 'string', origin: 'tidemark' },
] as const satisfies readonly Column[]

const visibilityOwn = [
  { name: 'TimeGenerated', type: 'datetime', origin: 'tidemark' },
  { name: 'Computer', type: 'string', origin: 'tidemark' },
  { name: 'SourceComputerId', type: 'string', origin: 'tidemark' },
  { name: 'VMUUID', type: 'string', origin: 'tidemark' },
  { name: 'SourceSystem', type: 'string', origin: 'tidemark' },
  { name: 'ConfigChangeType', type: 'string', origin: 'tidemark' },
  { name: 'Reason', type: 'string', origin: 'tidemark' },
  { name: 'Detail', type: 'string', origin: 'tidemark' },
  { name: 'Subject', type: 'string', origin: 'tidemark' },
  { name: 'From', type: 'datetime', origin: 'tidemark' },
  { name: 'To', type: 'datetime', origin: 'tidemark' },
  { name: 'BaselineEpoch', type: 'string', origin: 'tidemark' },
  { name: 'Sequence', type: 'long', origin: 'tidemark' },
  { name: 'RecordId', type: 'string', origin: 'tidemark' },
  { name: 'AdditionalFields', type: 'dynamic', origin: 'tidemark' },
  { name: '_ResourceId', type: 'string', origin: 'tidemark' },
  { name: '_SubscriptionId', type: 'string', origin: 'tidemark' },
  { name: 'TenantId', type: 'string', origin: 'tidemark' },
  { name: 'Type', type: 'string', origin: 'tidemark' },
  { name: '_TimeReceived', type: 'datetime', origin: 'tidemark' },
] as const satisfies readonly Column[]

/** The tables with Azure's columns first and ours behind them. */
export const tables: Readonly<Record<TableName, TableSchema>> = {
  ConfigurationChange: { name: 'ConfigurationChange', columns: [...changeAzure, ...changeOwn] },
  ConfigurationData: { name: 'ConfigurationData', columns: [...dataAzure, ...dataOwn] },
  Heartbeat: { name: 'Heartbeat', columns: [...heartbeatAzure, ...heartbeatOwn] },
  TidemarkVisibility: { name: 'TidemarkVisibility', columns: visibilityOwn },
}

/** Names of the columns of `ConfigurationChange`, checked where rows are made. */
export type ChangeColumn = (typeof changeAzure)[number]['name'] | (typeof changeOwn)[number]['name']
/** Names of the columns of `ConfigurationData`. */
export type InventoryColumn = (typeof dataAzure)[number]['name'] | (typeof dataOwn)[number]['name']
/** Names of the columns of `TidemarkVisibility`. */
export type VisibilityColumn = (typeof visibilityOwn)[number]['name']
