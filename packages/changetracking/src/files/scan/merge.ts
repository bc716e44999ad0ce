import type { PathBytes } from '../file-name.ts'
import { prefixOf } from '../path-parts.ts'
import type { KnownCursor, KnownFiles } from './known-files.ts'
import { STAMP_BYTES } from './stamp.ts'
import type { BlindSpot, FoundPath } from './walk.ts'

/** What the comparison of a walk with what is known comes to, path by path. Buffers are used again for the next one. */
export interface MergeVisitor {
  isSame(found: FoundPath, known: Uint8Array): boolean
  /** Nothing says that it changed. */
  same(found: FoundPath, known: Uint8Array): void
  different(found: FoundPath, known: Uint8Array): void
  /** Not known so far. */
  unknown(found: FoundPath): void
  /** Known, and not found any more though it could be seen. */
  missing(path: PathBytes, known: Uint8Array): void
}

/**
 * Compares what a walk finds with what is known, both in the order of the paths' bytes, in constant memory. What cannot
 * be seen stays as it is known.
 */
export class Merge {
  readonly #visitor: MergeVisitor
  readonly #cursor: KnownCursor
  /** Where the part that is compared ends: a prefix that all its paths have, or that one path alone. */
  readonly #isInPart: (path: PathBytes) => boolean
  #isAtEnd = false
  /** Known paths with one of these prefixes cannot be seen. */
  #hiddenBelow: PathBytes[] = []

  private constructor(visitor: MergeVisitor, cursor: KnownCursor, isInPart: (path: PathBytes) => boolean) {
    this.#visitor = visitor
    this.#cursor = cursor
    this.#isInPart = isInPart
    this.#advance()
  }

  static all(visitor: MergeVisitor, known: KnownFiles): Merge {
    return new Merge(visitor, known.stampsFrom('/'), () => true)
  }

  static path(visitor: MergeVisitor, known: KnownFiles, path: PathBytes): Merge {
    return new Merge(visitor, known.stampsFrom(path), (each) => each === path)
  }

  /** What is below a folder. */
  static below(visitor: MergeVisitor, known: KnownFiles, folder: PathBytes): Merge {
    const prefix = prefixOf(folder)
    return new Merge(visitor, known.stampsFrom(prefix), (each) => each.startsWith(prefix))
  }

  /** The next path that the walk found; paths must ascend. */
  found(found: FoundPath): void {
    this.#missingUpTo(found.path)
    if (this.#isAtEnd || this.#cursor.path !== found.path) return this.#visitor.unknown(found)
    const { stamp } = this.#cursor
    if (this.#visitor.isSame(found, stamp)) this.#visitor.same(found, stamp)
    else this.#visitor.different(found, stamp)
    this.#advance()
  }

  /** What the walk could not see, at its place in the order. */
  blind({ path, what }: BlindSpot): void {
    const below = prefixOf(path)
    if (what === 'path') {
      this.#missingUpTo(path)
      if (!this.#isAtEnd && this.#cursor.path === path) this.#advance()
    } else this.#missingUpTo(below)
    this.#hiddenBelow.push(below)
  }

  /** The walk found nothing more in this part. */
  end(): void {
    this.#missingUpTo(undefined)
  }

  /** All known paths in front of this one were not found. */
  #missingUpTo(path: PathBytes | undefined): void {
    const isBefore = (known: PathBytes): boolean => path === undefined || known < path
    while (!this.#isAtEnd && isBefore(this.#cursor.path)) {
      const { path: known, stamp } = this.#cursor
      if (!this.#isHidden(known)) this.#visitor.missing(known, stamp)
      this.#advance()
    }
  }

  /** Prefixes whose paths lie behind us are forgotten: `/a-b/` may come between `/a` and what is in it. */
  #isHidden(path: PathBytes): boolean {
    if (this.#hiddenBelow.length === 0) return false
    this.#hiddenBelow = this.#hiddenBelow.filter((prefix) => prefix > path || path.startsWith(prefix))
    return this.#hiddenBelow.some((prefix) => path.startsWith(prefix))
  }

  #advance(): void {
    do {
      this.#isAtEnd = !this.#cursor.next() || !this.#isInPart(this.#cursor.path)
      // A stamp of another length was written by another version: the path counts as not known.
    } while (!this.#isAtEnd && this.#cursor.stamp.length !== STAMP_BYTES)
  }
}
