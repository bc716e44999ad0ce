import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** How a database that somebody else writes is opened. */
export type SqliteReading =
  /** Nothing waits in its journal: the file alone, without locks and without a trace. */
  | 'alone'
  /** As its own programs open it: with the journal, the locks, and the shared memory beside it (which may be created). */
  | 'shared'
  /** A copy of the file and its journal, so that nothing is written beside it. */
  | 'copied'

/** How long another's lock is waited for, in milliseconds. */
const LOCK_MS_MAX = 2_000
/** What SQLite keeps beside a database (sqlite.org/tempfiles.html); the shared memory is made anew. */
const JOURNALS = ['-wal', '-journal'] as const

/** Every row's first column, a blob, in the order of a query. Throws what SQLite says. */
export function blobsIn(
  path: string,
  { query, reading }: { readonly query: string; readonly reading: SqliteReading },
): Uint8Array[] {
  return withSqlite(path, reading, (database) => {
    const statement = database.prepare(query)
    statement.setReturnArrays(true)
    const blobs: Uint8Array[] = []
    for (const row of statement.iterate()) {
      const [blob]: unknown[] = Object.values(row)
      blobs.push(blob instanceof Uint8Array ? blob : new Uint8Array())
    }
    return blobs
  })
}

/** Opens a database, and closes it when `use` is done. Throws what SQLite says. */
export function withSqlite<T>(path: string, reading: SqliteReading, use: (database: DatabaseSync) => T): T {
  if (reading === 'copied') return copied(path, (copy) => withSqlite(copy, 'shared', use))
  const url = pathToFileURL(path)
  if (reading === 'alone') url.searchParams.set('immutable', '1')
  const database = new DatabaseSync(url, { readOnly: true, timeout: LOCK_MS_MAX })
  try {
    return use(database)
  } finally {
    database.close()
  }
}

function copied<T>(path: string, read: (copy: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-sqlite-'))
  try {
    const copy = join(folder, 'copy')
    copyFileSync(path, copy)
    for (const journal of JOURNALS) copyIfThere(`${path}${journal}`, `${copy}${journal}`)
    return read(copy)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
