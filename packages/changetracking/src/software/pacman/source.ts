import type { Item } from '../../collector.ts'
import type { PackageTree } from '../../host/package-tree.ts'
import { softwareItem } from '../item.ts'
import { type Found, isKnown, itemsOf, reading, type Source, unseenSource } from '../source.ts'
import { parseDescription } from './description.ts'

const FOLDER = '/var/lib/pacman'
const LOCAL = `${FOLDER}/local`
const LOCK = `${FOLDER}/db.lck`
/** Bytes of one package's `desc` at most. */
export const DESCRIPTION_BYTES_MAX = 4 * 1024 * 1024

/**
 * Packages of pacman: a folder for each. While its lock is there, one that is missing may be on its way from one version to
 * the next: it stays as last seen.
 */
export const pacman: Source = {
  name: 'pacman',
  watched: {
    folders: [
      { path: LOCAL, names: /./ },
      { path: FOLDER, names: /^db\.lck$/ },
    ],
    lockFiles: [LOCK],
  },
  collect: async ({ tree }, known) =>
    await reading('pacman', () => {
      const isAtWork = tree.stamp(LOCK) !== undefined
      const names = tree.names(LOCAL)
      if (names === undefined) return isKnown('pacman', known) ? unseenSource('pacman', `${LOCAL} is gone`) : undefined
      const found = packagesIn(tree, names)
      if (!isAtWork) return found
      return { ...found, unsettled: new Set(itemsOf('pacman', known).map(([key]) => key)) }
    }),
}

function packagesIn(tree: PackageTree, names: readonly string[]): Found {
  const items = new Map<string, Item>()
  const problems: string[] = []
  // Beside the packages' folders stands a file with the version of this form, ALPM_DB_VERSION.
  for (const name of names.filter((each) => each !== 'ALPM_DB_VERSION')) {
    const path = `${LOCAL}/${name}/desc`
    const text = tree.read(path, DESCRIPTION_BYTES_MAX)?.toString('utf8')
    const read = parseDescription(text ?? '')
    if (read.kind === 'problem') {
      problems.push(`${path}: ${text === undefined ? 'it is missing' : read.problem}`)
      continue
    }
    const key = `pacman/${read.facts.name}`
    const item = softwareItem('pacman', read.facts)
    // An interrupted upgrade leaves both versions: the one that was installed last is there.
    const other = items.get(key)
    if (String(other?.columns.InstallDate ?? '') <= String(item.columns.InstallDate ?? '')) items.set(key, item)
  }
  const [problem] = problems
  return problem === undefined ? { items, gaps: [] } : unseenSource('pacman', problem)
}
