import { type PathBytes, pathFromText } from '../file-name.ts'
import { parseGlob } from '../glob.ts'

/** The folders in front of the first wildcard; of a path without any, those in front of its last name. */
export function wayOf(destinationPath: string): PathBytes {
  const names = destinationPath.split('/').filter((name) => name !== '' && name !== '.')
  const literals = names.map((name) => (name === '**' ? undefined : parseGlob(name).literal))
  const firstWild = literals.indexOf(undefined)
  const way = literals.slice(0, firstWild < 0 ? -1 : firstWild)
  return pathFromText(`/${way.join('/')}`)
}
