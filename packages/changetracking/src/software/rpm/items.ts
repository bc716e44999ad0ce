import type { Item, Known } from '../../collector.ts'
import { softwareItem } from '../item.ts'
import type { RpmHeader } from './header.ts'

/**
 * Packages as items. What a header does not have is `0`, as the described command has it (`sed "s/(none)/0/g"`), so that
 * versions read `0:5.1.8-6.el9`. Several versions of one package (kernels, gpg-pubkey) are items of their own; a package
 * that is there once keeps its key when its version changes, and each version keeps the key that it is `known` by when
 * another one comes or goes.
 */
export function rpmItems(headers: readonly RpmHeader[], known: Known): ReadonlyMap<string, Item> {
  const packages = new Map<string, Map<string, Item>>()
  for (const header of headers) {
    const item = itemOf(header)
    const name = `${String(item.columns.SoftwareName)}.${String(item.columns.Architecture)}`
    const versions = packages.get(name) ?? new Map<string, Item>()
    // The same version twice (a forced installation) is one package.
    packages.set(name, versions.set(String(item.columns.CurrentVersion), item))
  }
  const items = new Map<string, Item>()
  for (const [name, versions] of packages)
    for (const [version, item] of versions)
      items.set(keyOf(version, { name, isAlone: versions.size === 1, known }), item)
  return items
}

// With a key that depended on the count alone, a second kernel would remove the first one and add it again.
function keyOf(
  version: string,
  { name, isAlone, known }: { readonly name: string; readonly isAlone: boolean; readonly known: Known },
): string {
  const own = `${name} ${version}`
  if (known.get(own) !== undefined) return own
  if (isAlone || known.get(name)?.columns.CurrentVersion === version) return name
  return own
}

function itemOf(header: RpmHeader): Item {
  const { epoch, version, release } = header
  return softwareItem('rpm', {
    name: shown(header.name),
    description: shown(header.summary),
    publisher: shown(header.packager),
    version: `${shown(epoch)}:${shown(version)}-${shown(release)}`,
    architecture: shown(header.architecture),
    status: 'installed',
    sizeBytes: header.sizeBytes ?? 0,
    installedSeconds: header.installedSeconds,
  })
}

/** As the described command prints it: sed takes `(none)` for `0` wherever it stands. */
function shown(text: string | undefined): string {
  return (text ?? '(none)').replaceAll('(none)', '0')
}
