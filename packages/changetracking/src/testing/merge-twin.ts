import type { KnownFiles } from '../files/scan/known-files.ts'
import { Merge } from '../files/scan/merge.ts'
import { STAMP_BYTES } from '../files/scan/stamp.ts'

/** What a walk comes to at a path. */
export type Found =
  | { readonly path: string; readonly what: 'found'; readonly isSame: boolean }
  | { readonly path: string; readonly what: 'path' | 'contents' }

/** What a merge of these tells, each as `word path`, sorted. */
export function mergeOf(known: readonly string[], events: readonly Found[]): string[] {
  const told: string[] = []
  const same = new Map(events.map((each) => [each.path, each.what === 'found' && each.isSame]))
  const merge = Merge.all(
    {
      isSame: ({ path }) => same.get(path) === true,
      same: ({ path }) => told.push(`same ${path}`),
      different: ({ path }) => told.push(`different ${path}`),
      unknown: ({ path }) => told.push(`unknown ${path}`),
      missing: (path) => told.push(`missing ${path}`),
    },
    knownFiles(known),
  )
  // What is in a folder that cannot be seen comes where its first name would.
  const place = ({ path, what }: Found): string => (what === 'contents' ? `${path}/` : path)
  for (const each of visible(events).sort((one, other) => (place(one) < place(other) ? -1 : 1)))
    if (each.what === 'found') merge.found(foundAt(each.path))
    else merge.blind({ path: each.path, what: each.what, why: 'EACCES' })
  merge.end()
  return told.sort()
}

/** The same, path by path. */
export function naiveMerge(known: readonly string[], events: readonly Found[]): string[] {
  const seen = visible(events)
  const found = seen.flatMap((each) => (each.what === 'found' ? [each] : []))
  const blind = seen.filter(({ what }) => what !== 'found')
  const isHidden = (path: string): boolean =>
    blind.some((spot) => path.startsWith(`${spot.path}/`) || (spot.what === 'path' && spot.path === path))
  return [
    ...found.map(({ path, isSame }) => `${known.includes(path) ? (isSame ? 'same' : 'different') : 'unknown'} ${path}`),
    ...known
      .filter((path) => !isHidden(path) && !found.some((each) => each.path === path))
      .map((path) => `missing ${path}`),
  ].sort()
}

/** A walk finds nothing in what it cannot see. */
function visible(events: readonly Found[]): Found[] {
  const blind = events.filter(({ what }) => what !== 'found')
  return events.filter(({ path }) => !blind.some((spot) => path.startsWith(`${spot.path}/`)))
}

function foundAt(path: string) {
  return { path, kind: 'file', stamp: Buffer.alloc(STAMP_BYTES), isFollowed: false, matches: [0] } as const
}

function knownFiles(paths: readonly string[]): KnownFiles {
  return {
    record: () => undefined,
    hasInRecord: () => false,
    stampsFrom: (from) => {
      const sorted = paths.toSorted().filter((path) => path >= from)
      let at = -1
      return {
        next: () => (at += 1) < sorted.length,
        get path() {
          return sorted[at] ?? ''
        },
        stamp: Buffer.alloc(STAMP_BYTES),
      }
    },
  }
}
