import { type ExtensionSettings, type FileEntry, fileEntryFor } from '@tidemark/model'

import { type PathBytes, shownPath } from './file-name.ts'
import { isWithin } from './path-parts.ts'
import { wayOf } from './paths/way.ts'
import { whereItEnds } from './paths/where-it-ends.ts'
import { trackedPaths } from './tracked-paths.ts'

/** A rule in force; several are given in the order of their ids. */
export interface ExplainedRule {
  readonly name: string
  readonly settings: ExtensionSettings
}

/** What a path can be, as lstat(2) tells it. */
export type PathKind = 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'block device' | 'character device'

/** What is on disk at a path. */
export interface PathFacts {
  readonly kind: PathKind
  /** What a symbolic link leads to; absent where it leads nowhere. */
  readonly linkTargetKind?: PathKind
  /** The first folder on the way that is a symbolic link. */
  readonly throughLink?: PathBytes
}

/** What one entry says of a path, and why. */
export type EntryVerdict =
  /** `ifType`: nothing is there yet, and the entry wants only this. */
  | { readonly kind: 'tracks'; readonly ifType?: 'File' | 'Directory' }
  /** The rule tracks no files at all (`enableFiles`). */
  | { readonly kind: 'files-off' }
  | { readonly kind: 'disabled' }
  /** `segment` is the first that does not match: not this `name`, or nothing, for the path is too short. */
  | { readonly kind: 'no-match'; readonly segment: string; readonly name?: string }
  /** It would match with `recurse`. */
  | { readonly kind: 'not-recursive' }
  /** `at` is what the pattern matches: the path or a folder above it. `rule` is absent for the entry's own excludes. */
  | { readonly kind: 'excluded'; readonly pattern: string; readonly at: string; readonly rule?: string }
  | { readonly kind: 'wrong-type'; readonly wanted: 'File' | 'Directory'; readonly found: PathKind }
  /** A symbolic link at the path itself or on the way, that the entry's `links` leaves out. */
  | { readonly kind: 'link-left-out'; readonly link: string; readonly links: FileEntry['links'] }

/** One entry of one rule, with its verdict. */
export interface ExplainedEntry {
  readonly rule: string
  readonly entry: FileEntry
  readonly verdict: EntryVerdict
}

/** Whether a path is tracked, how, and why. */
export interface Explanation {
  /** As it is shown to people. */
  readonly path: string
  readonly isTracked: boolean
  /** The first entry that tracks it, which says how it is looked at. */
  readonly governing?: ExplainedEntry
  /** Whether any entry that tracks it wants its content kept. */
  readonly uploadContent: boolean
  /** How often files are looked at, in seconds; absent where no rule tracks files. */
  readonly frequencySeconds?: number
  /** All entries of all rules, in their order. */
  readonly entries: readonly ExplainedEntry[]
}

/**
 * Tells which entries track a path and why the others do not. Without `facts` the path is taken for one that does not
 * exist yet: type and links are not judged then.
 */
export function explainPath(rules: readonly ExplainedRule[], path: PathBytes, facts?: PathFacts): Explanation {
  const tracking = rules.filter(({ settings }) => settings.enableFiles)
  const excluded = firstOf(tracking, ({ name, settings }) => {
    const found = excludedAt(settings.fileExcludes, path)
    return found && { ...found, rule: name }
  })
  const entries = rules.flatMap(({ name, settings }) =>
    settings.files.map((entry): ExplainedEntry => {
      const verdict: EntryVerdict = settings.enableFiles
        ? (mismatch(entry, path) ?? excluded ?? (facts ? judged(entry, path, facts) : unseen(entry)))
        : { kind: 'files-off' }
      return { rule: name, entry, verdict }
    }),
  )
  const covering = entries.filter(({ verdict }) => verdict.kind === 'tracks')
  const seconds = tracking.map(({ settings }) => settings.fileFrequencySeconds)
  return {
    path: shownPath(path),
    isTracked: covering.length > 0,
    ...(covering[0] ? { governing: covering[0] } : {}),
    uploadContent: covering.some(({ entry }) => entry.uploadContent),
    ...(seconds.length > 0 ? { frequencySeconds: Math.min(...seconds) } : {}),
    entries,
  }
}

/** Why the entry by itself does not ask for the path, `undefined` where it does. */
function mismatch(entry: FileEntry, path: PathBytes): EntryVerdict | undefined {
  if (!entry.enabled) return { kind: 'disabled' }
  const asks = (more: Partial<FileEntry>): boolean =>
    trackedPaths([{ ...entry, exclude: [], ...more }], []).at(path).matches.length > 0
  if (asks({})) return excludedAt(entry.exclude, path)
  if (!entry.recurse && asks({ recurse: true })) return { kind: 'not-recursive' }
  return { kind: 'no-match', ...whereItEnds(entry, path) }
}

const everything = fileEntryFor('/', { type: '*' })

function excludedAt(patterns: readonly string[], path: PathBytes): (EntryVerdict & { kind: 'excluded' }) | undefined {
  if (patterns.length === 0) return undefined
  const all = trackedPaths([everything], patterns)
  let at = ''
  let step = all.root
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (step.excludedBy !== undefined) break
    at += `/${name}`
    step = all.step(step, name)
  }
  if (step.excludedBy === undefined) return undefined
  return { kind: 'excluded', pattern: step.excludedBy, at: shownPath(at === '' ? '/' : at) }
}

function judged(entry: FileEntry, path: PathBytes, facts: PathFacts): EntryVerdict {
  const { links, type } = entry
  // Folders that the entry itself names are entered whatever they are, as /lib is that leads to usr/lib.
  if (
    facts.throughLink !== undefined &&
    links !== 'Follow' &&
    !isWithin(wayOf(entry.destinationPath), facts.throughLink)
  )
    return { kind: 'link-left-out', link: shownPath(facts.throughLink), links }
  if (facts.kind === 'link' && links === 'Ignore') return { kind: 'link-left-out', link: shownPath(path), links }
  const found = links === 'Follow' ? (facts.linkTargetKind ?? facts.kind) : facts.kind
  if (type === '*' || (type === 'Directory') === (found === 'directory')) return { kind: 'tracks' }
  return { kind: 'wrong-type', wanted: type, found }
}

function unseen({ type }: FileEntry): EntryVerdict {
  return type === '*' ? { kind: 'tracks' } : { kind: 'tracks', ifType: type }
}

function firstOf<T, R>(values: readonly T[], find: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const found = find(value)
    if (found !== undefined) return found
  }
  return undefined
}
