import type { Tree, TreeName } from '../tree.ts'
import { dropInNames, templateOf, type UnitType, unitTypeOf } from './unit-name.ts'

/**
 * Folders of unit files of the system's manager; the first that has a name counts (systemd.unit(5), "Unit File Load Path").
 * `/lib` comes before `/usr/lib`, as on Debian before the merge of both, where `FragmentPath` says `/lib`.
 */
export const unitFolders = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/run/systemd/generator.late',
] as const

/** The file that counts for a unit's name. */
export interface UnitEntry {
  readonly name: string
  readonly path: string
  /** What it says where it is a link. */
  readonly target: string | undefined
}

/** One link that concerns a unit: it enables it, or gives it another name. */
export interface UnitLink {
  readonly path: string
  readonly target: string
}

/** What the unit folders of a tree hold. */
export interface UnitFiles {
  /** Units of the types that were asked for, templates and aliases included, by name. */
  readonly units: ReadonlyMap<string, UnitEntry>
  /** Links by the name of the unit that they point to, and by their own. */
  readonly links: ReadonlyMap<string, readonly UnitLink[]>
  /** Paths of drop-ins by the name of their folder without `.d`. */
  readonly dropIns: ReadonlyMap<string, readonly string[]>
}

/** Reads the unit folders: names and links only. */
export function readUnitFiles(tree: Tree, types: ReadonlySet<UnitType>): UnitFiles {
  const files = { units: new Map<string, UnitEntry>(), links: new Map(), dropIns: new Map() } satisfies Gathered
  const other = otherName(tree)
  for (const folder of unitFolders.filter((each) => each !== other))
    for (const entry of tree.names(folder)) {
      const at = { tree, folder, entry }
      if (entry.kind === 'folder') readSubfolder(files, at)
      else if (entry.kind !== 'other') readEntry(files, { ...at, types })
    }
  return files
}

/**
 * Where `/lib` is a link to `/usr/lib`, both names are one folder, of which systemd uses `/usr/lib`; Debian's until 12, whose package
 * has its units in `/lib`, uses that.
 */
function otherName(tree: Tree): (typeof unitFolders)[number] | undefined {
  const [lib, usr] = [tree.status('/lib/systemd/system'), tree.status('/usr/lib/systemd/system')]
  if (lib === undefined || lib.stamp !== usr?.stamp) return undefined
  const list = tree.read('/var/lib/dpkg/info/systemd.list', PACKAGE_LIST_BYTES_MAX)
  const isInLib = list !== undefined && Buffer.from(list).includes('\n/lib/systemd/system\n')
  return isInLib ? '/usr/lib/systemd/system' : '/lib/systemd/system'
}

const PACKAGE_LIST_BYTES_MAX = 4 * 1024 * 1024

interface Gathered {
  readonly units: Map<string, UnitEntry>
  readonly links: Map<string, UnitLink[]>
  readonly dropIns: Map<string, string[]>
}

interface Place {
  readonly tree: Tree
  readonly folder: string
  readonly entry: TreeName
}

function readEntry(
  { units, links }: Gathered,
  { tree, folder, entry, types }: Place & { readonly types: ReadonlySet<UnitType> },
): void {
  const { name, kind } = entry
  const type = unitTypeOf(name)
  if (type === undefined || !types.has(type)) return
  const path = `${folder}/${name}`
  const target = kind === 'link' ? tree.linkTarget(path) : undefined
  if (!units.has(name)) units.set(name, { name, path, target })
  if (target !== undefined && nameIn(target) !== name) addLink(links, { path, target })
}

function readSubfolder({ links, dropIns }: Gathered, { tree, folder, entry: { name } }: Place): void {
  const path = `${folder}/${name}`
  if (/\.(wants|requires|upholds)$/.test(name)) {
    for (const { name: link, kind } of tree.names(path)) {
      const target = kind === 'link' ? tree.linkTarget(`${path}/${link}`) : undefined
      if (target !== undefined) addLink(links, { path: `${path}/${link}`, target })
    }
  } else if (name.endsWith('.d')) {
    const found = tree.names(path).filter(({ name: each, kind }) => each.endsWith('.conf') && kind !== 'folder')
    const to = name.slice(0, -2)
    const paths = found.map(({ name: each }) => `${path}/${each}`)
    dropIns.set(to, [...(dropIns.get(to) ?? []), ...paths])
  }
}

function addLink(links: Map<string, UnitLink[]>, link: UnitLink): void {
  for (const name of new Set([nameIn(link.path), nameIn(link.target)])) {
    const known = links.get(name)
    if (known) known.push(link)
    else links.set(name, [link])
  }
}

/** The last name of a path. */
export function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * Text that differs when something differs that systemd reads for this unit: its file, what the file is a link to, its
 * drop-ins, and the links that enable or name it.
 */
export function unitStamp(tree: Tree, files: UnitFiles, unit: string): string {
  const template = templateOf(unit)
  const entry = files.units.get(unit) ?? (template === undefined ? undefined : files.units.get(template))
  const links = [unit, template ?? unit].flatMap((name) => files.links.get(name) ?? [])
  const parts = links.map(({ path, target }) => `${path} ${target}`).sort()
  if (entry !== undefined) parts.push(entry.path, entry.target ?? '', tree.status(entry.path)?.stamp ?? 'absent')
  for (const path of dropInsOf(files, unit)) parts.push(path, tree.status(path)?.stamp ?? 'absent')
  return parts.join('\n')
}

/** Paths of all drop-ins that may count for a unit, in no order. */
export function dropInsOf(files: UnitFiles, unit: string): string[] {
  return dropInNames(unit).flatMap((name) => files.dropIns.get(name) ?? [])
}
