import type { FileEntry } from '@tidemark/model'

import { type PathBytes, shownPath } from '../file-name.ts'
import { type Segment, SegmentReader } from './segments.ts'

/** The segment of a pattern at which a path stops to match. */
export interface End {
  /** As written; the whole `destinationPath` where no path can ever match. */
  readonly segment: string
  /** The name that it does not match; absent where the path ends before it. */
  readonly name?: string
}

/** Where a path that an entry does not ask for parts from the entry's pattern: as late as possible. */
export function whereItEnds(entry: FileEntry, path: PathBytes): End {
  const segments = new SegmentReader().entry(entry)?.segments
  if (segments === undefined) return { segment: entry.destinationPath }
  const names = path.split('/').filter((name) => name !== '')
  const textAt = (position: number): string => segments[position]?.text ?? entry.destinationPath
  let before: readonly number[] = []
  let active = withSkipped(segments, [0])
  for (const name of names) {
    const next = active.flatMap((position) => following(segments, position, name))
    if (next.length === 0) return { segment: textAt(Math.max(...active)), name: shownPath(name) }
    before = active
    active = withSkipped(segments, next)
  }
  const last = names.at(-1)
  // The last segment may come next again and again below `**`: then it is the last name that it does not match.
  if (last !== undefined && before.includes(segments.length - 1) && active.includes(segments.length - 1))
    return { segment: textAt(segments.length - 1), name: shownPath(last) }
  return { segment: textAt(Math.max(...active)) }
}

function following(segments: readonly Segment[], position: number, name: string): number[] {
  const segment = segments[position]
  switch (segment?.kind) {
    case 'deep':
      return [position]
    case 'any':
      return [position + 1]
    case 'glob':
      return segment.glob.matches(shownPath(name)) ? [position + 1] : []
    case 'literal':
      return segment.names.includes(name) ? [position + 1] : []
    default:
      return []
  }
}

/** With what comes behind each `**`, for that may be no folder at all. */
function withSkipped(segments: readonly Segment[], positions: readonly number[]): number[] {
  const all = new Set<number>()
  for (const position of positions) {
    all.add(position)
    if (segments[position]?.kind === 'deep') all.add(position + 1)
  }
  return [...all]
}
