import type { PackageTree } from '../../host/package-tree.ts'
import { blobsIn, type SqliteReading } from '../host/sqlite.ts'
import { parseHeader, type RpmHeader } from './header.ts'

/** Folders that distributions keep rpm's database in (the macro `_dbpath`); the first that has one counts. */
export const RPM_FOLDERS = ['/usr/lib/sysimage/rpm', '/var/lib/rpm', '/usr/share/rpm'] as const
/** How often the database is read again because rpm wrote meanwhile. */
export const READS_MAX = 5

const SQLITE = 'rpmdb.sqlite'
/** Databases that only rpm itself reads: ndb, and Berkeley DB before it. */
const OTHERS = ['Packages.db', 'Packages'] as const

/** What rpm's database says. */
export type RpmDatabase =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly headers: readonly RpmHeader[] }
  /** Of a kind that is not read here, or not understood. */
  | { readonly kind: 'refused'; readonly problem: string }

/**
 * Reads `rpmdb.sqlite`. As long as nothing waits in its journal the file alone is read, and read again where it changed
 * meanwhile; else SQLite puts both together: on this machine as rpm does, in another tree on a copy, so that nothing is
 * written there.
 */
export function readRpmDatabase(tree: PackageTree): RpmDatabase {
  for (const folder of RPM_FOLDERS) {
    if (tree.stamp(`${folder}/${SQLITE}`) !== undefined) return readSqlite(tree, `${folder}/${SQLITE}`)
    const other = OTHERS.find((name) => tree.stamp(`${folder}/${name}`) !== undefined)
    if (other !== undefined) return { kind: 'refused', problem: `${folder}/${other} is a database that only rpm reads` }
  }
  return { kind: 'missing' }
}

function readSqlite(tree: PackageTree, path: string): RpmDatabase {
  for (let attempt = 1; attempt <= READS_MAX; attempt += 1) {
    const before = stampOf(tree, path)
    const place = tree.place(path)
    if (place === undefined || before === undefined) continue
    const read = headersIn(place, { path, reading: readingOf(tree, before) })
    // With the journal SQLite itself sees one moment; the file alone is one only where nobody wrote.
    if (before.hasJournal && tree.root === '/') return read
    if (stampOf(tree, path)?.text === before.text) return read
  }
  return { kind: 'refused', problem: `${path} was written at each of ${READS_MAX} readings` }
}

function readingOf(tree: PackageTree, { hasJournal }: { readonly hasJournal: boolean }): SqliteReading {
  if (!hasJournal) return 'alone'
  return tree.root === '/' ? 'shared' : 'copied'
}

/** The file and what waits in its journal (the write-ahead log, or a transaction that was not rolled back). */
function stampOf(tree: PackageTree, path: string): { readonly text: string; readonly hasJournal: boolean } | undefined {
  const [file, ...journals] = [path, `${path}-wal`, `${path}-journal`].map((each) => tree.stamp(each))
  if (file === undefined) return undefined
  const waiting = journals.filter((stamp) => stamp !== undefined && stamp.split(' ')[2] !== '0')
  return { text: [file, ...waiting].join('\n'), hasJournal: waiting.length > 0 }
}

function headersIn(
  place: string,
  { path, reading }: { readonly path: string; readonly reading: SqliteReading },
): RpmDatabase {
  const headers: RpmHeader[] = []
  try {
    const blobs = blobsIn(place, { query: 'SELECT blob FROM Packages ORDER BY hnum', reading })
    for (const [index, blob] of blobs.entries()) {
      const read = parseHeader(blob)
      if (read.kind === 'problem') return { kind: 'refused', problem: `${path}, header ${index + 1}: ${read.problem}` }
      headers.push(read.header)
    }
    return { kind: 'read', headers }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { kind: 'refused', problem: `${path}: ${error.message}` }
  }
}
