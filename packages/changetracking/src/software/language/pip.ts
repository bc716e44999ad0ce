import type { Item } from '../../collector.ts'
import type { PackageTree } from '../../host/package-tree.ts'
import { coverageIn, type PackageFacts, softwareItem } from '../item.ts'
import { type Found, reading, type Source, unseenSource } from '../source.ts'

/** Where pip puts packages for everybody, without the version of Python in the names (`python3*`). */
const LIBRARIES = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'] as const
const SITES = ['site-packages', 'dist-packages'] as const
/** Bytes of the metadata of one package at most. */
export const METADATA_BYTES_MAX = 4 * 1024 * 1024
/** Who installed a package that a package manager knows: its row is there already. */
const DISTRIBUTIONS = new Set(['rpm', 'dpkg', 'debian', 'apk', 'pacman'])

/** Python packages that pip (or uv, pipx's pip…) put where all of this machine's programs find them, and those in `folders`. */
export function pip(folders: readonly string[]): Source {
  return {
    name: 'pip',
    folders,
    watched: { folders: [...folders, ...guessedSites].map((path) => ({ path, names: /\.(?:dist|egg)-info$/ })) },
    collect: async ({ tree }) =>
      await reading(
        'pip',
        () => {
          const sites = sitesIn(tree)
          const added = folders.filter((folder) => !sites.includes(folder))
          const found = [...sites, ...added].flatMap((site) => packagesIn(tree, site))
          const problem = found.find((each) => typeof each === 'string')
          return problem === undefined ? itemsOf(found, added) : unseenSource('pip', problem, folders)
        },
        folders,
      ),
  }
}

const guessedSites = LIBRARIES.flatMap((library) => SITES.map((site) => `${library}/python3/${site}`))

function sitesIn(tree: PackageTree): string[] {
  return LIBRARIES.flatMap((library) =>
    (tree.names(library) ?? [])
      .filter((name) => /^python3(?:\.\d+)?$/.test(name))
      .flatMap((name) => SITES.map((site) => `${library}/${name}/${site}`)),
  ).filter((site) => tree.names(site) !== undefined)
}

interface PipPackage {
  readonly site: string
  readonly facts: PackageFacts
}

/** Packages, and (as text) what is wrong with one. */
function packagesIn(tree: PackageTree, site: string): (PipPackage | string)[] {
  return (tree.names(site) ?? []).flatMap((name): (PipPackage | string)[] => {
    const file = metadataFile(tree, { site, name })
    if (file === undefined) return []
    const text = tree.read(file, METADATA_BYTES_MAX)?.toString('utf8')
    // Removed while it was looked at, or a folder that an uninstallation left.
    if (text === undefined) return []
    const facts = parseMetadata(text)
    return [facts === undefined ? `${file} has no Name or no Version` : { site, facts }]
  })
}

/** The metadata of a package that no package manager installed (packaging.python.org, "Recording installed projects"). */
function metadataFile(
  tree: PackageTree,
  { site, name }: { readonly site: string; readonly name: string },
): string | undefined {
  if (name.endsWith('.dist-info')) {
    const installer = tree.read(`${site}/${name}/INSTALLER`, METADATA_BYTES_MAX)?.toString('utf8').trim()
    return installer === undefined || DISTRIBUTIONS.has(installer) ? undefined : `${site}/${name}/METADATA`
  }
  // What old pips installed: only theirs have the list of files.
  const isOld = name.endsWith('.egg-info') && tree.stamp(`${site}/${name}/installed-files.txt`) !== undefined
  return isOld ? `${site}/${name}/PKG-INFO` : undefined
}

/** Reads core metadata (packaging.python.org): headers as in mail, up to an empty line. `undefined` without name and version. */
export function parseMetadata(text: string): PackageFacts | undefined {
  const fields = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    if (line === '') break
    const [, name, value] = /^([A-Za-z0-9-]+):[ \t]*(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined && !fields.has(name.toLowerCase()))
      fields.set(name.toLowerCase(), value)
  }
  const [name, version] = [fields.get('name'), fields.get('version')]
  if (!name || !version) return undefined
  return {
    name,
    version,
    description: known(fields.get('summary')),
    publisher: known(fields.get('author')) || known(fields.get('author-email')),
    architecture: '',
    status: 'installed',
  }
}

/** Old tools write UNKNOWN where a package says nothing. */
function known(text: string | undefined): string {
  return text === undefined || text === 'UNKNOWN' ? '' : text
}

function itemsOf(found: readonly (PipPackage | string)[], added: readonly string[]): Found {
  const items = new Map<string, Item>()
  for (const each of found) {
    if (typeof each === 'string') continue
    // Names are the same whatever their case and separators (packaging.python.org, "Names and normalization").
    const name = each.facts.name.toLowerCase().replaceAll(/[-_.]+/g, '-')
    items.set(
      `pip${each.site}/${name}`,
      softwareItem('pip', each.facts, coverageIn('pip', { folder: each.site, added })),
    )
  }
  return { items, gaps: [] }
}
