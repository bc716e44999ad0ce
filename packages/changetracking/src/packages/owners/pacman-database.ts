import { gunzipSync } from 'node:zlib'

import type { PathBytes } from '../../files/file-name.ts'
import { foundPath, mergedFolders, namesOfPath } from './merged-folders.ts'
import type { Expected, InstalledName, OwnedFile, PackageDatabase } from './package-database.ts'
import type { PackageFiles } from './package-files.ts'

const LOCAL = '/var/lib/pacman/local'
const LOCK = '/var/lib/pacman/db.lck'
/** Bytes of one package's list of checksums, unpacked. */
const MTREE_BYTES_MAX = 64 * 1024 * 1024

/** pacman's own database: a folder `<name>-<version>-<release>` for each package, with `files` and `mtree` in it. */
export class PacmanDatabase implements PackageDatabase {
  readonly source = 'pacman'
  readonly #files: PackageFiles

  constructor(files: PackageFiles) {
    this.#files = files
  }

  isAtWork(): boolean {
    return this.#files.stamp(LOCK) !== undefined
  }

  owners(paths: readonly PathBytes[]): ReadonlyMap<PathBytes, OwnedFile> {
    const merged = mergedFolders(this.#files)
    const wanted = paths.map((path) => ({ path, names: namesOfPath(path, merged) }))
    const owned = new Map<PathBytes, OwnedFile>()
    for (const { key } of this.packages()) {
      const list = this.#files.read(`${LOCAL}/${key}/files`)
      if (list === undefined) continue
      const here = wanted.filter(({ names }) =>
        names.some((name) => list.includes(`\n${name.slice(1)}\n`, 0, 'latin1')),
      )
      if (here.length === 0) continue
      const files = new Map(this.files(key))
      for (const { path } of here) {
        const file = files.get(foundPath(path, merged))
        if (file !== undefined && !owned.has(path)) owned.set(path, file)
      }
    }
    return owned
  }

  packages(): readonly InstalledName[] {
    return this.#files
      .names(LOCAL)
      .toSorted()
      .flatMap((key) => {
        const [, name, version] = /^(.+)-([^-]+-[^-]+)$/.exec(key) ?? []
        return name === undefined || version === undefined ? [] : [{ key, name, version }]
      })
  }

  *files(key: string): Iterable<readonly [PathBytes, OwnedFile]> {
    const { name = key, version = '' } = this.packages().find((each) => each.key === key) ?? {}
    const merged = mergedFolders(this.#files)
    const text = this.#files.read(`${LOCAL}/${key}/files`)?.toString('latin1') ?? ''
    const { files, backups } = parsePacmanFiles(text)
    const sums = this.#sums(key)
    for (const path of files) {
      const isConfig = backups.has(path)
      const file = { package: name, version, isConfig, isSettled: false, expected: sums(path) }
      yield [foundPath(path, merged), file]
    }
  }

  #sums(key: string): (path: PathBytes) => Expected {
    const packed = this.#files.read(`${LOCAL}/${key}/mtree`)
    const why = 'its package has no list of checksums that can be read'
    if (packed === undefined) return () => ({ kind: 'unknown', why })
    try {
      const sums = parseMtree(gunzipSync(packed, { maxOutputLength: MTREE_BYTES_MAX }).toString('latin1'))
      return (path) => {
        const hex = sums.get(path)
        if (hex === undefined) return { kind: 'unknown', why: 'pacman keeps checksums of plain files only' }
        return { kind: 'content', algorithm: 'sha256', hex }
      }
    } catch {
      return () => ({ kind: 'unknown', why })
    }
  }
}

/** Paths of a package, and those of them that are backed up for people's edits: `%FILES%`, `%BACKUP%` with an MD5 each. */
export function parsePacmanFiles(text: string): {
  readonly files: PathBytes[]
  readonly backups: ReadonlySet<PathBytes>
} {
  const files: PathBytes[] = []
  const backups = new Set<PathBytes>()
  let section = ''
  for (const line of text.split('\n')) {
    if (/^%[A-Z]+%$/.test(line)) section = line
    else if (line !== '' && section === '%FILES%') files.push(`/${line.replace(/\/$/, '')}`)
    else if (line !== '' && section === '%BACKUP%') backups.add(`/${line.split('\t')[0] ?? ''}`)
  }
  return { files, backups }
}

/** SHA-256 by path of an mtree(5) as pacman keeps it: `./usr/bin/a time=… size=… sha256digest=…`, odd bytes as `\ooo`. */
export function parseMtree(text: string): ReadonlyMap<PathBytes, string> {
  const sums = new Map<PathBytes, string>()
  for (const line of text.split('\n')) {
    const [, path, hex] = /^\.(\/\S+) .*\bsha256digest=([0-9a-f]{64})/.exec(line) ?? []
    if (path === undefined || hex === undefined) continue
    const decoded = path.replaceAll(/\\([0-3][0-7]{2})/g, (_all, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    )
    sums.set(decoded, hex)
  }
  return sums
}
