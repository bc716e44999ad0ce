import { kqlString } from '@tidemark/model'

/** How far back gaps are told, in days. */
export const GAP_DAYS = 7
/** Gaps that are listed of a machine. */
export const GAPS_MAX = 500
/** Changes that are listed of a machine. */
export const CHANGES_MAX = 100

// A baseline is no gap: it says from when on something is seen.
const GAPS = `TidemarkVisibility\n| where TimeGenerated >= ago(${GAP_DAYS}d) and Reason != "baseline-started"`

/** The KQL of how many gaps each machine told. */
export function gapCountsQuery(): string {
  return `${GAPS}\n| summarize Count = count() by Computer`
}

/** The KQL of how many changes each machine reported in a day: what its tracking brings here. */
export function changeCountsQuery(): string {
  return 'ConfigurationChange\n| where TimeGenerated >= ago(1d)\n| summarize Count = count() by Computer'
}

/** The KQL of what a machine could not see or keep, newest first. */
export function gapsQuery(computer: string): string {
  return [
    GAPS,
    `where Computer == ${kqlString(computer)}`,
    'project TimeGenerated, ConfigChangeType, Reason, Subject, Detail, From, To, RecordId',
    `top ${GAPS_MAX} by TimeGenerated desc`,
  ].join('\n| ')
}

/** The KQL of a machine's last changes. */
export function lastChangesQuery(computer: string): string {
  return [
    'ConfigurationChange',
    `where TimeGenerated >= ago(30d) and Computer == ${kqlString(computer)}`,
    'project TimeGenerated, ConfigChangeType, ChangeCategory, FileSystemPath, SoftwareName, SvcName, RecordId, Previous, Current, FieldsChanged, PreviousFileSystemPath, SvcState, SvcPreviousState, SvcTransitions',
    `top ${CHANGES_MAX} by TimeGenerated desc`,
  ].join('\n| ')
}

/** The KQL of the versions of the rules that a machine has in force, as its last heartbeat told them. */
export function ruleVersionsQuery(computer: string): string {
  return [
    'Heartbeat',
    `where TimeGenerated >= ago(1d) and Computer == ${kqlString(computer)}`,
    'project TimeGenerated, RuleVersions',
    'top 1 by TimeGenerated desc',
  ].join('\n| ')
}
