import type { Item } from '../../collector.ts'
import type { PackageTree } from '../../host/package-tree.ts'
import { softwareItem } from '../item.ts'
import { type Found, reading, type Source, unseenSource } from '../source.ts'
import { parseSnapYaml } from './snap-yaml.ts'
import { type KnownSnap, parseSnapdState } from './state.ts'

const STATE = '/var/lib/snapd/state.json'
// Where snaps are mounted: Debian and Ubuntu, and distributions that keep the root folder clean.
const MOUNTS = ['/snap', '/var/lib/snapd/snap'] as const
/** Bytes of snapd's state at most. */
export const STATE_BYTES_MAX = 256 * 1024 * 1024
/** Bytes of a `snap.yaml` at most. */
export const SNAP_YAML_BYTES_MAX = 1024 * 1024

/** Snaps: which there are says snapd's state, their versions the mounted snaps. */
export const snap: Source = {
  name: 'snap',
  watched: {
    folders: [{ path: '/var/lib/snapd', names: /^state\.json$/ }, ...MOUNTS.map((path) => ({ path, names: /./ }))],
  },
  collect: async ({ tree }) =>
    await reading('snap', () => {
      const text = tree.read(STATE, STATE_BYTES_MAX)?.toString('utf8')
      const snaps = text === undefined ? mountedSnaps(tree) : parseSnapdState(text)
      if (typeof snaps === 'string') return unseenSource('snap', `${STATE}: ${snaps}`)
      if (text === undefined && snaps.length === 0) return undefined
      return found(tree, snaps)
    }),
}

/** Without the state (an image that has only the snaps): what is mounted. */
function mountedSnaps(tree: PackageTree): readonly KnownSnap[] {
  return MOUNTS.flatMap((mount) =>
    (tree.names(mount) ?? []).flatMap((name) => {
      const revision = tree.linkTarget(`${mount}/${name}/current`)
      return revision === undefined ? [] : [{ name, revision, isActive: true }]
    }),
  )
}

function found(tree: PackageTree, snaps: readonly KnownSnap[]): Found {
  const items = new Map<string, Item>()
  const unsettled = new Set<string>()
  for (const { name, revision, isActive } of snaps) {
    const key = `snap/${name}`
    const yaml = MOUNTS.map((mount) => tree.read(`${mount}/${name}/${revision}/meta/snap.yaml`, SNAP_YAML_BYTES_MAX))
    const facts = parseSnapYaml(yaml.find((bytes) => bytes !== undefined)?.toString('utf8') ?? '')
    // A snap that is active and not mounted is being refreshed, on a machine that runs.
    if (facts === undefined && isActive && tree.root === '/') unsettled.add(key)
    else
      items.set(
        key,
        softwareItem('snap', {
          name,
          description: facts?.summary ?? '',
          publisher: '',
          // A disabled snap is not mounted, and an image mounts none: its revision says which it is.
          version: facts?.version ?? `revision ${revision}`,
          architecture: facts?.architecture ?? '',
          status: isActive ? 'active' : 'disabled',
        }),
      )
  }
  return { items, unsettled, gaps: [] }
}
