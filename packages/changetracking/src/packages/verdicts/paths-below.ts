import type { PathBytes } from '../../files/file-name.ts'
import { joined } from '../../files/path-parts.ts'
import type { PackageFiles } from '../owners/package-files.ts'

/** Folders inside each other that are gone into. */
export const DEPTH_MAX = 256

/** The path, and all that is below it where it is a folder; no link is followed. In the order of names. */
export function* pathsBelow(
  files: Pick<PackageFiles, 'look' | 'names'>,
  path: PathBytes,
  depth = 0,
): Generator<PathBytes> {
  yield path
  const found = files.look(path)
  if (typeof found === 'string' || found.kind !== 'folder' || depth >= DEPTH_MAX) return
  for (const name of files.names(path).toSorted()) yield* pathsBelow(files, joined(path, name), depth + 1)
}
