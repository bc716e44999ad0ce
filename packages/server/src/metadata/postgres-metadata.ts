import { backoffMs, chance, type Clock, newUuid } from '@tidemark/base'
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import pg from 'pg'
import type { Logger } from 'pino'

import { StoreUnavailable } from '../ports.ts'
import { ServerError } from '../server-error.ts'
import { keptValue, type Metadata, MetadataConflict, type MetadataSession, rowsAs } from './metadata.ts'
import { isAway, isConflict, isInTheWay, isMarked, wordsOf } from './postgres-faults.ts'
import { postgresMigrations } from './postgres-schema.ts'
import type { MetadataTables } from './schema.ts'

/** Connections of one server. */
export const CONNECTIONS_MAX = 8
/** How long a request waits for a database that is away, or for others that are in the way, in milliseconds. */
export const PATIENCE_MS = 10_000
const CONNECT_MS_MAX = 5_000
/** How long the database may take for one statement, in milliseconds. */
const STATEMENT_MS_MAX = 30_000
/** Any number, the same for all servers: who migrates keeps the others waiting (PostgreSQL, 13.3.5: advisory locks). */
const MIGRATION_LOCK = 8_437_001
const RETRY = { firstMs: 20, delayMsMax: 1_000 }

// 64-bit integers come as text, because some are too large for a number; ours are milliseconds, sizes and counts.
const INT8 = 20
const ownTypes = new pg.TypeOverrides()
ownTypes.setTypeParser(INT8, Number)

export interface PostgresOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Takes the place of `PATIENCE_MS`. */
  readonly patienceMs?: number
}

type Isolation = 'READ COMMITTED' | 'SERIALIZABLE'

/** Changes of one server between two looks for marks that nobody needs any more. */
const CHANGES_BETWEEN_SWEEPS = 1_000
// Far longer than anybody is patient.
const SWEEP = "DELETE FROM tidemark_change WHERE made_at < now() - interval '1 hour'"

function mark(id: string): string {
  return `INSERT INTO tidemark_change (id) VALUES ('${id}')`
}

/**
 * The metadata that several servers share, in PostgreSQL 13 or later. Each change leaves a mark of its own in its transaction:
 * where the connection is lost while it is committed, it is made again under the same mark, which waits for what became of the
 * first one and fails where that was made. (`pg_xact_status` would not do: a number that a crash loses is given out again.)
 */
export class PostgresMetadata implements Metadata {
  readonly build: Kysely<MetadataTables>
  readonly #pool: pg.Pool
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #underWay = new Set<Promise<unknown>>()
  #changes = 0
  #ending: Promise<void> | undefined

  private constructor(url: string, { clock, log, patienceMs = PATIENCE_MS }: PostgresOptions) {
    this.#clock = clock
    this.#patienceMs = patienceMs
    this.build = new Kysely<MetadataTables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (database) => new PostgresIntrospector(database),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    })
    this.#pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS_MAX,
      connectionTimeoutMillis: CONNECT_MS_MAX,
      statement_timeout: STATEMENT_MS_MAX,
      application_name: 'tidemark',
      types: ownTypes,
    })
    this.#pool.on('error', (error) => log.warn({ reason: wordsOf(error) }, 'a connection to PostgreSQL was lost'))
  }

  /** Brings the database to the present schema, while other servers wait. Throws `ServerError` `state-unusable`. */
  static async open(url: string, options: PostgresOptions): Promise<PostgresMetadata> {
    const metadata = new PostgresMetadata(url, options)
    try {
      await metadata.#migrate()
      return metadata
    } catch (cause) {
      await metadata[Symbol.asyncDispose]()
      throw new ServerError('state-unusable', `the database of the metadata cannot be used: ${wordsOf(cause)}`, {
        cause,
      })
    }
  }

  async #migrate(): Promise<void> {
    await this.#patiently(async () => {
      await this.#transaction('BEGIN', async (client) => {
        await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
        await client.query('CREATE TABLE IF NOT EXISTS tidemark_schema (version integer NOT NULL)')
        const { rows } = await client.query<{ version: number }>('SELECT version FROM tidemark_schema')
        const present = rows[0]?.version ?? 0
        const known = postgresMigrations.length
        if (present > known)
          throw new Error(`it was written by a later version of Tidemark (schema ${present}, known up to ${known})`)
        for (const step of postgresMigrations.slice(present)) await client.query(step)
        await client.query(SWEEP)
        await client.query('DELETE FROM tidemark_schema')
        await client.query('INSERT INTO tidemark_schema VALUES ($1)', [known])
      })
    })
  }

  async all<Row>(question: Compilable<Row>): Promise<Row[]> {
    return await this.#patiently(async () => await allOf(this.#pool, question))
  }

  async first<Row>(question: Compilable<Row>): Promise<Row | undefined> {
    return (await this.all(question))[0]
  }

  async run(change: Compilable): Promise<number> {
    return await this.#change('READ COMMITTED', async (client) => await runOn(client, change))
  }

  async together<T>(work: (within: MetadataSession) => Promise<T>): Promise<T> {
    return await this.#change(
      'SERIALIZABLE',
      async (client) =>
        await work({
          build: this.build,
          all: async (question) => await allOf(client, question),
          first: async (question) => (await allOf(client, question))[0],
          run: async (change) => await runOn(client, change),
        }),
    )
  }

  /** Does it again while the database is away or another one is in the way: neither has changed anything then. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const working = this.#again(work)
    this.#underWay.add(working)
    try {
      return await working
    } finally {
      this.#underWay.delete(working)
    }
  }

  async #again<T>(work: () => Promise<T>): Promise<T> {
    const endMs = this.#clock.monotonicMs() + this.#patienceMs
    for (let failures = 0; ; failures += 1)
      try {
        return await work()
      } catch (error) {
        if (!isAway(error) && !isInTheWay(error)) throw error
        if (this.#clock.monotonicMs() >= endMs)
          throw new StoreUnavailable(`the database of the metadata is away: ${wordsOf(error)}`, { cause: error })
        await this.#clock.sleep(backoffMs(failures, RETRY, chance))
      }
  }

  async #change<T>(isolation: Isolation, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    this.#changes += 1
    if (this.#changes % CHANGES_BETWEEN_SWEEPS === 0) await this.#pool.query(SWEEP).catch(() => undefined)
    // The same at every try: whether one whose COMMIT was not answered was made, the next try learns from its mark.
    const id = newUuid()
    let made: { readonly result: T } | undefined
    return await this.#patiently(async () => {
      const before = made
      try {
        return await this.#transaction(`BEGIN ISOLATION LEVEL ${isolation}; ${mark(id)}`, async (client) => {
          const result = await work(client)
          made = { result }
          return result
        })
      } catch (error) {
        if (before !== undefined && isMarked(error)) return before.result
        throw error
      }
    })
  }

  async #transaction<T>(begin: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    let broken: Error | undefined
    const onError = (error: Error): void => void (broken = error)
    client.on('error', onError)
    try {
      await client.query(begin)
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      broken ??= isAway(error) && error instanceof Error ? error : undefined
      if (broken === undefined) await client.query('ROLLBACK').catch((rolled: Error) => void (broken = rolled))
      throw error
    } finally {
      client.off('error', onError)
      client.release(broken)
    }
  }

  /** Lets what is under way end. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end()
    await this.#ending
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    await this.#pool.end()
  }
}

type Asked = pg.Pool | pg.PoolClient

async function allOf<Row>(on: Asked, question: Compilable<Row>): Promise<Row[]> {
  const { sql, parameters } = question.compile()
  return rowsAs<Row>((await on.query(sql, parameters.map(keptValue))).rows)
}

async function runOn(on: Asked, change: Compilable): Promise<number> {
  const { sql, parameters } = change.compile()
  try {
    return (await on.query(sql, parameters.map(keptValue))).rowCount ?? 0
  } catch (error) {
    if (!isConflict(error)) throw error
    throw new MetadataConflict(wordsOf(error), { cause: error })
  }
}
