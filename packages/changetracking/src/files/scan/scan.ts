import type { FileEntry } from '@tidemark/model'

import type { Gap } from '../../collector.ts'
import type { PathBytes } from '../file-name.ts'
import { isWithinAny } from '../path-parts.ts'
import { trackedPaths } from '../tracked-paths.ts'
import { Comparison } from './comparison.ts'
import { ScanCounts } from './counts.ts'
import { EarlierRules } from './earlier-rules.ts'
import { type Findings, FindingsCollector, type FindingsLimits } from './findings.ts'
import { Gaps, unreadable } from './gaps.ts'
import type { KnownFiles } from './known-files.ts'
import { Merge } from './merge.ts'
import type { OwnerNames } from './owner-names.ts'
import type { Readers } from './readers.ts'
import { ReadingQueue } from './reading-queue.ts'
import { type FoundPath, type SeenPath, Walk } from './walk.ts'

/** What is tracked: the entries of all rules in their order, and the excludes of all rules. */
export interface TrackedSet {
  readonly entries: readonly FileEntry[]
  readonly excludes: readonly string[]
}

/** A path to look at; `isDeep` with all that is below it. */
export interface TouchedPath {
  readonly path: PathBytes
  readonly isDeep: boolean
}

/** Which contents are read again though nothing says that they changed: none, all, or one part of `parts`. */
export type ReadAgain = 'none' | 'all' | { readonly part: number; readonly parts: number }

/** What to look at, and what earlier looks left behind. */
export interface ScanJob {
  readonly tracked: TrackedSet
  /** What the last whole scan tracked; absent before the first one. What is new since then is a baseline, not `Added`. */
  readonly before: TrackedSet | undefined
  /** What scans tracked that began since then and did not end: what is new since any of them is a baseline, too. */
  readonly begunBefore?: readonly TrackedSet[]
  /** Paths that could not be seen then, each with all below it: what turns up there is a baseline, too. */
  readonly hiddenBefore: readonly PathBytes[]
  /** Absent: everything. */
  readonly touched?: readonly TouchedPath[]
  readonly readAgain: ReadAgain
  /** The hash of the owners' names at the last whole scan. */
  readonly ownersHash: string | undefined
}

/** What a scan works with. */
export interface ScanSurroundings {
  readonly known: KnownFiles
  readonly readers: Readers
  readonly owners: OwnerNames
  /** Keeps a part of the findings for good before it returns. */
  readonly keep: (findings: Findings) => void
  /** Of the parts; the usual ones where nothing is said. */
  readonly limits?: FindingsLimits
}

/** What a scan came to, beside its findings. */
export interface ScanResult {
  readonly gaps: readonly Gap[]
  readonly changeCount: number
  /** Paths that are tracked from now on, without being told as new. */
  readonly baselineCount: number
  readonly counts: ScanCounts
  /** Real paths that were reached through links, with the paths under which they are tracked. Of a whole scan only. */
  readonly aliases: readonly (readonly [real: PathBytes, tracked: PathBytes])[]
}

/**
 * Looks at files and compares them with what is known: one walk over everything that is asked for, in the order of the
 * paths' bytes, beside the state in the same order, in constant memory. Synchronous, with a pause now and then that gives
 * what has been seen so far. Throws what `keep` and `known` throw; what was kept until then stays right, also where the
 * scan is ended in a pause, and the next one finds the rest.
 */
export function* scan(job: ScanJob, surroundings: ScanSurroundings): Generator<ScanCounts, ScanResult> {
  const paths = trackedPaths(job.tracked.entries, job.tracked.excludes)
  const { known, readers, owners, keep } = surroundings
  const gaps = new Gaps()
  const counts = new ScanCounts(job.tracked.entries.length)
  const findings = new FindingsCollector(keep, surroundings.limits)
  const comparison = new Comparison({
    paths,
    known,
    owners,
    areOwnersRenamed: job.ownersHash !== undefined && job.ownersHash !== owners.hash,
    ...rulesBefore(job),
    isReadAgain: partChoice(job.readAgain),
    findings,
    counts,
    onGap: (gap) => gaps.add(gap),
  })
  const queue = new ReadingQueue(readers, (waiting, answer) => comparison.settle(waiting, answer))
  comparison.queue = queue
  let merge: Merge | undefined
  const closed = new Set<PathBytes>()
  const walk = new Walk(
    paths,
    {
      found: (found) => merge?.found(found),
      blind: (spot) => {
        gaps.add(unreadable(spot))
        merge?.blind(spot)
      },
      closed: (path) => {
        closed.add(path)
        merge?.blind({ path, what: 'contents', why: '' })
      },
    },
    job.touched === undefined,
  )
  for (const [next, steps] of partsOf(job, { walk, comparison, known, closed })) {
    merge = next
    for (const _ of steps()) yield counts
    next.end()
  }
  queue.end()
  findings.end()
  return {
    gaps: gaps.all,
    changeCount: findings.changeCount,
    baselineCount: comparison.baselineCount,
    counts,
    aliases: job.touched === undefined ? walk.aliases : [],
  }
}

/** The parts of a look in turn: what is compared of what is known, and the steps of the walk beside it. */
function* partsOf(
  { touched }: ScanJob,
  look: {
    readonly walk: Walk
    readonly comparison: Comparison
    readonly known: KnownFiles
    /** Links that were not gone through so far. */
    readonly closed: ReadonlySet<PathBytes>
  },
): Generator<readonly [Merge, steps: () => Iterable<void>], void> {
  const { walk, comparison, known, closed } = look
  if (touched === undefined) return yield [Merge.all(comparison, known), () => walk.all()]
  // What was looked at with all below it, unless it is behind a link that was not gone through.
  const done = new Set<PathBytes>()
  for (const { path, isDeep } of inOrder(touched)) {
    if (isWithinAny(path, done) && !isWithinAny(path.slice(0, path.lastIndexOf('/')), closed)) continue
    const seen: SeenPath[] = []
    yield [Merge.path(comparison, known, path), () => (seen.push(walk.one(path)), [])]
    const [one] = seen
    if (one === undefined || one.what === 'blind' || (one.what === 'folder' && !isDeep)) continue
    done.add(path)
    yield [Merge.below(comparison, known, path), () => walk.inside(one)]
  }
}

interface Before {
  /** What governed a path at the last whole scan, where it was asked for then and could be seen. */
  readonly governedBefore: (found: FoundPath) => FileEntry | undefined
  /** Whether a path that is not found now is still there for the rules of then: nobody asks for it any more. */
  readonly isLeft: (path: PathBytes) => boolean
}

function rulesBefore({ before, begunBefore = [], tracked, hiddenBefore }: ScanJob): Before {
  if (before === undefined) return { governedBefore: () => undefined, isLeft: () => false }
  const hidden = new Set(hiddenBefore)
  const isHidden = (path: PathBytes): boolean => isWithinAny(path, hidden)
  const now = JSON.stringify(tracked)
  const others = [before, ...begunBefore].filter((set) => JSON.stringify(set) !== now)
  const earlier = others.map(({ entries, excludes }) => new EarlierRules(trackedPaths(entries, excludes)))
  const [first] = earlier
  if (first === undefined)
    return {
      governedBefore: ({ path, matches }) => (isHidden(path) ? undefined : tracked.entries[matches[0] ?? 0]),
      isLeft: () => false,
    }
  return {
    governedBefore: (found) => {
      if (isHidden(found.path)) return undefined
      const governing = earlier.map((rules) => rules.governing(found.path, found))
      return governing.includes(undefined) ? undefined : governing[0]
    },
    isLeft: (path) => earlier.some((rules) => rules.governing(path) !== undefined),
  }
}

/** Each path belongs to one part, by a hash of it (FNV-1a), so that all parts together are everything. */
function partChoice(readAgain: ReadAgain): (path: PathBytes) => boolean {
  if (readAgain === 'none') return () => false
  if (readAgain === 'all') return () => true
  const { part, parts } = readAgain
  return (path) => {
    let hash = 0x811c9dc5
    for (let at = 0; at < path.length; at += 1) hash = Math.imul(hash ^ path.charCodeAt(at), 0x01000193)
    return (hash >>> 0) % parts === part
  }
}

/** In order, each once. */
function inOrder(touched: readonly TouchedPath[]): TouchedPath[] {
  const deep = new Map<PathBytes, boolean>()
  for (const { path, isDeep } of touched) deep.set(path, isDeep || deep.get(path) === true)
  return [...deep].map(([path, isDeep]) => ({ path, isDeep })).sort((one, other) => (one.path < other.path ? -1 : 1))
}
