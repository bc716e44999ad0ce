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
  return cellText(row['FieldsChanged'])
}

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
