/** What an upload carries, and the last part of a stream's id. */
export const dataTypes = ['CONFIG_CHANGE_BLOB', 'CONFIG_CHANGE_BLOB_V2', 'CONFIG_DATA_BLOB_V2'] as const
export type DataType = (typeof dataTypes)[number]

/** The data type of the agent's own heartbeat, which has no data source. */
export const heartbeatDataType = 'HEALTH_ASSESSMENT_BLOB'

/** The two data sources of a change tracking rule; a Linux machine never fills the second one's streams. */
export const dataSourceNames = ['CTDataSource-Linux', 'CTDataSource-Windows'] as const
export type DataSourceName = (typeof dataSourceNames)[number]

/** The name by which the change tracking extension asks for its configuration. */
export const extensionName = 'ChangeTracking-Linux'

/** A rule's `streams` as written in ARM, and the data types that they become. */
export const dataTypeOfArmStream: Readonly<Record<string, DataType>> = {
  'Microsoft-ConfigurationChange': 'CONFIG_CHANGE_BLOB',
  'Microsoft-ConfigurationChangeV2': 'CONFIG_CHANGE_BLOB_V2',
  'Microsoft-ConfigurationData': 'CONFIG_DATA_BLOB_V2',
}

/** The parts of a stream's id, `<dcr>:<data source>:<data type>`, which is also the name of its folder in the sink. */
export interface StreamParts {
  /** The rule's immutable id, `dcr-` and 32 hex digits. */
  readonly dcr: string
  readonly dataSource: DataSourceName
  readonly dataType: DataType
}

/** The stream's id, `<dcr>:<data source>:<data type>`; `parseStreamId` is the way back. */
export function streamId(parts: StreamParts): string {
  return `${parts.dcr}:${parts.dataSource}:${parts.dataType}`
}

/** The one way in: `undefined` for whatever is not the id of a change tracking stream. */
export function parseStreamId(text: string): StreamParts | undefined {
  const [dcr, dataSourceText, dataTypeText, ...rest] = text.split(':')
  const dataSource = dataSourceNames.find((name) => name === dataSourceText)
  const dataType = dataTypes.find((name) => name === dataTypeText)
  if (dcr === undefined || !isImmutableId(dcr) || !dataSource || !dataType || rest.length > 0) return undefined
  return { dcr, dataSource, dataType }
}

/** A rule's immutable id: `dcr-` and 32 lower-case hex digits. */
export function isImmutableId(text: string): boolean {
  return /^dcr-[0-9a-f]{32}$/.test(text)
}

/** The six streams of one change tracking rule, in the order of `dataSourceNames` and `dataTypes`. */
export function streamsOfRule(dcr: string): StreamParts[] {
  return dataSourceNames.flatMap((dataSource) => dataTypes.map((dataType) => ({ dcr, dataSource, dataType })))
}

/** The agent's abstract sockets, by what they are for. Names go on the wire padded with NUL to 108 bytes. */
export const socketNames = {
  config: 'CAgentStream_CloudAgentInfo_config_default_fluent.socket',
  diagnostics: 'CAgentStream_CloudAgentInfo_MaExtensionDiagnostics_default_fluent.socket',
  changeTrackingWindows: 'CAgentStream_CloudAgentInfo_ChangeTracking-Windows_default_fluent.socket',
  changeTrackingLinux: 'CAgentStream_CloudAgentInfo_ChangeTracking-Linux_default_fluent.socket',
} as const
export type SocketName = (typeof socketNames)[keyof typeof socketNames]

/** The tag of an extension's status on the diagnostics socket (ours; the shape is `ExtensionStatus`). */
export const diagnosticsTag = 'MaExtensionDiagnostics'
