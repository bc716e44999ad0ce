import type { FileEntry } from '@tidemark/model'

import { pathFromText, type PathBytes } from '../files/file-name.ts'
import { parseGlob } from '../files/glob.ts'

/** The folder in front of the first wildcard of each enabled entry, or the path without any; each once. */
export function basesOf(entries: readonly FileEntry[]): PathBytes[] {
  const bases = entries.filter(({ enabled }) => enabled).map(({ destinationPath }) => baseOf(destinationPath))
  return [...new Set(bases)]
}

function baseOf(destinationPath: string): PathBytes {
  const names = destinationPath.split('/').filter((name) => name !== '' && name !== '.')
  const literals = names.map((name) => (name === '**' ? undefined : parseGlob(name).literal))
  const firstWild = literals.indexOf(undefined)
  return pathFromText(`/${literals.slice(0, firstWild < 0 ? literals.length : firstWild).join('/')}`)
}
