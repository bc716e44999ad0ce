import type { PathBytes } from '../../files/file-name.ts'

/** A path that a package took from all others (dpkg-divert(1)). */
export interface Diversion {
  readonly from: PathBytes
  /** Where the others' file is found. */
  readonly to: PathBytes
  /** The package that has `from` for itself; `:` for a local diversion, which leaves it to nobody. */
  readonly by: string
}

/** Reads dpkg's `diversions`: three lines each, contested path, other path, package. What is left over at the end counts not. */
export function parseDiversions(text: string): Diversion[] {
  const lines = text.split('\n')
  const diversions: Diversion[] = []
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from = '', to = '', by = ''] = lines.slice(at, at + 3)
    if (from.startsWith('/') && to.startsWith('/') && by !== '') diversions.push({ from, to, by })
  }
  return diversions
}

/** Where a package's file is found. */
export function divertedPath(path: PathBytes, name: string, diversions: readonly Diversion[]): PathBytes {
  return diversions.find(({ from, by }) => from === path && by !== name)?.to ?? path
}

/** Under which names of packages' files a path is to be looked for, and whose files these may be. */
export function contestedNames(
  path: PathBytes,
  diversions: readonly Diversion[],
): { readonly path: PathBytes; readonly mayOwn: (name: string) => boolean }[] {
  const taken = diversions.find(({ from }) => from === path)
  const moved = diversions.filter(({ to }) => to === path)
  return [
    { path, mayOwn: (name) => taken === undefined || taken.by === name },
    ...moved.map(({ from, by }) => ({ path: from, mayOwn: (name: string) => by !== name })),
  ]
}
