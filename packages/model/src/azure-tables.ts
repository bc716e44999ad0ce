import type { ColumnType } from './tables.ts'

/** A table that queries may name though nothing is collected for it: it has columns and never a row. */
export interface EmptyTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
  readonly isEmpty: true
}

// Names and types by the reference of Azure Monitor's tables; a column without a type is a string.
const EVERYWHERE =
  '_BilledSize:real _IsBillable _ResourceId _SubscriptionId SourceSystem TenantId TimeGenerated:datetime Type MG ManagementGroupName _TimeReceived:datetime'
const RESOURCE = 'Resource ResourceGroup ResourceId ResourceProvider ResourceType SubscriptionId'
const MACHINE = 'Computer ComputerEnvironment SourceComputerId VMUUID'

const COLUMNS: Readonly<Record<string, string>> = {
  Update: `${MACHINE} ${RESOURCE} ApprovalSource Approved:bool BulletinID BulletinUrl Classification CVENumbers InstallTimeAvailable:bool InstallTimeDeviationRangeSeconds:real InstallTimePredictionSeconds:real KBID MSRCBulletinID MSRCSeverity Optional:bool OSFullName OSName OSType OSVersion PackageRepository PackageSeverity Product ProductArch ProductVersion PublishedDate:datetime RebootBehavior RevisionNumber Title UpdateID UpdateState`,
  UpdateSummary: `${MACHINE} ${RESOURCE} CriticalUpdatesMissing:int NETRuntimeVersion OldestMissingSecurityUpdateBucket OldestMissingSecurityUpdateInDays:int OsVersion OtherUpdatesMissing:int RestartPending:bool SecurityUpdatesMissing:int TotalUpdatesMissing:int WindowsUpdateAgentVersion WindowsUpdateSetting WSUSServer`,
  UpdateRunProgress: `${MACHINE} ${RESOURCE} CorrelationId EndTime:datetime ErrorResult InstallationStatus KBID OSType Product StartTime:datetime SucceededOnRetry:bool Title UpdateId UpdateRunName`,
  Event:
    'Computer AzureDeploymentID EventCategory:int EventData EventID:int EventLevel:int EventLevelName EventLog Message ParameterXml RenderedDescription Role Source UserName',
  Syslog:
    'Computer CollectorHostName EventTime:datetime Facility HostIP HostName ProcessID:int ProcessName SeverityLevel SyslogMessage',
  Perf: 'Computer BucketEndTime:datetime BucketStartTime:datetime CounterName CounterPath CounterValue:real InstanceName Max:real Min:real ObjectName SampleCount:int StandardDeviation:real',
  InsightsMetrics: 'Computer AgentId Name Namespace Origin Tags Val:real Value',
  Usage:
    'Computer AvgLatencyInSeconds:real BatchesCapped:long BatchesOutsideSla:long BatchesWithinSla:long DataType EndTime:datetime IsBillable:bool LinkedMeterId LinkedResourceUri MeterId Quantity:real QuantityUnit ResourceUri Solution StartTime:datetime TotalBatches:long',
  Operation:
    'Computer CorrelationId Detail ErrorId HelpLink OperationCategory OperationKey OperationStatus Solution SourceComputerId',
  ProtectionStatus: `${MACHINE} ${RESOURCE} AMProductVersion ComputerIP_Hidden DetectionId DeviceName OSName ProtectionStatus ProtectionStatusDetails ProtectionStatusRank:int ScanDate:datetime SignatureVersion Threat ThreatStatus ThreatStatusDetails ThreatStatusRank:int TypeofProtection`,
  SecurityBaseline: `Computer ComputerEnvironment SourceComputerId ${RESOURCE} ActualResult AnalyzeOperation AnalyzeResult AssessmentId AzId BaselineRuleType BaselineType CceId Description ExpectedResult OSName RuleSetting RuleSeverity SitePath`,
  SecurityAlert:
    'AlertLink AlertName AlertSeverity AlertType CompromisedEntity ConfidenceLevel ConfidenceScore:real Description DisplayName EndTime:datetime Entities ExtendedLinks ExtendedProperties IsIncident:bool ProcessingEndTime:datetime ProductComponentName ProductName ProviderName RemediationSteps ResourceId SourceComputerId StartTime:datetime Status SubTechniques SystemAlertId Tactics Techniques VendorName VendorOriginalId WorkspaceResourceGroup WorkspaceSubscriptionId',
  SecurityEvent:
    'Computer Account AccountDomain AccountName AccountType Activity AuthenticationPackageName Channel CommandLine EventData EventID:int EventSourceName FailureReason FileHash FilePath Fqbn GroupMembership IpAddress IpPort LogonGuid LogonID LogonProcessName LogonType:int LogonTypeName NewProcessId NewProcessName ObjectName ObjectType ObjectValueName OldValue NewValue OperationType ParentProcessName PrivilegeList Process ProcessId ProcessName Service ServiceAccount ServiceFileName ServiceName ServiceStartType ServiceType ShareName SourceComputerId Status SubStatus SubjectAccount SubjectDomainName SubjectLogonId SubjectUserName SubjectUserSid TargetAccount TargetDomainName TargetLogonId TargetUserName TargetUserSid TargetSid Task:int TaskName TokenElevationType WorkstationName',
  AzureActivity:
    'ActivityStatus ActivityStatusValue ActivitySubstatus ActivitySubstatusValue Authorization Authorization_d:dynamic Caller CallerIpAddress Category CategoryValue Claims Claims_d:dynamic CorrelationId EventDataId EventSubmissionTimestamp:datetime Hierarchy HTTPRequest Level OperationId OperationName OperationNameValue Properties Properties_d:dynamic Resource ResourceGroup ResourceId ResourceProvider ResourceProviderValue SubscriptionId',
  VMComputer:
    'Computer AgentId AzureCloudServiceDeployment AzureCloudServiceInstanceId AzureCloudServiceName AzureCloudServiceRoleName AzureCloudServiceRoleType AzureFaultDomain AzureImageOffering AzureImagePublisher AzureImageSku AzureImageVersion AzureLocation AzureResourceGroup AzureResourceName AzureServiceFabricClusterId AzureServiceFabricClusterName AzureSize AzureSubscriptionId AzureUpdateDomain AzureVmId AzureVmScaleSetDeployment AzureVmScaleSetInstanceId AzureVmScaleSetName AzureVmScaleSetResourceId BootTime:datetime Cpus:int CpuSpeed:int DependencyAgentVersion DisplayName DnsNames:dynamic FullDisplayName HostingProvider HostName HypervisorId HypervisorType Ipv4Addresses:dynamic Ipv4DefaultGateways:dynamic Ipv4SubnetMasks:dynamic Ipv6Addresses:dynamic MacAddresses:dynamic Machine OperatingSystemFamily OperatingSystemFullName PhysicalMemoryMB:long TimeZone VirtualizationState VirtualMachineHypervisorId VirtualMachineNativeId VirtualMachineNativeName VirtualMachineType',
  VMProcess:
    'Computer AgentId CommandLine CompanyName Description DisplayName ExecutableName ExecutablePath FileVersion FirstPid:int Group InternalName Machine Process ProductName ProductVersion Role Services:dynamic StartTime:datetime UserDomain UserName WorkingDirectory',
  VMConnection:
    'Computer AgentId BytesReceived:long BytesSent:long ConfidenceScore:int Confidence ConnectionId DestinationIp DestinationPort:int Direction LinksEstablished:int LinksFailed:int LinksLive:int LinksTerminated:int Machine MaliciousIp Process ProcessName Protocol RemoteClassification RemoteCountry RemoteDnsQuestions RemoteIp RemoteLatitude:real RemoteLongitude:real ResponseTimeMax:long ResponseTimeMin:long ResponseTimeSum:long Responses:long Severity:int SourceIp',
  VMBoundPort:
    'Computer AgentId BytesReceived:long BytesSent:long Ip IsWildcardBind:bool LinksEstablished:long LinksLive:long LinksTerminated:long Machine Port:int PortId Process ProcessName Protocol ResponseTimeMax:long ResponseTimeMin:long ResponseTimeSum:long Responses:long',
  LAQueryLogs:
    'AADClientId AADEmail AADObjectId AADTenantId CorrelationId IsBillableQuery:bool QueryText QueryTimeRangeEnd:datetime QueryTimeRangeStart:datetime RequestClientApp RequestContext:dynamic RequestContextFilters:dynamic RequestTarget ResponseCode:int ResponseDurationMs:real ResponseRowCount:int ScannedGB:real StatsCPUTimeMs:real StatsDataProcessedEnd:datetime StatsDataProcessedKB:real StatsDataProcessedStart:datetime StatsRegionCount:int StatsWorkspaceCount:int WorkspaceRegion',
  ComputerGroup: 'Computer ComputerGroupName ComputerName GroupSource GroupSourceName GroupFullName GroupId',
  Alert:
    'AlertContext AlertDescription AlertError AlertId AlertName AlertPriority AlertRuleId AlertRuleInstanceId AlertSeverity AlertState AlertStatus:int AlertTypeDescription AlertTypeNumber:int AlertUniqueId AlertValue:int Comments Computer Custom1 Custom10 Custom2 Custom3 Custom4 Custom5 Custom6 Custom7 Custom8 Custom9 Expression FlagsDescription Flags:int HostName LastModifiedBy LinkToSearchResults Query QueryExecutionEndTime:datetime QueryExecutionStartTime:datetime RemediationJobId RemediationRunbookName RepeatCount:int ResolvedBy RootObjectName ServiceDeskConnectionName ServiceDeskId ServiceDeskWorkItemLink ServiceDeskWorkItemType SourceDisplayName SourceFullName StateType StatusDescription TemplateId TicketId TimeLastModified:datetime TimeRaised:datetime TimeResolved:datetime TriggerId Url ValueDescription ValueFlags:int ValueFlagsDescription ValueType:int',
}

const TYPES: readonly ColumnType[] = ['bool', 'datetime', 'dynamic', 'int', 'long', 'real']

/**
 * Tables of Azure Monitor that published queries join with the ones here. Nothing fills them: naming one is no mistake, and
 * gives no rows, as in a workspace of Azure to which nobody sends any.
 */
export const azureTables: Readonly<Record<string, EmptyTable>> = Object.fromEntries(
  Object.entries(COLUMNS).map(([name, words]) => [name, { name, columns: columnsOf(words), isEmpty: true }]),
)

function columnsOf(words: string): EmptyTable['columns'] {
  const types = new Map(
    `${words} ${EVERYWHERE}`.split(' ').map((word) => [word.split(':')[0] ?? '', typeOf(word.split(':')[1])] as const),
  )
  return [...types].map(([name, type]) => ({ name, type }))
}

function typeOf(word: string | undefined): ColumnType {
  return TYPES.find((type) => type === word) ?? 'string'
}
