import type { PathBytes } from '../../files/file-name.ts'
import { contestedNames, type Diversion, divertedPath, parseDiversions } from './diversions.ts'
import { allStanzas, type DpkgStanza, parseStanza, stanzasOf } from './dpkg-stanzas.ts'
import { foundPath, type MergedFolder, mergedFolders, namesOfPath } from './merged-folders.ts'
import type { Expected, InstalledName, OwnedFile, PackageDatabase } from './package-database.ts'
import type { PackageFiles } from './package-files.ts'
import { hashOf, PathTable } from './path-table.ts'

const DATABASE = '/var/lib/dpkg'
const INFO = `${DATABASE}/info`
const LOCKS = [`${DATABASE}/lock`, `${DATABASE}/lock-frontend`]
const NEWLINE = 0x0a
/** The first letter of `/usr`. */
const USR = 0x75
/** States in which a package has files. */
const GONE: ReadonlySet<string> = new Set(['not-installed', 'config-files', ''])

/** States in which dpkg has finished with the files of a package, conffiles included. */
const SETTLED: ReadonlySet<string> = new Set([
  'installed',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'config-files',
])

/** Paths that are searched for in all lists, without the table. */
const FEW = 8
/** How often that is done before the table is made. */
const SEARCHES_MAX = 4

interface Candidate {
  readonly path: PathBytes
  /** As the list has it. */
  readonly named: PathBytes
}

/** One file `<name>[:<architecture>].list` as it was read last. */
interface List {
  readonly key: string
  readonly stamp: string
  readonly number: number
}

/**
 * dpkg's own database (dpkg(1), deb-old(5)): whose a file is stands in `info/*.list`, its checksum in `info/*.md5sums`, that of
 * a conffile in `status`, of which `updates/*` are newer stanzas while dpkg runs.
 */
export class DpkgDatabase implements PackageDatabase {
  readonly source = 'dpkg'
  readonly #files: PackageFiles
  #table = new PathTable()
  #lists = new Map<string, List>()
  #keys: string[] = []
  #infoStamp: string | undefined
  #status: { readonly stamp: string; readonly bytes: Buffer; readonly updates: readonly DpkgStanza[] } | undefined
  #diversions: { readonly stamp: string | undefined; readonly all: readonly Diversion[] } = {
    stamp: undefined,
    all: [],
  }
  #merged: readonly MergedFolder[] = []
  #searches = 0
  #all: ReadonlyMap<string, DpkgStanza> | undefined
  #allByName: ReadonlyMap<string, DpkgStanza> | undefined

  constructor(files: PackageFiles) {
    this.#files = files
  }

  isAtWork(): boolean {
    if (this.#files.isLocked(LOCKS) === false) return false
    const { bytes, updates } = this.#statusNow()
    const newest = new Map(updates.map((stanza) => [`${stanza.name}:${stanza.architecture}`, stanza.state]))
    return [...newest.values()].includes('half-installed') || bytes.includes(' half-installed\n', 0, 'latin1')
  }

  owners(paths: readonly PathBytes[]): ReadonlyMap<PathBytes, OwnedFile> {
    this.#readFolders()
    const isFew = this.#infoStamp === undefined && paths.length <= FEW && this.#searches < SEARCHES_MAX
    const wanted = isFew ? this.#search(paths) : this.#lookUp(paths)
    const owned = new Map<PathBytes, OwnedFile>()
    for (const [key, candidates] of wanted) {
      const list = this.#files.read(`${INFO}/${key}.list`)
      const stanza = list === undefined ? undefined : this.#stanza(key)
      if (list === undefined || stanza === undefined) continue
      const isMany = candidates.length > FEW
      const expected = this.#expectations(key, stanza, { isMany })
      const lines = isMany ? new Set(list.toString('latin1').split('\n')) : undefined
      for (const { path, named } of candidates)
        if (!owned.has(path) && (lines?.has(named) ?? hasLine(list, named)))
          owned.set(path, ownedFile(stanza, named, expected))
    }
    return owned
  }

  packages(): readonly InstalledName[] {
    this.#readFolders()
    const { bytes, updates } = this.#statusNow()
    this.#all = new Map([...allStanzas(bytes), ...updates].map((each) => [`${each.name}:${each.architecture}`, each]))
    this.#allByName = new Map([...this.#all.values()].map((each) => [each.name, each]))
    return this.#keysNow().flatMap((key) => {
      const stanza = this.#stanza(key)
      return stanza === undefined || GONE.has(stanza.state) ? [] : [{ key, name: stanza.name, version: stanza.version }]
    })
  }

  *files(key: string): Iterable<readonly [PathBytes, OwnedFile]> {
    const list = this.#files.read(`${INFO}/${key}.list`)
    const stanza = this.#stanza(key)
    if (list === undefined || stanza === undefined) return
    const expected = this.#expectations(key, stanza, { isMany: true })
    for (const named of list.toString('latin1').split('\n')) {
      if (!named.startsWith('/') || named === '/.') continue
      const path = foundPath(divertedPath(named, stanza.name, this.#diversions.all), this.#merged)
      yield [path, ownedFile(stanza, named, expected)]
    }
  }

  /** By the table: which list may have which path, by list, so that each is read once whatever number of its files changed. */
  #lookUp(paths: readonly PathBytes[]): Map<string, Candidate[]> {
    this.#refresh()
    const wanted = new Map<string, Candidate[]>()
    for (const path of paths)
      for (const { named, key } of this.#candidates(path)) {
        const others = wanted.get(key)
        if (others === undefined) wanted.set(key, [{ path, named }])
        else others.push({ path, named })
      }
    return wanted
  }

  /** The same without a table, which a file that is edited now and then is not worth. */
  #search(paths: readonly PathBytes[]): Map<string, Candidate[]> {
    this.#searches += 1
    const contested = paths.flatMap((path) =>
      contestedNames(foundPath(path, this.#merged), this.#diversions.all).flatMap(({ path: other, mayOwn }) =>
        namesOfPath(other, this.#merged).map((named) => ({ path, named, mayOwn })),
      ),
    )
    const wanted = new Map<string, Candidate[]>()
    for (const key of this.#keysNow()) {
      const list = this.#files.read(`${INFO}/${key}.list`)
      if (list === undefined) continue
      const found = contested.filter(({ named, mayOwn }) => mayOwn(nameOf(key)) && hasLine(list, named))
      if (found.length > 0) wanted.set(key, found)
    }
    return wanted
  }

  #keysNow(): string[] {
    const names = this.#files.names(INFO).filter((name) => name.endsWith('.list'))
    return names.map((name) => name.slice(0, -'.list'.length)).toSorted()
  }

  *#candidates(path: PathBytes): Generator<{ readonly named: PathBytes; readonly key: string }> {
    for (const contested of contestedNames(foundPath(path, this.#merged), this.#diversions.all)) {
      const bytes = Buffer.from(foundPath(contested.path, this.#merged), 'latin1')
      for (const number of this.#table.find(hashOf(bytes, 0, bytes.length))) {
        const key = this.#keys[number] ?? ''
        if (this.#lists.get(key)?.number !== number || !contested.mayOwn(nameOf(key))) continue
        for (const named of namesOfPath(contested.path, this.#merged)) yield { named, key }
      }
    }
  }

  /** Where files are found: through links in the place of folders, and diversions. */
  #readFolders(): void {
    this.#merged = mergedFolders(this.#files)
    const diversions = this.#files.stamp(`${DATABASE}/diversions`)
    if (diversions !== this.#diversions.stamp) {
      const text = this.#files.read(`${DATABASE}/diversions`)?.toString('latin1') ?? ''
      this.#diversions = { stamp: diversions, all: parseDiversions(text) }
    }
  }

  #refresh(): void {
    const info = this.#files.stamp(INFO)
    if (info !== undefined && info === this.#infoStamp) return
    // What was replaced stays in the table, and finds nothing: too much of that, and it is made anew.
    if (this.#keys.length > 2 * this.#lists.size + 100) {
      this.#table = new PathTable()
      this.#lists.clear()
      this.#keys = []
    }
    const there = new Map<string, List>()
    for (const key of this.#keysNow()) {
      const list = this.#readList(key, this.#files.stamp(`${INFO}/${key}.list`) ?? '')
      if (list !== undefined) there.set(key, list)
    }
    this.#lists = there
    this.#infoStamp = info
  }

  #readList(key: string, stamp: string): List | undefined {
    const known = this.#lists.get(key)
    if (known?.stamp === stamp) return known
    const bytes = this.#files.read(`${INFO}/${key}.list`)
    if (bytes === undefined) return undefined
    const number = this.#keys.push(key) - 1
    for (let from = 0, at = 0; at < bytes.length; at += 1) {
      if (bytes[at] !== NEWLINE) continue
      this.#table.add(this.#hash(bytes, from, at), number)
      from = at + 1
    }
    return { key, stamp, number }
  }

  /** The hash of a path as it is found, whatever folder the package names. */
  #hash(bytes: Buffer, from: number, to: number): number {
    // Nearly all are below /usr, which never moved.
    if (bytes[from + 1] !== USR)
      for (const { from: old, to: found } of this.#merged) {
        if (to - from <= old.length || bytes[from + 1] !== old.charCodeAt(1)) continue
        if (bytes.toString('latin1', from, from + old.length) !== old) continue
        const folder = Buffer.from(found, 'latin1')
        return hashOf(bytes, from + old.length, to, hashOf(folder, 0, folder.length))
      }
    return hashOf(bytes, from, to)
  }

  /** What dpkg knows of the package of a list; a list may be there before and after its package is. */
  #stanza(key: string): DpkgStanza | undefined {
    const [name = '', architecture] = key.split(':')
    const isIt = (stanza: DpkgStanza): boolean =>
      stanza.name === name && (architecture === undefined || stanza.architecture === architecture)
    const { updates, bytes } = this.#statusNow()
    const known = architecture === undefined ? this.#allByName?.get(name) : this.#all?.get(key)
    if (known !== undefined) return known
    return updates.findLast(isIt) ?? stanzasOf(bytes, name).find(isIt)
  }

  #statusNow(): { readonly bytes: Buffer; readonly updates: readonly DpkgStanza[] } {
    const stamp = `${this.#files.stamp(`${DATABASE}/status`)} ${this.#files.stamp(`${DATABASE}/updates`)}`
    if (this.#status?.stamp === stamp) return this.#status
    ;[this.#all, this.#allByName] = [undefined, undefined]
    this.#status = { stamp, ...this.#readStatus() }
    return this.#status
  }

  #readStatus(): { readonly bytes: Buffer; readonly updates: readonly DpkgStanza[] } {
    const names = this.#files.names(`${DATABASE}/updates`).filter((name) => /^\d+$/.test(name))
    const updates = names.toSorted().flatMap((name) => {
      const text = this.#files.read(`${DATABASE}/updates/${name}`)?.toString('latin1')
      return text === undefined ? [] : [parseStanza(text)]
    })
    return { bytes: this.#files.read(`${DATABASE}/status`) ?? Buffer.alloc(0), updates }
  }

  /** What each file should be. Of many files all checksums are read at once, of few each is searched for. */
  #expectations(
    key: string,
    { conffiles }: DpkgStanza,
    { isMany }: { readonly isMany: boolean },
  ): (named: PathBytes) => Expected {
    const sums = this.#files.read(`${INFO}/${key}.md5sums`)
    const all = isMany && sums !== undefined ? allSums(sums) : undefined
    return (named) => {
      const conffile = conffiles.get(named)
      if (conffile === 'newconffile') return { kind: 'unknown', why: 'dpkg has not configured its package yet' }
      const hex = conffile ?? (sums === undefined ? undefined : all === undefined ? sumOf(sums, named) : all.get(named))
      if (hex !== undefined) return { kind: 'content', algorithm: 'md5', hex }
      const why = sums === undefined ? 'its package brought no checksums' : 'dpkg keeps checksums of plain files only'
      return { kind: 'unknown', why }
    }
  }
}

function ownedFile(stanza: DpkgStanza, named: PathBytes, expected: (named: PathBytes) => Expected): OwnedFile {
  const isConfig = stanza.conffiles.has(named)
  const isSettled = SETTLED.has(stanza.state) || (stanza.state === 'unpacked' && !isConfig)
  return { package: stanza.name, version: stanza.version, isConfig, isSettled, expected: expected(named) }
}

function nameOf(key: string): string {
  return key.split(':')[0] ?? key
}

function hasLine(list: Buffer, line: PathBytes): boolean {
  for (let at = list.indexOf(line, 0, 'latin1'); at >= 0; at = list.indexOf(line, at + 1, 'latin1'))
    if ((at === 0 || list[at - 1] === NEWLINE) && list[at + line.length] === NEWLINE) return true
  return false
}

/** All checksums by path. */
function allSums(sums: Buffer): ReadonlyMap<PathBytes, string> {
  const all = new Map<PathBytes, string>()
  for (const line of sums.toString('latin1').split('\n'))
    if (/^[0-9a-f]{32} {2}./.test(line)) all.set(`/${line.slice(34)}`, line.slice(0, 32))
  return all
}

/** `0123…  usr/bin/x`, without the leading slash. */
function sumOf(sums: Buffer, named: PathBytes): string | undefined {
  const sought = `  ${named.slice(1)}\n`
  const at = sums.indexOf(sought, 0, 'latin1')
  if (at < 32) return undefined
  const hex = sums.toString('latin1', at - 32, at)
  return /^[0-9a-f]{32}$/.test(hex) ? hex : undefined
}
