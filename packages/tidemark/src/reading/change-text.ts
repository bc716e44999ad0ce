import { cellText, type ResultRow } from './result-rows.ts'

/** What changed, in a few words: the path, the package, the daemon. */
export function changedThing(row: ResultRow): string {
  return cellText(row['FileSystemPath']) || cellText(row['SoftwareName']) || cellText(row['SvcName'])
}

/** How it changed: versions, states, the fields that differ. */
export function changeSummary(row: ResultRow): string {
  if (row['ConfigChangeType'] === 'Software') return fromTo(row['Previous'], row['Current'])
  if (row['ConfigChangeType'] === 'Daemons') {
    const parts = daemonFields.flatMap(([previous, current]) =>
      cellText(row[previous]) === cellText(row[current]) || row['ChangeCategory'] !== 'Modified'
        ? []
        : [fromTo(row[previous], row[current])],
    )
    return parts.length > 0 ? parts.join(', ') : cellText(row['SvcState'])
  }
  const fields = cellText(row['FieldsChanged'])
  const before = cellText(row['PreviousFileSystemPath'])
  const verdict = cellText(row['PackageVerdict'])
  const [name, version] = [cellText(row['PackageName']), cellText(row['PackageVersion'])]
  const told = EDITED.has(verdict) ? `${verdict} (${name} ${version})` : ''
  return [before === '' ? fields : `was ${before}: ${fields}`, told].filter((text) => text !== '').join('; ')
}

/** Who changed it: account (and who had logged in as another) with the command; empty where nobody was seen. */
export function changeActor(row: ResultRow): string {
  const command = cellText(row['InitiatingProcessCommandLine']) || cellText(row['InitiatingProcessFolderPath'])
  const account = cellText(row['InitiatingProcessAccountName'])
  const login = cellText(row['InitiatingProcessLoginName'])
  const who = login === '' || login === account ? account : `${login} as ${account}`
  return [who, command].filter((part) => part !== '').join(': ')
}

// What somebody did to a file that a package brought.
const EDITED: ReadonlySet<string> = new Set(['differs from package', 'conffile edited'])

const daemonFields = [
  ['SvcPreviousState', 'SvcState'],
  ['SvcPreviousStartupType', 'SvcStartupType'],
  ['SvcPreviousPath', 'SvcPath'],
  ['SvcPreviousRunlevels', 'SvcRunlevels'],
] as const

function fromTo(previous: ResultRow[string] | undefined, current: ResultRow[string] | undefined): string {
  const [before, after] = [cellText(previous), cellText(current)]
  return before && after ? `${before} → ${after}` : before || after
}
