import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

import { ServerError } from '../server-error.ts'
import { type MetadataTables, migrations } from './schema.ts'

/** The types of values that SQLite takes. */
type SqlValue = null | number | bigint | string | Uint8Array

/**
 * Rules, machines and sessions: a SQLite file. Questions are built by Kysely, which knows the tables' types, and run
 * here, one after the other: they are small. Each change is on stable storage when its call returns.
 */
export class Metadata implements Disposable {
  /** Builds questions; nothing runs before `all` or `run` is called with one. */
  readonly build: Kysely<MetadataTables>
  readonly #database: DatabaseSync
  #isClosed = false

  /** Opens or creates the file and brings it to the present schema. Throws `ServerError` `state-unusable`. */
  constructor(path: string) {
    this.build = new Kysely<MetadataTables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (database) => new SqliteIntrospector(database),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    })
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      this.#database = new DatabaseSync(path)
      this.#database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000',
      )
      this.#migrate()
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new ServerError('state-unusable', `${path} cannot be used: ${why}`, { cause })
    }
  }

  #migrate(): void {
    const [row] = this.#database.prepare('PRAGMA user_version').all()
    const present = Number(row?.['user_version'] ?? 0)
    if (present > migrations.length)
      throw new Error(
        `it was written by a later version of Tidemark (schema ${present}, known up to ${migrations.length})`,
      )
    for (const [index, step] of migrations.entries()) {
      if (index < present) continue
      this.#database.exec(`BEGIN; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`)
    }
  }

  /** All rows of a question. */
  all<Row>(question: Compilable<Row>): Row[] {
    const { sql, parameters } = question.compile()
    const rows: unknown = this.#database.prepare(sql).all(...parameters.map(sqlValue))
    return rowsAs<Row>(rows)
  }

  /** The first row of a question. */
  first<Row>(question: Compilable<Row>): Row | undefined {
    return this.all(question)[0]
  }

  /** Runs a change; returns how many rows it touched. */
  run(change: Compilable): number {
    const { sql, parameters } = change.compile()
    return Number(this.#database.prepare(sql).run(...parameters.map(sqlValue)).changes)
  }

  /** Runs several changes as one. */
  together<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** Writes everything as it is now into a file that must not be there yet. */
  copyTo(path: string): void {
    this.#database.prepare('VACUUM INTO ?').run(path)
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#database.close()
  }
}

/** What SQLite gives for a question is what the question's type says: the tables are STRICT. */
function rowsAs<Row>(rows: unknown): Row[] {
  const typed: Row[] = Array.isArray(rows) ? rows : []
  return typed
}

function sqlValue(value: unknown): SqlValue {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint')
    return value
  throw new TypeError(`SQLite takes no ${typeof value}`)
}
