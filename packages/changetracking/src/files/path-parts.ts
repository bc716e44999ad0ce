import type { PathBytes } from './file-name.ts'

/** A name in a folder. */
export function joined(folder: PathBytes, name: string): PathBytes {
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}

/** The folder of a path; "/" is its own. */
export function folderOf(path: PathBytes): PathBytes {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

/** The last name of a path, empty for "/". */
export function nameOf(path: PathBytes): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Whether a path is the folder or below it. */
export function isWithin(path: PathBytes, folder: PathBytes): boolean {
  return path === folder || folder === '/' || (path.startsWith(folder) && path[folder.length] === '/')
}

/** Whether a path is one of these, or below one. */
export function isWithinAny(path: PathBytes, folders: ReadonlySet<PathBytes>): boolean {
  if (folders.size === 0) return false
  if (folders.has(path) || folders.has('/')) return true
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    if (folders.has(path.slice(0, at))) return true
  return false
}

/** What the paths below a folder begin with. */
export function prefixOf(folder: PathBytes): PathBytes {
  return folder === '/' ? '/' : `${folder}/`
}

/** The path with one prefix, on which it must lie, replaced by another. */
export function rebased(path: PathBytes, from: PathBytes, to: PathBytes): PathBytes {
  const rest = from === '/' ? path : path.slice(from.length)
  if (rest === '' || rest === '/') return to
  return to === '/' ? rest : `${to}${rest}`
}
