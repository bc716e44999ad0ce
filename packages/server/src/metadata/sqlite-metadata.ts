import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

import { ServerError } from '../server-error.ts'
import { keptValue, type Metadata, MetadataConflict, type MetadataSession, rowsAs } from './metadata.ts'
import { type MetadataTables, migrations } from './schema.ts'

/**
 * The metadata of one server: a SQLite file. Questions are built by Kysely, which knows the tables' types, and run here, one
 * after the other: they are small. What comes while a transaction is open waits for its end.
 */
export class SqliteMetadata implements Metadata {
  readonly build: Kysely<MetadataTables>
  readonly #database: DatabaseSync
  /** The transaction that is open, and those that wait for it; absent where there is none. */
  #transactions: Promise<void> | undefined
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

  async all<Row>(question: Compilable<Row>): Promise<Row[]> {
    await this.#untilAlone()
    return this.#all(question)
  }

  async first<Row>(question: Compilable<Row>): Promise<Row | undefined> {
    return (await this.all(question))[0]
  }

  async run(change: Compilable): Promise<number> {
    await this.#untilAlone()
    return this.#run(change)
  }

  async together<T>(work: (within: MetadataSession) => Promise<T>): Promise<T> {
    const before = this.#transactions ?? Promise.resolve()
    const running = before.then(async () => await this.#transaction(work))
    const over = running.then(
      () => undefined,
      () => undefined,
    )
    this.#transactions = over
    try {
      return await running
    } finally {
      if (this.#transactions === over) this.#transactions = undefined
    }
  }

  async #transaction<T>(work: (within: MetadataSession) => Promise<T>): Promise<T> {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = await work({
        build: this.build,
        all: async (question) => await Promise.resolve(this.#all(question)),
        first: async (question) => await Promise.resolve(this.#all(question)[0]),
        run: async (change) => await Promise.resolve(this.#run(change)),
      })
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  // There is one connection: what is asked on it while a transaction is open would belong to it.
  async #untilAlone(): Promise<void> {
    while (this.#transactions !== undefined) await this.#transactions
  }

  #all<Row>(question: Compilable<Row>): Row[] {
    const { sql, parameters } = question.compile()
    return rowsAs<Row>(this.#database.prepare(sql).all(...parameters.map(keptValue)))
  }

  #run(change: Compilable): number {
    const { sql, parameters } = change.compile()
    try {
      return Number(this.#database.prepare(sql).run(...parameters.map(keptValue)).changes)
    } catch (error) {
      if (!isConflict(error)) throw error
      throw new MetadataConflict(error.message, { cause: error })
    }
  }

  /** Waits for transactions that are open. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#untilAlone()
    if (this.#isClosed) return
    this.#isClosed = true
    this.#database.close()
  }
}

/** SQLITE_CONSTRAINT_FOREIGNKEY, _PRIMARYKEY and _UNIQUE (https://www.sqlite.org/rescode.html). */
const CONFLICTS: ReadonlySet<unknown> = new Set([787, 1555, 2067])

function isConflict(error: unknown): error is Error {
  return error instanceof Error && 'errcode' in error && CONFLICTS.has(error.errcode)
}
