import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

import type { PathBytes } from '../../files/file-name.ts'
import { folderOf, nameOf } from '../../files/path-parts.ts'
import { type SqliteReading, withSqlite } from '../../software/host/sqlite.ts'
import { RPM_FOLDERS } from '../../software/rpm/database.ts'
import { utf8 } from '../operations/log-lines.ts'
import { foundPath, mergedFolders, namesOfPath } from './merged-folders.ts'
import type { InstalledName, OwnedFile, PackageDatabase } from './package-database.ts'
import type { PackageFiles } from './package-files.ts'
import { parseRpmFiles, type RpmFile, type RpmFiles } from './rpm-files.ts'

const CANDIDATES =
  'SELECT DISTINCT b.hnum FROM Basenames b WHERE b.key = ? AND EXISTS (SELECT 1 FROM Dirnames d WHERE d.hnum = b.hnum AND d.key = ?)'

/** Where rpm's database is, where it is one that is read here. */
export function rpmDatabasePath(files: Pick<PackageFiles, 'stamp'>): string | undefined {
  return RPM_FOLDERS.map((folder) => `${folder}/rpmdb.sqlite`).find((path) => files.stamp(path) !== undefined)
}

/** rpm's own database: its index of names leads to the packages, whose headers have checksums and flags of each file. */
export class RpmFileDatabase implements PackageDatabase {
  readonly source = 'rpm'
  readonly #files: PackageFiles
  readonly #path: string
  readonly #isOwn: boolean

  constructor(files: PackageFiles, path: string) {
    this.#files = files
    this.#path = path
    this.#isOwn = files.place('/') === '/'
  }

  isAtWork(): boolean {
    return this.#files.isLocked([`${this.#path.slice(0, this.#path.lastIndexOf('/'))}/.rpm.lock`]) === true
  }

  owners(paths: readonly PathBytes[]): ReadonlyMap<PathBytes, OwnedFile> {
    const merged = mergedFolders(this.#files)
    return this.#read((database) => {
      const asked = database.prepare(CANDIDATES)
      const wanted = new Map<number, Set<PathBytes>>()
      for (const path of paths)
        for (const named of namesOfPath(path, merged))
          for (const row of asked.all(utf8(nameOf(named)), utf8(`${folderOf(named)}/`.replace('//', '/')))) {
            const number = Number(row['hnum'])
            wanted.set(number, (wanted.get(number) ?? new Set()).add(named))
          }
      const owned = new Map<PathBytes, OwnedFile>()
      for (const [number, names] of wanted) {
        const header = headerOf(database, number)
        for (const file of header?.files ?? [])
          if (header !== undefined && names.has(file.path))
            owned.set(foundPath(file.path, merged), ownedFile(header, file))
      }
      return new Map(
        paths.flatMap((path) => {
          const file = owned.get(foundPath(path, merged))
          return file === undefined ? [] : [[path, file] as const]
        }),
      )
    })
  }

  packages(): readonly InstalledName[] {
    return this.#read((database) =>
      database
        .prepare('SELECT hnum FROM Packages ORDER BY hnum')
        .all()
        .flatMap((row) => {
          const header = headerOf(database, Number(row['hnum']))
          return header === undefined ? [] : [{ key: String(row['hnum']), name: header.name, version: header.version }]
        }),
    )
  }

  *files(key: string): Iterable<readonly [PathBytes, OwnedFile]> {
    const merged = mergedFolders(this.#files)
    const header = this.#read((database) => headerOf(database, Number(key)))
    for (const file of header?.files ?? [])
      if (header !== undefined) yield [foundPath(file.path, merged), ownedFile(header, file)]
  }

  #read<T>(use: (database: DatabaseSync) => T): T {
    return withSqlite(this.#files.place(this.#path), this.#reading(), use)
  }

  /** In another tree nothing is to be written beside the database. */
  #reading(): SqliteReading {
    if (this.#isOwn) return 'shared'
    const journal = this.#files.stamp(`${this.#path}-wal`)
    return journal === undefined || journal.endsWith(' 0') ? 'alone' : 'copied'
  }
}

function headerOf(database: DatabaseSync, number: SQLInputValue): RpmFiles | undefined {
  const blob = database.prepare('SELECT blob FROM Packages WHERE hnum = ?').get(number)?.['blob']
  return blob instanceof Uint8Array ? parseRpmFiles(blob) : undefined
}

function ownedFile({ name, version }: RpmFiles, { isConfig, expected }: RpmFile): OwnedFile {
  return { package: name, version, isConfig, isSettled: false, expected }
}
