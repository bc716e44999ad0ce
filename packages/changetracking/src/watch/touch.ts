import type { FileEntry } from '@tidemark/model'

import type { PathBytes } from '../files/file-name.ts'
import type { Actor } from '../who/actor.ts'

/** What happened to a path. A rename is `moved-from` at one and `moved-to` at the other. */
export type TouchKind = 'created' | 'deleted' | 'moved-from' | 'moved-to' | 'content' | 'attributes'

/** A path that something happened to: look at it, and at what is below it where it is a folder. */
export interface Touch {
  readonly path: PathBytes
  /** As the kernel said; a path that is gone may have been both. */
  readonly isFolder: boolean
  /** Each once, in the order in which they came first. */
  readonly kinds: readonly TouchKind[]
  /** When the first and the last event were read, in milliseconds since 1970. */
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Newest first, each process once, at most `ACTORS_MAX`. */
  readonly actors: readonly Actor[]
}

/** Events were lost, or could not be had, between two moments: look at everything below the roots. */
export interface Overflow {
  /** Milliseconds since 1970. */
  readonly fromMs: number
  readonly toMs: number
  readonly roots: readonly PathBytes[]
  /** One sentence on why. */
  readonly reason: string
}

/** Something below which changes are not seen at once. The schedule still sees them. */
export interface Blind {
  readonly root: PathBytes
  /** One sentence: what, why, what now. */
  readonly reason: string
}

/** A folder or file that is reached through a followed symbolic link. */
export interface Alias {
  /** Where it really is. */
  readonly real: PathBytes
  /** The path that is tracked. */
  readonly tracked: PathBytes
}

/** What is to be watched; plain data, for it goes to another thread. */
export interface WatchInterests {
  /** Entries of all rules in force (enabled ones). */
  readonly entries: readonly FileEntry[]
  /** Patterns that exclude whatever the entries say. */
  readonly excludes: readonly string[]
  readonly aliases: readonly Alias[]
  /** Own files and folders (database, logs, sink): they and what is below them are never told. */
  readonly ignore: readonly PathBytes[]
}

/** What the watch did so far. */
export interface WatchCounts {
  /** Events that were read. */
  readonly events: number
  /** Events that belong to a tracked path. */
  readonly kept: number
  /** Events that were left out because too many paths waited; an `Overflow` covers them. */
  readonly dropped: number
  /** Overflows that were told. */
  readonly overflows: number
  /** Events whose folder was gone when they were read; the event of that folder's removal covers them. */
  readonly gone: number
  /** Programs whose start was seen. */
  readonly execs: number
}

/** How changes are seen. */
export type WatchMethod = 'fanotify' | 'inotify' | 'none'
