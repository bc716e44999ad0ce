import type { PathBytes } from '../files/file-name.ts'

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

/** The path with one prefix, on which it must lie, replaced by another. */
export function rebased(path: PathBytes, from: PathBytes, to: PathBytes): PathBytes {
  const rest = from === '/' ? path : path.slice(from.length)
  if (rest === '' || rest === '/') return to
  return to === '/' ? rest : `${to}${rest}`
}
