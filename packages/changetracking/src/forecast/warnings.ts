import { fileSystemKind } from './mounts.ts'
import { pathsOf, type Tally } from './tally.ts'

/** Something that whoever applies the rule should know before. */
export interface ForecastWarning {
  readonly code:
    | 'files-off'
    | 'matches-nothing'
    | 'many-files'
    | 'kernel-file-system'
    | 'network-file-system'
    | 'content-kept'
    | 'cannot-be-read'
  /** The entry that it is about, by its name. */
  readonly entry?: string
  readonly message: string
}

/** More files than this are worth a thought. */
export const FILES_WITHOUT_WARNING_MAX = 1_000_000

/** What is known of an entry when the walk is done. */
export interface WalkedEntry {
  readonly name: string
  readonly destinationPath: string
  readonly enabled: boolean
  readonly tally: Tally
  /** Types of the file systems that its paths are on, where they are known. */
  readonly fileSystems: ReadonlySet<string>
}

/** The warnings of one entry. */
export function entryWarnings({ name, destinationPath, enabled, tally, fileSystems }: WalkedEntry): ForecastWarning[] {
  if (!enabled) return []
  const warnings: ForecastWarning[] = []
  if (pathsOf(tally) === 0)
    warnings.push({ code: 'matches-nothing', entry: name, message: `nothing here matches ${destinationPath}` })
  for (const type of [...fileSystems].toSorted()) {
    const kind = fileSystemKind(type)
    if (kind === 'kernel')
      warnings.push({
        code: 'kernel-file-system',
        entry: name,
        message: `some of its paths are on ${type}, which the kernel makes up: each look finds them changed`,
      })
    if (kind === 'network')
      warnings.push({
        code: 'network-file-system',
        entry: name,
        message: `some of its paths are on ${type}: each look asks another machine, and what changes there is not seen at once`,
      })
  }
  return warnings
}

/** The warnings of all entries together. `blindPaths` could not be looked at; `isRoot` tells whether root looked. */
export function overallWarnings(
  tally: Tally,
  { blindPaths, isRoot }: { readonly blindPaths: number; readonly isRoot: boolean },
): ForecastWarning[] {
  const warnings: ForecastWarning[] = []
  if (tally.files > FILES_WITHOUT_WARNING_MAX)
    warnings.push({ code: 'many-files', message: `${tally.files} files are more than ${FILES_WITHOUT_WARNING_MAX}` })
  if (tally.kept.files > 0)
    warnings.push({
      code: 'content-kept',
      message: `the contents of ${files(tally.kept.files)} would be kept: ${amount(tally.kept.bytes)} before compression`,
    })
  if (blindPaths > 0)
    warnings.push({
      code: 'cannot-be-read',
      message: `${blindPaths === 1 ? '1 path' : `${blindPaths} paths`} cannot be looked at${isRoot ? '' : '; change tracking that runs as root sees more'}`,
    })
  return warnings
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}

function amount(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`
}
