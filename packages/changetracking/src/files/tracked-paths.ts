import { invariant } from '@tidemark/base'
import type { FileEntry } from '@tidemark/model'

import type { PathBytes } from './file-name.ts'
import { Positions } from './paths/positions.ts'
import { CachedStep, type Step, StepCache, stepLimits, type StepLimits } from './paths/step-cache.ts'

export type { Step } from './paths/step-cache.ts'

/**
 * What asks for a path, told name by name from "/" down. A step is an answer that was given before in almost every case;
 * a new one costs time in proportion to the patterns that are still possible there, whatever the patterns.
 */
export interface TrackedPaths {
  readonly entries: readonly FileEntry[]
  /** The step at "/". */
  readonly root: Step
  /** One name further; `name` is PathBytes (latin1 text of the name's bytes), neither "." nor "..". */
  step(from: Step, name: string): Step
  /**
   * The same place, for the entries for which `keep(entryIndex)` is true only: a scan goes through a symbolic link with
   * the entries that follow links.
   */
  only(from: Step, keep: (entry: number) => boolean): Step
  /** All steps of an absolute path at once. */
  at(path: PathBytes): Step
}

/**
 * Makes the matcher of all entries (disabled ones never match) and of the excludes of all rules, which have the last word.
 * A pattern that can match no path matches nothing; none makes it throw.
 */
export function trackedPaths(
  entries: readonly FileEntry[],
  excludes: readonly string[],
  limits: StepLimits = stepLimits,
): TrackedPaths {
  const cache = new StepCache(new Positions(entries, excludes), limits)
  const root = cache.root()
  const step = (from: Step, name: string): Step => cache.next(ours(from), name)
  return {
    entries,
    root,
    step,
    only: (from, keep) => cache.only(ours(from), keep),
    at: (path) => path.split('/').reduce((from: Step, name) => (name === '' ? from : step(from, name)), root),
  }
}

function ours(step: Step): CachedStep {
  invariant(step instanceof CachedStep, 'a step comes from trackedPaths alone')
  return step
}
