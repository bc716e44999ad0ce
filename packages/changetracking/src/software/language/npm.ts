import { z } from 'zod'

import type { Item } from '../../collector.ts'
import type { PackageTree } from '../../host/package-tree.ts'
import { coverageIn, type PackageFacts, softwareItem } from '../item.ts'
import { reading, type Source, unseenSource } from '../source.ts'

/** Where `npm install --global` puts packages (docs.npmjs.com, "folders": `{prefix}/lib/node_modules`). */
const FOLDERS = ['/usr/local/lib/node_modules', '/usr/lib/node_modules'] as const
/** Bytes of a `package.json` at most. */
export const MANIFEST_BYTES_MAX = 4 * 1024 * 1024

/** npm's global packages, and those in `folders`; not what they depend on. */
export function npm(folders: readonly string[]): Source {
  const added = folders.filter((folder) => !FOLDERS.some((each) => each === folder))
  const all = [...FOLDERS, ...added]
  return {
    name: 'npm',
    folders,
    watched: { folders: all.map((path) => ({ path, names: /./ })) },
    collect: async ({ tree }) =>
      await reading(
        'npm',
        () => {
          const items = new Map<string, Item>()
          for (const folder of all)
            for (const name of namesIn(tree, folder)) {
              const path = `${folder}/${name}/package.json`
              const text = tree.read(path, MANIFEST_BYTES_MAX)?.toString('utf8')
              if (text === undefined) continue
              const facts = parseManifest(text)
              if (typeof facts === 'string') return unseenSource('npm', `${path}: ${facts}`, folders)
              items.set(
                `npm${folder}/${name}`,
                softwareItem('npm', { ...facts, name }, coverageIn('npm', { folder, added })),
              )
            }
          return { items, gaps: [] }
        },
        folders,
      ),
  }
}

/** Names of packages, with their scope where they have one; what begins with a dot is npm's own. */
function namesIn(tree: PackageTree, folder: string): string[] {
  return (tree.names(folder) ?? [])
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? (tree.names(`${folder}/${name}`) ?? []).map((inner) => `${name}/${inner}`) : [name],
    )
}

const manifest = z.looseObject({
  version: z.string().min(1),
  description: z.string().optional().catch(undefined),
  author: z
    .union([z.string(), z.looseObject({ name: z.string() }).transform(({ name }) => name)])
    .optional()
    .catch(undefined),
})

/** Reads a `package.json`; a text that says why where it is none. Total. */
export function parseManifest(text: string): Omit<PackageFacts, 'name'> | string {
  try {
    const read = manifest.safeParse(JSON.parse(text))
    if (!read.success) return `${read.error.issues[0]?.path.join('.') ?? ''}: ${read.error.issues[0]?.message ?? ''}`
    const { version, description = '', author = '' } = read.data
    return { version, description, publisher: author, architecture: '', status: 'installed' }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
