import type { FileEntry } from '@tidemark/model'

import { type Glob, parseGlob } from './glob.ts'

/** A step of a pattern: one name, or any number of folders. */
type Segment = { readonly kind: 'name'; readonly glob: Glob } | { readonly kind: 'deep' }

/** What one entry of a rule asks for, ready to walk with. */
export interface PathPattern {
  /** Where to begin: the folders in front of the first wildcard, joined; `/` at least. */
  readonly base: string
  /** The state in `base`. */
  readonly start: Walk
  /** The state for a name in a folder. */
  step(from: Walk, name: string): Walk
  /**
   * The path itself, where it has no wildcard: whether it is a file or a folder is seen when it is looked at; a folder is
   * walked from `everything`.
   */
  readonly literal: { readonly path: string; readonly everything: Walk } | undefined
}

/** Where a walk stands: which segments may come next. Numbers of segments, ascending. */
export interface Walk {
  readonly next: readonly number[]
  /** Whether the path up to here is asked for. */
  readonly isMatch: boolean
  /** Whether something below may be. */
  readonly mayDescend: boolean
}

const nowhere: Walk = { next: [], isMatch: false, mayDescend: false }

/**
 * Reads `destinationPath` with `recurse` and `pathType`:
 *
 *     /etc/*.conf   recurse           /etc/ ** / *.conf      the wildcard is applied to names below, too
 *     /etc/*.conf   not recurse       /etc/*.conf
 *     /srv/*        Folder, recurse   /srv/ * / ** / *       everything in the folders that match
 *     /srv/www      a folder          /srv/www/ ** / *       or /srv/www/ * without recurse
 *     /a/ ** /b/*.c                   as it is written; wildcards may stand in any segment
 */
export function pathPattern(entry: Pick<FileEntry, 'destinationPath' | 'recurse' | 'pathType'>): PathPattern {
  const written = entry.destinationPath.split('/').filter((text) => text !== '' && text !== '.')
  const segments = written.map((text): Segment =>
    text === '**' ? { kind: 'deep' } : { kind: 'name', glob: parseGlob(text) },
  )
  const firstWild = segments.findIndex((segment) => segment.kind === 'deep' || segment.glob.literal === undefined)
  const prefix = firstWild < 0 ? segments : segments.slice(0, firstWild)
  const base = `/${prefix.map((segment) => (segment.kind === 'name' ? segment.glob.literal : '')).join('/')}`
  const rest = firstWild < 0 ? [] : withRecursion(segments.slice(firstWild), entry)
  const all = firstWild < 0 ? contents(entry.recurse) : rest
  const everything = walkFrom(all, [0])
  return {
    base,
    start: firstWild < 0 ? nowhere : everything,
    literal: firstWild < 0 ? { path: base, everything } : undefined,
    step: (from, name) => stepTo(all, from, name),
  }
}

const anyName: Segment = { kind: 'name', glob: parseGlob('*') }

function contents(isRecursive: boolean): Segment[] {
  return isRecursive ? [{ kind: 'deep' }, anyName] : [anyName]
}

function withRecursion(segments: readonly Segment[], entry: Pick<FileEntry, 'recurse' | 'pathType'>): Segment[] {
  if (entry.pathType === 'Folder') return [...segments, ...contents(entry.recurse)]
  const last = segments.at(-1)
  if (!entry.recurse || last?.kind !== 'name' || segments.at(-2)?.kind === 'deep')
    return last?.kind === 'deep' ? [...segments, anyName] : [...segments]
  return [...segments.slice(0, -1), { kind: 'deep' }, last]
}

/** The walk in which these segments may come next; any number of folders may also be none. */
function walkFrom(segments: readonly Segment[], reached: readonly number[]): Walk {
  const next = new Set<number>()
  let isMatch = false
  for (const start of reached) {
    let at = start
    while (segments[at]?.kind === 'deep') {
      next.add(at)
      at += 1
    }
    if (at === segments.length) isMatch = true
    else next.add(at)
  }
  const ascending = [...next].sort((one, other) => one - other)
  return { next: ascending, isMatch, mayDescend: ascending.length > 0 }
}

function stepTo(segments: readonly Segment[], from: Walk, name: string): Walk {
  const reached = from.next.filter((at) => {
    const segment = segments[at]
    return segment?.kind === 'deep' || segment?.glob.matches(name) === true
  })
  if (reached.length === 0) return nowhere
  return walkFrom(
    segments,
    reached.map((at) => (segments[at]?.kind === 'deep' ? at : at + 1)),
  )
}
