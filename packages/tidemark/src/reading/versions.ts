import { contentHashOf, kqlString } from '@tidemark/model'

import { CommandError } from '../terminal/exit.ts'
import { cellText, localTime, type ResultRow } from './result-rows.ts'

/** Rows of a file's history that are looked at, the newest first. */
const ROWS_MAX = 2_000

/** A file as it was from one moment on. */
export interface Version {
  /** When it was first reported, in milliseconds since 1970; 0 for what was before the first report. */
  readonly sinceMs: number
  /** Whether there was a file at all. */
  readonly isThere: boolean
  /** SHA-256 of its content, where it was kept. */
  readonly hash?: string
}

/** Asks for every row that tells of a file on a machine: changes, and what was found there. */
export function versionsQuery(path: string, machine: string): { readonly changes: string; readonly inventory: string } {
  const of = `| where Computer =~ ${kqlString(machine)} | where FileSystemPath == ${kqlString(path)}`
  const newest = `| top ${ROWS_MAX} by TimeGenerated desc`
  return {
    changes: `ConfigurationChange | where ConfigChangeType == "Files" ${of} | project TimeGenerated, ChangeCategory, FileContentBlobLink, PreviousFileContentBlobLink, FileContentChecksum ${newest}`,
    inventory: `ConfigurationData | where ConfigDataType == "Files" ${of} | project TimeGenerated, FileContentBlobLink, FileContentChecksum ${newest}`,
  }
}

/** The versions of a file, oldest first, each once however often it was reported. */
export function versionsOf(changes: readonly ResultRow[], inventory: readonly ResultRow[]): Version[] {
  const seen = [...changes, ...inventory].sort((one, other) => timeOf(one) - timeOf(other))
  const versions: (Version & { readonly checksum: string })[] = []
  for (const row of seen) {
    const version = versionOf(row)
    // What was before a change, where nothing else tells of it.
    const previous = contentHashOf(cellText(row['PreviousFileContentBlobLink']))
    if (versions.length === 0 && previous !== undefined)
      versions.push({ sinceMs: 0, isThere: true, hash: previous, checksum: '' })
    const last = versions.at(-1)
    if (last === undefined || !isSame(last, version)) versions.push(version)
    // The content may have been asked for only after the file had been seen.
    else if (last.hash === undefined && version.hash !== undefined)
      versions[versions.length - 1] = { ...version, sinceMs: last.sinceMs }
  }
  return versions.map(({ checksum: _checksum, ...version }) => version)
}

function versionOf(row: ResultRow): Version & { readonly checksum: string } {
  const hash = contentHashOf(cellText(row['FileContentBlobLink']))
  const isThere = row['ChangeCategory'] !== 'Removed'
  const checksum = cellText(row['FileContentChecksum'])
  return { sinceMs: timeOf(row), isThere, checksum, ...(hash === undefined || !isThere ? {} : { hash }) }
}

function isSame(one: Version & { readonly checksum: string }, other: Version & { readonly checksum: string }): boolean {
  if (one.isThere !== other.isThere) return false
  if (one.hash !== undefined && other.hash !== undefined) return one.hash === other.hash
  return !one.isThere || (one.checksum !== '' && one.checksum === other.checksum)
}

function timeOf(row: ResultRow): number {
  return Date.parse(cellText(row['TimeGenerated'])) || 0
}

/** Which two versions are asked for. `undefined` means the latest, and the one before that which `to` is. */
export interface AskedVersions {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
}

/** The two versions; throws `CommandError` with what is known where there are none. `what` names file and machine. */
export function chosenVersions(
  versions: readonly Version[],
  { fromMs, toMs }: AskedVersions,
  what: string,
): { readonly from: Version; readonly to: Version } {
  const [first] = versions
  if (first === undefined)
    throw new CommandError(
      'content-not-kept',
      `nothing is known of ${what}. Is the path whole, and the machine's name right? "tidemark changes --text" finds both.`,
    )
  const to = at(versions, toMs, what)
  const from = fromMs === undefined ? versions[versions.indexOf(to) - 1] : at(versions, fromMs, what)
  if (from === undefined)
    throw new CommandError(
      'content-not-kept',
      `${what} has had one version only, since ${when(to)}: there is none before it to compare with.`,
    )
  return { from, to }
}

function at(versions: readonly Version[], momentMs: number | undefined, what: string): Version {
  const found = versions.findLast(({ sinceMs }) => momentMs === undefined || sinceMs <= momentMs)
  if (found) return found
  const [first] = versions
  throw new CommandError(
    'content-not-kept',
    `nothing is known of ${what} at that time; it was first reported ${first ? when(first) : 'later'}.`,
  )
}

/** Since when a version is, for people. */
export function when({ sinceMs }: Version): string {
  return sinceMs === 0 ? 'before its first change' : localTime(new Date(sinceMs).toISOString())
}

/** The hash of a version; `undefined` for no file. Throws `CommandError` where there was one and its content was not kept. */
export function keptHash(version: Version, what: string): string | undefined {
  if (!version.isThere) return undefined
  if (version.hash !== undefined) return version.hash
  throw new CommandError(
    'content-not-kept',
    [
      `the content that ${what} had since ${when(version)} was not kept.`,
      'Contents are kept from the time on that an entry of a rule with "uploadContent": true asks for the file;',
      'a file that is larger than its "maxContentsReturnable", or could not be read, is not: TidemarkVisibility tells with',
      'the reason content-not-kept.',
    ].join('\n'),
  )
}
