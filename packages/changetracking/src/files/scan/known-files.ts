import type { PathBytes } from '../file-name.ts'

/** What is known of files from earlier looks, in the order of the paths' bytes. */
export interface KnownFiles {
  /** Paths with their stamps from this one on (itself included), in order. Stays as it was when it was asked for. */
  stampsFrom(path: PathBytes): KnownCursor
  /** The value of a path in the database, JSON text. */
  record(path: PathBytes): string | undefined
  /** Whether that value has an ASCII text in it; quicker than to look at the whole. */
  hasInRecord(path: PathBytes, text: string): boolean
}

/** Stands before the first path until `next` is called; false at the end. `stamp` is of use until then, and read only. */
export interface KnownCursor {
  next(): boolean
  readonly path: PathBytes
  readonly stamp: Uint8Array
}
