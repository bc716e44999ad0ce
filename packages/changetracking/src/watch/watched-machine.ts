import type { PathBytes } from '../files/file-name.ts'

/** The machine as the watch sees it, besides the kernel's events. Nothing throws unless it says so. */
export interface WatchedMachine {
  /** Text of /proc/self/mountinfo, one character for each byte; empty where there is none. */
  mountinfo(): string
  /** An open descriptor of /proc/self/mountinfo for poll(2), which tells changes; `undefined` where there is none. */
  openMountinfo(): number | undefined
  /** An open descriptor of a folder, for `openDirectory`; `undefined` where it cannot be opened. */
  openFolder(path: PathBytes): number | undefined
  close(descriptor: number): void
  /** Path of an open descriptor; `undefined` where what it leads to was deleted. */
  pathOf(descriptor: number): PathBytes | undefined
  /** A path without symbolic links; where its end is not there, as much of it as is. */
  realPath(path: PathBytes): PathBytes
  /** Names in a folder, and whether each is a folder (not through a link); empty where it cannot be read. */
  names(folder: PathBytes): readonly { readonly name: string; readonly isFolder: boolean }[]
  /** A number in /proc/sys, `undefined` where there is none. */
  limit(name: string): number | undefined
  /** Whether this process has a capability by its number (capabilities(7)). */
  hasCapability(number: number): boolean
  readonly processId: number
  /** Lets this thread come before others, for it must read who did something before they are gone; or back among them. */
  comeFirst(isFirst: boolean): void
}
