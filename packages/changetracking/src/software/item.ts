import type { Item } from '../collector.ts'

/** Where packages are kept; the words of `SoftwareSource`. */
export const softwareSources = ['dpkg', 'rpm', 'apk', 'pacman', 'snap', 'flatpak', 'pip', 'npm'] as const
/** One of `softwareSources`. */
export type SoftwareSource = (typeof softwareSources)[number]

// dpkg and rpm are `Package` as the described system has it.
const TYPES: Readonly<Record<SoftwareSource, string>> = {
  dpkg: 'Package',
  rpm: 'Package',
  apk: 'Apk',
  pacman: 'Pacman',
  snap: 'Snap',
  flatpak: 'Flatpak',
  pip: 'Pip',
  npm: 'Npm',
}

/** What a source knows of one package; empty text where it knows nothing. */
export interface PackageFacts {
  readonly name: string
  readonly description: string
  readonly publisher: string
  readonly version: string
  readonly architecture: string
  /** In the source's own words. */
  readonly status: string
  readonly sizeBytes?: number | undefined
  /** Seconds since 1970. */
  readonly installedSeconds?: number | undefined
}

/** The fingerprints of a source in the coverage of a look: one for itself, one for each folder that a rule adds to it. */
export function coverageOf(source: SoftwareSource, folders: readonly string[] = []): string[] {
  return [`software:${source}`, ...folders.map((folder) => `software:${source}:${folder}`)]
}

/** What covers a thing in a folder: the source itself, or the rule that added the folder. */
export function coverageIn(
  source: SoftwareSource,
  { folder, added }: { readonly folder: string; readonly added: readonly string[] },
): string[] {
  return [added.includes(folder) ? `software:${source}:${folder}` : `software:${source}`]
}

/** Whether what a source found is behind a fingerprint. */
export function isOfSource(source: SoftwareSource, fingerprint: string): boolean {
  return fingerprint === `software:${source}` || fingerprint.startsWith(`software:${source}:`)
}

/** A package as an item, with the columns of the tables; what covers it is the source itself unless said. */
export function softwareItem(source: SoftwareSource, facts: PackageFacts, coveredBy = coverageOf(source)): Item {
  const { sizeBytes, installedSeconds } = facts
  return {
    coveredBy,
    columns: {
      SoftwareName: facts.name,
      SoftwareDescription: facts.description,
      Publisher: facts.publisher,
      CurrentVersion: facts.version,
      Architecture: facts.architecture,
      SoftwareType: TYPES[source],
      SoftwareSource: source,
      SoftwareStatus: facts.status,
      ...(isCount(sizeBytes) ? { Size: sizeBytes } : {}),
      ...(isCount(installedSeconds) && installedSeconds > 0 && installedSeconds <= SECONDS_MAX
        ? { InstallDate: new Date(installedSeconds * 1_000).toISOString() }
        : {}),
    },
  }
}

/** The last second of the year 9999: what ISO 8601 writes without a sign. */
const SECONDS_MAX = 253_402_300_799

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0
}

/** A number as a database writes it, in digits; `undefined` for other text. */
export function countOf(digits: string | undefined): number | undefined {
  return digits !== undefined && /^\d+$/.test(digits) ? Number(digits) : undefined
}
