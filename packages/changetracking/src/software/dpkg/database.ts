import type { PackageTree } from '../../host/package-tree.ts'
import { readStanzas, type Stanza } from './stanza.ts'

/** Where dpkg keeps what it knows (dpkg(1), `--admindir`). */
export const DPKG_FOLDER = '/var/lib/dpkg'
/** Bytes of `status`, of one file in `updates` or of `status.d` at most. */
export const STATUS_BYTES_MAX = 512 * 1024 * 1024
/** How often the database is read again because dpkg wrote meanwhile. */
export const READS_MAX = 10

/** What dpkg's database says, one stanza for each package and architecture. */
export type DpkgDatabase =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly stanzas: ReadonlyMap<string, Stanza> }
  /** Not understood. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** Written anew all the time. */
  | { readonly kind: 'busy'; readonly problem: string }

/**
 * Reads the database as dpkg itself does: `status`, and over it the journal in `updates`, which a running dpkg writes
 * (one numbered file for each change of a package) and folds into `status` now and then. What was read while it did that
 * is read again. An image without dpkg may have `status.d` in its place: a file for each package, all of them installed.
 */
export function readDpkgDatabase(tree: PackageTree): DpkgDatabase {
  const status = `${DPKG_FOLDER}/status`
  for (let attempt = 1; attempt <= READS_MAX; attempt += 1) {
    const before = tree.stamp(status)
    if (before === undefined) return readStatusFolder(tree)
    const stanzas = new Map<string, Stanza>()
    const problem = readFile(tree, { path: status, stanzas, isJournal: false }) ?? readJournal(tree, stanzas)
    // dpkg replaces `status` before it removes the journal that is in it.
    if (tree.stamp(status) !== before || problem === GONE) continue
    return problem === undefined ? { kind: 'read', stanzas } : { kind: 'refused', problem }
  }
  return { kind: 'busy', problem: `${status} was written anew at each of ${READS_MAX} readings` }
}

const GONE = Symbol('a file went while it was read')

function readJournal(tree: PackageTree, stanzas: Map<string, Stanza>): string | typeof GONE | undefined {
  // Names are digits, all of one length; `tmp.i` is being written and not yet part of it.
  const names = (tree.names(`${DPKG_FOLDER}/updates`) ?? []).filter((name) => /^\d+$/.test(name))
  for (const name of names) {
    const problem = readFile(tree, { path: `${DPKG_FOLDER}/updates/${name}`, stanzas, isJournal: true })
    if (problem !== undefined) return problem
  }
  return undefined
}

function readFile(
  tree: PackageTree,
  {
    path,
    stanzas,
    isJournal,
  }: { readonly path: string; readonly stanzas: Map<string, Stanza>; readonly isJournal: boolean },
): string | typeof GONE | undefined {
  const pieces = tree.pieces(path, STATUS_BYTES_MAX)
  if (pieces === undefined) return GONE
  for (const read of readStanzas(pieces)) {
    if (read.kind === 'problem') return `${path}, line ${read.line}: ${read.problem}`
    const { stanza } = read
    const key = `${stanza.name}:${stanza.architecture}`
    if (isJournal && !stanza.isCoinstallable && !stanzas.has(key)) forgetOther(stanzas, stanza.name)
    const count = stanzas.size
    stanzas.set(key, stanza)
    if (!isJournal && stanzas.size === count) return `${path}: ${key} comes twice`
    // Without a status it is not installed (deb-control(5) has the field only here).
    if (stanza.status === undefined || stanza.status.state === 'not-installed') stanzas.delete(key)
  }
  return undefined
}

/** A package that is there once and goes on with another architecture is the same one. */
function forgetOther(stanzas: Map<string, Stanza>, name: string): void {
  const [only, ...others] = [...stanzas].filter(([, stanza]) => stanza.name === name)
  if (only !== undefined && others.length === 0) stanzas.delete(only[0])
}

const INSTALLED = { wanted: 'install', flag: 'ok', state: 'installed' } as const

/** The form of images that are built without dpkg: `status.d/<package>`, and checksums beside them. */
function readStatusFolder(tree: PackageTree): DpkgDatabase {
  const folder = `${DPKG_FOLDER}/status.d`
  const names = tree.names(folder)
  if (names === undefined) return { kind: 'missing' }
  const stanzas = new Map<string, Stanza>()
  for (const name of names.filter((each) => !each.endsWith('.md5sums'))) {
    for (const read of readStanzas(tree.pieces(`${folder}/${name}`, STATUS_BYTES_MAX) ?? [])) {
      if (read.kind === 'problem')
        return { kind: 'refused', problem: `${folder}/${name}, line ${read.line}: ${read.problem}` }
      const { stanza } = read
      stanzas.set(`${stanza.name}:${stanza.architecture}`, { ...stanza, status: stanza.status ?? INSTALLED })
    }
  }
  return { kind: 'read', stanzas }
}
