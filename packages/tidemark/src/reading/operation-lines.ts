import { cellText, type ResultRow } from './result-rows.ts'

/** Package names that are told of an operation whose command is not known. */
const NAMES_TOLD_MAX = 3

/** Changes that are part of a package operation as one row for each operation and machine: KQL behind the conditions. */
export function operationsTail(since: string, limit: number): readonly string[] {
  return [
    'where isnotempty(OperationId)',
    'summarize TimeGenerated = max(TimeGenerated), Files = countif(ConfigChangeType == "Files"), Packages = countif(ConfigChangeType == "Software"), Daemons = countif(ConfigChangeType == "Daemons"), Edited = countif(PackageVerdict in ("differs from package", "conffile edited")), Names = make_set(PackageName, 100), Versions = make_set(iff(SoftwareName == "", "", strcat(SoftwareName, " ", iff(Previous == "", "", strcat(Previous, iff(Current == "", " removed", " → "))), Current)), 100), Account = max(InitiatingProcessAccountName), Login = max(InitiatingProcessLoginName) by Computer, SourceComputerId, OperationId',
    `top ${limit} by TimeGenerated desc`,
    // It may have begun before the span, and is told when it ended.
    `lookup kind=leftouter (TidemarkOperation | where TimeGenerated > ago(${since}) - 1d | summarize arg_max(TimeGenerated, OperationSource, Outcome, CommandLine, RequestedBy) by SourceComputerId, OperationId | project-away TimeGenerated) on SourceComputerId, OperationId`,
  ]
}

/** What a package operation was: its command, else the packages with their versions. */
export function operationThing(row: ResultRow): string {
  const command = cellText(row['CommandLine'])
  if (command !== '') return command
  const versions = textsIn(row['Versions'])
  const names = versions.length > 0 ? versions : textsIn(row['Names'])
  const told = names.slice(0, NAMES_TOLD_MAX).join(', ')
  return names.length > NAMES_TOLD_MAX ? `${told} and ${names.length - NAMES_TOLD_MAX} more` : told
}

/** Who asked for a package operation; else whose process made its changes. */
export function operationActor(row: ResultRow): string {
  const [account, login] = [cellText(row['Account']), cellText(row['Login'])]
  return cellText(row['RequestedBy']) || (login === '' || login === account ? account : `${login} as ${account}`)
}

/** What a package operation came to: how many changes of what, how it ended, and its id, which opens it. */
export function operationSummary(row: ResultRow): string {
  const outcome = cellText(row['Outcome'])
  const parts = [
    counted(row['Packages'], 'package'),
    counted(row['Files'], 'file'),
    counted(row['Daemons'], 'daemon'),
    counted(row['Edited'], 'file that is not as packaged', 'files that are not as packaged'),
    outcome === '' || outcome === 'completed' ? '' : outcome,
    cellText(row['OperationId']),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function counted(cell: ResultRow[string] | undefined, one: string, many = `${one}s`): string {
  const count = Number(cell ?? 0)
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
}

/** Texts in a set, which comes as JSON text; empty ones do not count. */
function textsIn(cell: ResultRow[string] | undefined): string[] {
  try {
    const texts: unknown = JSON.parse(cellText(cell))
    return Array.isArray(texts) ? texts.filter((text) => typeof text === 'string' && text !== '') : []
  } catch {
    return []
  }
}
