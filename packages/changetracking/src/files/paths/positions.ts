import type { FileEntry } from '@tidemark/model'

import { type Segment, type SegmentedPattern, SegmentReader } from './segments.ts'

const nobody: Program = { entry: undefined, excludes: undefined }

/** One pattern among all: what an entry asks for, what it leaves out, or what all leave out. */
export interface Program {
  /** Index of the entry; `undefined` for the excludes over all. */
  readonly entry: number | undefined
  /** The pattern as written, where it excludes. */
  readonly excludes: string | undefined
}

/**
 * All patterns in a row, each as a run of positions: one before each segment, and one at the end. What may come next on
 * a path is a set of positions, and a name leads from one set to another.
 */
export class Positions {
  /** By position: the segment that comes next; `undefined` at the end of a pattern. */
  readonly segments: (Segment | undefined)[] = []
  /** By position: the pattern that it is in. */
  readonly #programs: Program[] = []
  /** The first position of each program, ascending. */
  readonly starts: number[] = []
  /** Positions in the middle of a pattern that are asked for as well as its end. */
  readonly #alsoAsked = new Set<number>()

  constructor(entries: readonly FileEntry[], excludes: readonly string[]) {
    const reader = new SegmentReader()
    for (const [entry, { enabled, exclude, ...wanted }] of entries.entries()) {
      const pattern = enabled ? reader.entry(wanted) : undefined
      if (pattern === undefined) continue
      this.#add(pattern, { entry, excludes: undefined })
      for (const text of exclude) this.#add(reader.exclude(text), { entry, excludes: text })
    }
    for (const text of excludes) this.#add(reader.exclude(text), { entry: undefined, excludes: text })
  }

  #add(pattern: SegmentedPattern | undefined, program: Program): void {
    if (pattern === undefined) return
    const start = this.segments.length
    this.starts.push(start)
    for (const segment of pattern.segments) this.segments.push(segment)
    this.segments.push(undefined)
    while (this.#programs.length < this.segments.length) this.#programs.push(program)
    if (pattern.alsoAt !== undefined) this.#alsoAsked.add(start + pattern.alsoAt)
  }

  /** The pattern that a position is in. */
  program(position: number): Program {
    return this.#programs[position] ?? nobody
  }

  /** Whether who arrives here is at a path that the pattern means. */
  isAsked(position: number): boolean {
    return this.segments[position] === undefined || this.#alsoAsked.has(position)
  }

  /** Whether any name leads from here to the end of the pattern. */
  takesAllBelow(position: number): boolean {
    return this.segments[position]?.kind === 'any' && this.segments[position + 1] === undefined
  }
}

/** Where a path leads: what asks for it, and what may come next. */
export interface Arrival {
  /** Indexes of entries, ascending. */
  readonly matches: readonly number[]
  /** Positions, ascending; none where nothing below would be asked for even without the excludes over all. */
  readonly positions: readonly number[]
  /** Whether something below may be asked for. */
  readonly mayDescend: boolean
  /** The exclude over all that ends it here. */
  readonly excludedBy: string | undefined
}

/** What follows from the positions that a name led to, in any order and more than once. */
export function arrive(all: Positions, reached: readonly number[]): Arrival {
  const ascending = new Int32Array(reached).sort()
  const matches: number[] = []
  const left = new Set<number>()
  let excludedBy: string | undefined
  for (const position of ascending) {
    if (!all.isAsked(position)) continue
    const { entry, excludes } = all.program(position)
    if (entry === undefined) excludedBy ??= excludes
    else if (excludes !== undefined) left.add(entry)
    else if (matches.at(-1) !== entry) matches.push(entry)
  }
  if (excludedBy !== undefined) return { matches: [], positions: [], mayDescend: false, excludedBy }
  return {
    matches: left.size === 0 ? matches : matches.filter((entry) => !left.has(entry)),
    ...whatIsLeft(all, nextPositions(all, ascending), left),
    excludedBy,
  }
}

/**
 * What may come next, descending in each pattern so that its last `**` is met first. What can follow on an earlier
 * position can follow on that one, too, for every way to the end leads over it: earlier ones are left out. That keeps the
 * set small whatever the number of `**` in a pattern.
 */
function nextPositions(all: Positions, reached: Int32Array): number[] {
  const next: number[] = []
  let settled: Program | undefined
  let above = -1
  for (let index = reached.length - 1; index >= 0; index -= 1) {
    const position = reached[index] ?? 0
    const segment = all.segments[position]
    if (segment === undefined || position === above) continue
    if (settled !== undefined && all.program(position) === settled) continue
    // `**` may also be no folder at all; what comes behind it is never another `**`.
    if (segment.kind === 'deep') {
      settled = all.program(position)
      if (above !== position + 1) next.push(position + 1)
    }
    next.push(position)
    above = position
  }
  return next.toReversed()
}

/** Leaves out the entries that exclude this place or all below it, and the excludes that no entry is left for. */
function whatIsLeft(
  all: Positions,
  positions: readonly number[],
  left: ReadonlySet<number>,
): Pick<Arrival, 'positions' | 'mayDescend'> {
  const gone = new Set(left)
  const asking = new Set<number>()
  let excludeCount = 0
  let isAllExcluded = false
  for (const position of positions) {
    const { entry, excludes } = all.program(position)
    if (excludes !== undefined) {
      excludeCount += 1
      if (!all.takesAllBelow(position)) continue
      if (entry === undefined) isAllExcluded = true
      else gone.add(entry)
    } else if (entry !== undefined) asking.add(entry)
  }
  for (const entry of gone) asking.delete(entry)
  const mayDescend = asking.size > 0 && !isAllExcluded
  if (excludeCount === 0 && gone.size === 0) return { positions, mayDescend }
  const isLeft = (position: number): boolean => {
    const { entry } = all.program(position)
    return entry === undefined ? asking.size > 0 : asking.has(entry)
  }
  return { positions: positions.filter(isLeft), mayDescend }
}

/** The same place for some entries only. */
export function arrivalFor(all: Positions, from: Arrival, keep: (entry: number) => boolean): Arrival {
  const gone = new Set<number>()
  for (const position of from.positions) {
    const { entry } = all.program(position)
    if (entry !== undefined && !keep(entry)) gone.add(entry)
  }
  return {
    matches: from.matches.filter(keep),
    ...whatIsLeft(all, from.positions, gone),
    excludedBy: from.excludedBy,
  }
}
