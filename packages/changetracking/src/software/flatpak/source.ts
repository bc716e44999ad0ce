import type { Item } from '../../collector.ts'
import type { PackageTree } from '../../host/package-tree.ts'
import { softwareItem } from '../item.ts'
import { type Found, reading, type Source, unseenSource } from '../source.ts'
import { parseDeploy } from './deploy.ts'

const FOLDER = '/var/lib/flatpak'
const KINDS = ['app', 'runtime'] as const
/** Bytes of a `deploy` file at most. */
export const DEPLOY_BYTES_MAX = 16 * 1024 * 1024
/** Digits of a commit that tell it from others. */
const COMMIT_CHARS = 12

/** Apps and runtimes of flatpak's system installation: what `active` of each kind, id, architecture and branch leads to. */
export const flatpak: Source = {
  name: 'flatpak',
  // flatpak touches this file at the end of each transaction, for whoever watches.
  watched: { folders: [{ path: FOLDER, names: /^\.changed$/ }] },
  collect: async ({ tree }) =>
    await reading('flatpak', () => {
      if (KINDS.every((kind) => tree.names(`${FOLDER}/${kind}`) === undefined)) return undefined
      return deployed(tree)
    }),
}

function deployed(tree: PackageTree): Found {
  const items = new Map<string, Item>()
  for (const { id, architecture, branch, path } of KINDS.flatMap((kind) => placesOf(tree, kind))) {
    const bytes = tree.read(`${path}/active/deploy`, DEPLOY_BYTES_MAX)
    // Nothing is active: it is being installed, or a removed one left its folder.
    if (bytes === undefined) continue
    const facts = parseDeploy(bytes)
    if (facts === undefined) return unseenSource('flatpak', `${path}/active/deploy is not understood`)
    const { origin, commit, installedBytes, texts } = facts
    const item = softwareItem('flatpak', {
      name: id,
      description: texts.get('appdata-summary') ?? texts.get('appdata-name') ?? '',
      publisher: origin,
      // A runtime has no version of its own, and an app may keep its version in a new commit.
      version: `${texts.get('appdata-version') ?? branch} (${commit.slice(0, COMMIT_CHARS)})`,
      architecture,
      status: `installed, ${branch}`,
      sizeBytes: installedBytes,
    })
    items.set(`flatpak/${id}/${architecture}/${branch}`, item)
  }
  return { items, gaps: [] }
}

interface Place {
  readonly id: string
  readonly architecture: string
  readonly branch: string
  readonly path: string
}

function placesOf(tree: PackageTree, kind: (typeof KINDS)[number]): Place[] {
  const inside = (path: string): string[] => tree.names(path) ?? []
  const root = `${FOLDER}/${kind}`
  return inside(root).flatMap((id) =>
    inside(`${root}/${id}`)
      // Beside the architectures stands a link to the one in use.
      .filter((architecture) => architecture !== 'current')
      .flatMap((architecture) =>
        inside(`${root}/${id}/${architecture}`).map((branch) => ({
          id,
          architecture,
          branch,
          path: `${root}/${id}/${architecture}/${branch}`,
        })),
      ),
  )
}
