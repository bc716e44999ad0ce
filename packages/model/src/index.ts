export type {
  AboutView,
  ApiError,
  ApiTokenAnswer,
  ApiTokenView,
  ContentDiff,
  ContentHunk,
  ContentText,
  LiveRows,
  MachineRule,
  MachineView,
  QueryCell,
  QueryCompletions,
  QueryProblem,
  QueryRequest,
  QueryResponse,
  QuerySignatureHelp,
  QueryTable,
  RegisterMachineAnswer,
  SessionView,
  StorageView,
  WorkspaceView,
} from './api.ts'
export { apiTokenRequest, queryRequest, registerMachineRequest, sessionRequest, workspaceRequest } from './api.ts'
export type {
  AgentConfigurations,
  Channel,
  ConfigChunk,
  ConfigRequest,
  ConfigResponse,
  ExtensionConfiguration,
  LogsIngestionChannel,
  OdsChannel,
  TaggedData,
} from './config.ts'
export {
  agentConfigurations,
  channel,
  configChunk,
  configRequest,
  configResponse,
  extensionConfiguration,
  ingestionStreamName,
  ingestionToken,
  logsIngestionChannel,
  odsChannel,
  secureUrl,
  taggedData,
} from './config.ts'
export type { ContentPart } from './content.ts'
export {
  CONTENT_BYTES_MAX,
  CONTENT_PARTS_MAX,
  contentHashOf,
  contentRows,
  isContentHash,
  parseContentRow,
} from './content.ts'
export type {
  AccessTokenAnswer,
  EnrolAnswer,
  EnrolmentTokenView,
  MachineActionView,
  MachineKeyView,
  PublicKeyJwk,
  RotationAnswer,
} from './enrolment.ts'
export {
  accessTokenRequest,
  ASSERTION_SECONDS_MAX,
  createEnrolmentToken,
  enrolmentAudience,
  enrolRequest,
  machineActionRequest,
  publicKeyJwk,
  rotationRequest,
  ticketClaims,
} from './enrolment.ts'
export { azureTables, type EmptyTable } from './azure-tables.ts'
export { parseJsonText } from './json-text.ts'
export { groupFunctionKql, membersKql } from './group-kql.ts'
export { kqlString } from './kql-text.ts'
export type { GroupCheckView, GroupMachine, GroupMachinesView, MachineGroupView } from './machine-group.ts'
export { cloneGroupRequest, GROUP_QUERY_CHARS_MAX, machineGroupRequest, validateGroupRequest } from './machine-group.ts'
export type { ExtensionStatus, MachineIdentity, MachineRegistration } from './machine.ts'
export { extensionStatus, machineIdentity, machineRegistration } from './machine.ts'
export type { ChangeTrackingLayout, ChangeTrackingPlaces, MachineMode } from './places.ts'
export { agentPlaces, arcFolders, changeTrackingPlaces, machineModes } from './places.ts'
export type {
  Cell,
  ChangeCategory,
  ChangeRow,
  ContentRow,
  InventoryRow,
  OperationOutcome,
  PackageVerdict,
  OperationRow,
  Row,
  TrackedType,
  VisibilityReason,
  VisibilityRow,
} from './row.ts'
export {
  changeCategories,
  CONTENT_PART_BYTES_MAX,
  contentLink,
  operationOutcomes,
  packageVerdicts,
  trackedTypes,
  visibilityReasons,
} from './row.ts'
export type { ForecastMachine, ForecastView, MachineForecast, MachineQuestion, QuestionAnswer } from './forecast.ts'
export {
  ANSWER_BYTES_MAX,
  answersTag,
  forecastRequest,
  machineForecast,
  machineQuestion,
  machineQuestions,
  questionAnswer,
  QUESTIONS_HEADER,
  questionsRequest,
} from './forecast.ts'
export type { RuleDetail, RuleSummary, RuleTarget, RuleVersion, RuleVersionDetail } from './rule-api.ts'
export { restoreRequest, ruleTarget } from './rule-api.ts'
export type { Merged, RuleDifference, ThreeWays } from './rule-difference.ts'
export { isSameJson, mergeRules, ruleDifferences } from './rule-difference.ts'
export type { RuleSection, RuleSetting } from './rule-fields.ts'
export { entrySettings, ruleSections } from './rule-fields.ts'
export type { ImportedRule, ImportOptions, RuleImport } from './rule-import.ts'
export { readRuleImport, ruleAround, unusedIn } from './rule-import.ts'
export { ruleSchema } from './rule-schema.ts'
export type { DataCollectionRule, RuleProperties } from './rule.ts'
export {
  LOGS_INGESTION_DESTINATIONS_MAX,
  logsIngestionSources,
  parseRule,
  problemOf,
  trackingSettings,
} from './rule.ts'
export type { ExtensionSettings, FileEntry, ScanBudget } from './settings.ts'
export {
  DESTINATION_PATH_CHARS_MAX,
  EXCLUDES_MAX,
  FILE_ENTRIES_MAX,
  fileEntryFor,
  FREQUENCY_SECONDS_MAX,
  FREQUENCY_SECONDS_MIN,
  MAX_OUTPUT_SIZE_DEFAULT,
  parseExtensionSettings,
} from './settings.ts'
export type { DataSourceName, DataType, SocketName, StreamParts } from './stream.ts'
export {
  dataSourceNames,
  dataTypeOfArmStream,
  dataTypes,
  diagnosticsTag,
  extensionName,
  heartbeatDataType,
  isImmutableId,
  parseStreamId,
  socketNames,
  streamId,
  streamsOfRule,
} from './stream.ts'
export type {
  ChangeColumn,
  Column,
  ColumnType,
  InventoryColumn,
  OperationColumn,
  TableName,
  TableSchema,
  VisibilityColumn,
} from './tables.ts'
export { tableNames, tables } from './tables.ts'
export type { HeartbeatItem, UploadBody } from './upload.ts'
export { managementGroupId, UPLOAD_BYTES_MAX, uploadPath, uploadStatusesToRepeat } from './upload.ts'
export type { DerivedTableName, QueryTableName } from './derived-tables.ts'
export { derivedTables, queryTableNames, queryTables, tablesFor } from './derived-tables.ts'
export type { BackupView, RetentionView } from './upkeep.ts'
export { backupRequest, RETENTION_DAYS_MAX, retentionRequest } from './upkeep.ts'
