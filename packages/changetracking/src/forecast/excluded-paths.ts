import type { TrackedPaths } from '../files/tracked-paths.ts'

/** How many paths one pattern keeps out; a folder counts once, with all that is in it. */
export interface ExcludedPaths {
  readonly pattern: string
  /** The entry whose `exclude` it is; absent for those of the whole rule. */
  readonly entry?: string
  readonly paths: number
}

/**
 * The same paths, with every one counted that a walk comes to and an exclude over all keeps out. Where only certain names
 * can lead on, the walk does not see whether the excluded ones are there; they are not counted.
 */
export function countingExcluded(paths: TrackedPaths, counts: Map<string, number>): TrackedPaths {
  return {
    ...paths,
    step: (from, name) => {
      const next = paths.step(from, name)
      const { excludedBy } = next
      // It never goes on from there, so that what is below is not counted.
      if (excludedBy !== undefined && from.names === undefined)
        counts.set(excludedBy, (counts.get(excludedBy) ?? 0) + 1)
      return next
    },
  }
}
