import type { PathBytes } from '../../files/file-name.ts'
import type { PackageFiles } from './package-files.ts'

// Folders that moved, with links in their old places: packages may still name the old ones (Debian's UsrMerge, FHS 3.0).
const MOVED = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/libo32', '/var/run', '/var/lock', '/var/mail']

/** One folder that is a link, and where its files are. */
export interface MergedFolder {
  /** `/bin/`. */
  readonly from: PathBytes
  /** `/usr/bin/`. */
  readonly to: PathBytes
}

/** The folders of this machine that are links to others. */
export function mergedFolders(files: Pick<PackageFiles, 'link'>): MergedFolder[] {
  return MOVED.flatMap((from) => {
    const target = files.link(from)
    if (target === undefined) return []
    const to = target.startsWith('/') ? target : `${from.slice(0, from.lastIndexOf('/') + 1)}${target}`
    // A way with dots in it is one that nobody makes.
    return to.includes('/../') || to === from ? [] : [{ from: `${from}/`, to: `${to.replace(/\/+$/, '')}/` }]
  })
}

/** The path where the file is found. */
export function foundPath(path: PathBytes, merged: readonly MergedFolder[]): PathBytes {
  for (const { from, to } of merged) if (path.startsWith(from)) return to + path.slice(from.length)
  return path
}

/** Every way in which a package may name a file that is found here. */
export function namesOfPath(path: PathBytes, merged: readonly MergedFolder[]): PathBytes[] {
  const found = foundPath(path, merged)
  return [found, ...merged.flatMap(({ from, to }) => (found.startsWith(to) ? [from + found.slice(to.length)] : []))]
}
