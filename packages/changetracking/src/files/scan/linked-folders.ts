import type { PathBytes } from '../file-name.ts'
import { realPathOf } from '../../host/real-path.ts'
import { isWithin, rebased } from '../path-parts.ts'
import { wayOf } from '../paths/way.ts'
import type { Step, TrackedPaths } from '../tracked-paths.ts'

/** Links whose targets are remembered, so that a change of the target is seen at once; more are seen on schedule. */
export const ALIASES_MAX = 10_000

/**
 * Which folders behind links a walk enters: each real folder once, and not where the walk comes to it anyway. The paths
 * come in order, so that it is always the same one of several ways that counts.
 */
export class LinkedFolders {
  readonly #paths: TrackedPaths
  /** The folder that an entry's own words lead to; links on the way there are followed whatever its policy. */
  readonly #ways: readonly PathBytes[]
  readonly #entered = new Set<string>()
  /** Folders that are walked under another path than their own. */
  readonly #roots: (readonly [real: PathBytes, tracked: PathBytes])[] = [['/', '/']]
  readonly #targets: (readonly [real: PathBytes, tracked: PathBytes])[] = []

  constructor(paths: TrackedPaths) {
    this.#paths = paths
    this.#ways = paths.entries.map(({ destinationPath }) => wayOf(destinationPath))
  }

  get aliases(): readonly (readonly [real: PathBytes, tracked: PathBytes])[] {
    return [...this.#roots.slice(1), ...this.#targets].slice(0, ALIASES_MAX)
  }

  /** Whether a path stands in front of what an entry asks for, in so many words. */
  isWayTo(entry: number, path: PathBytes): boolean {
    return isWithin(this.#ways[entry] ?? '/', path)
  }

  /** Whether a folder was entered through a link. */
  wasEntered(identity: string): boolean {
    return this.#entered.has(identity)
  }

  /** Remembers where a link to something leads. */
  target(path: PathBytes, linkTarget: string): void {
    if (this.#targets.length >= ALIASES_MAX) return
    const real = realPathOf(path)
    if (real !== undefined && real !== path && linkTarget !== '') this.#targets.push([real, path])
  }

  /** The step in a folder behind a link, or `undefined` where it is not to be entered (again). */
  enter(path: PathBytes, folder: { readonly step: Step; readonly identity: string }): Step | undefined {
    if (!folder.step.mayDescend || this.#entered.has(folder.identity)) return undefined
    const real = realPathOf(path)
    if (real === undefined) return undefined
    const inner = this.#paths.only(folder.step, (entry) => !this.#isWalkedAnyway(real, entry, path))
    if (!inner.mayDescend) return undefined
    this.#entered.add(folder.identity)
    this.#roots.push([real, path])
    return inner
  }

  #isWalkedAnyway(real: PathBytes, entry: number, path: PathBytes): boolean {
    return this.#roots.some(([from, tracked]) => {
      if (!isWithin(real, from)) return false
      const walked = rebased(real, from, tracked)
      if (walked === path) return false
      return this.#paths.only(this.#paths.at(walked), (each) => each === entry).mayDescend
    })
  }
}
