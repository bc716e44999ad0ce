import { type FileEntry, fileEntryFor } from '@tidemark/model'

import type { Blind, Overflow, Touch, WatchInterests } from './touch.ts'

/** An entry of a rule, for tests: everything below a folder unless said otherwise. */
export function entryFor(destinationPath: string, more: Partial<FileEntry> = {}): FileEntry {
  return fileEntryFor(destinationPath, { type: '*', ...more })
}

/** Interests in everything below some folders. */
export function interestedIn(folders: readonly string[], more: Partial<WatchInterests> = {}): WatchInterests {
  return { entries: folders.map((folder) => entryFor(folder)), excludes: [], aliases: [], ignore: [], ...more }
}

/** Keeps what a watch tells. */
export class Told {
  readonly touches: Touch[] = []
  readonly overflows: Overflow[] = []
  readonly blind: Blind[] = []

  onTouches = (touches: readonly Touch[]): void => void this.touches.push(...touches)
  onOverflow = (overflow: Overflow): void => void this.overflows.push(overflow)
  onBlind = (blind: Blind): void => void this.blind.push(blind)

  /** All that was told of a path, as one. */
  of(path: string): Touch | undefined {
    const touches = this.touches.filter((touch) => touch.path === path)
    const [first, last] = [touches[0], touches.at(-1)]
    if (first === undefined || last === undefined) return undefined
    return {
      ...last,
      firstAtMs: first.firstAtMs,
      kinds: [...new Set(touches.flatMap(({ kinds }) => kinds))],
      actors: touches.toReversed().flatMap(({ actors }) => actors),
    }
  }

  clear(): void {
    this.touches.length = 0
    this.overflows.length = 0
  }
}
