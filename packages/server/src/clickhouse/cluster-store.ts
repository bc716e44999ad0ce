import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

import { type Insert, type OpenedRowStore, type Select, StoreRefused, StoreUnavailable } from '../ports.ts'
import { ServerError } from '../server-error.ts'
import { clusterStatements } from './cluster-schema.ts'
import { faultOf } from './faults.ts'
import type { ClusterPlace } from './row-store-place.ts'
import { DATABASE } from './schema.ts'

/**
 * How long an insert may take, in milliseconds. What is under way when a server loses its lease is over before another one
 * begins (cluster/lease.ts).
 */
export const INSERT_MS_MAX = 10_000
/** How long the servers of a cluster may take for one statement of the schema, in milliseconds. */
const SCHEMA_MS_MAX = 180_000
/** How often it is looked whether the cluster is there, in milliseconds. */
const LOOK_MS = 5_000
const CONNECTIONS_MAX = 64

const INSERT_SETTINGS = {
  date_time_input_format: 'best_effort',
  input_format_null_as_default: 1,
  input_format_skip_unknown_fields: 0,
  max_insert_block_size: '1048576',
  min_insert_block_size_rows: '1048576',
  input_format_parallel_parsing: 0,
  max_partitions_per_insert_block: '0',
  // Answered when the shards have the rows, and not when a queue has them.
  insert_distributed_sync: 1,
  insert_quorum_parallel: 0,
  insert_quorum_timeout: INSERT_MS_MAX,
  async_insert: 0,
  max_execution_time: INSERT_MS_MAX / 1_000,
} as const

const READ_SETTINGS = {
  readonly: '1',
  date_time_output_format: 'iso',
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 0,
  join_use_nulls: 1,
  max_memory_usage: '2000000000',
  max_result_bytes: String(256 * 1024 * 1024),
} as const

/** Rows in a ClickHouse cluster, over HTTP. One server of it answers; where that is away, the next one does. */
export class ClusterStore implements OpenedRowStore {
  /** A part that too few replicas have is hidden until more have it: asking would tell that it was never stored. */
  readonly repeatsInserts = true
  readonly #clients: readonly ClickHouseClient[]
  readonly #place: ClusterPlace
  readonly #clock: Clock
  readonly #stop = new AbortController()
  #preferred = 0
  #isReady = false
  #looking: Promise<void> = Promise.resolve()

  private constructor(place: ClusterPlace, clock: Clock) {
    this.#place = place
    this.#clock = clock
    this.#clients = place.servers.map((url) =>
      createClient({
        url,
        username: place.username,
        password: place.password,
        application: 'tidemark',
        // It writes addresses and settings to the standard error by itself.
        log: { level: ClickHouseLogLevel.OFF },
        max_open_connections: CONNECTIONS_MAX,
        request_timeout: SCHEMA_MS_MAX,
        keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
      }),
    )
  }

  /** Brings the cluster to the present schema. Throws `ServerError` `store-failed`. */
  static async open(
    place: ClusterPlace,
    { clock, log }: { readonly clock: Clock; readonly log: Logger },
  ): Promise<ClusterStore> {
    const store = new ClusterStore(place, clock)
    try {
      for (const sql of clusterStatements(place.cluster)) await store.#command(sql)
      store.#isReady = true
      store.#looking = store.#keepLooking(log)
      return store
    } catch (cause) {
      await store[Symbol.asyncDispose]()
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new ServerError('store-failed', `the cluster ${place.servers.join(', ')} cannot be used: ${why}`, { cause })
    }
  }

  /** Whether any server of it answered lately. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Goes to one server and no other: whether rows of one that was lost on the way are stored, the committer asks. */
  async insert({ table, columns, token, lines }: Insert): Promise<void> {
    const { quorum } = this.#place
    const names = columns?.map((name) => `\`${name}\``).join(', ')
    const format = names === undefined ? 'FORMAT JSONEachRow' : `(${names}) FORMAT JSONCompactEachRow`
    await this.#anywhere('never-sent', async (client) => {
      const { stream } = await client.exec({
        query: `INSERT INTO ${DATABASE}.\`${table}\` ${format}`,
        values: Readable.from([Buffer.from(lines)], { objectMode: false }),
        abort_signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(INSERT_MS_MAX)]),
        clickhouse_settings: {
          ...INSERT_SETTINGS,
          insert_quorum: String(quorum),
          ...(token === '' ? { insert_deduplicate: 0 } : { insert_deduplicate: 1, insert_deduplication_token: token }),
        },
      })
      await text(stream)
    })
  }

  async select({ sql, parameters, timeMsMax, isExact, signal }: Select): Promise<unknown[][]> {
    signal?.throwIfAborted()
    return await this.#anywhere('any', async (client) => {
      const result = await client.query({
        query: sql,
        query_params: { ...parameters },
        format: 'JSONCompactEachRow',
        abort_signal: AbortSignal.any([this.#stop.signal, ...(signal ? [signal] : [])]),
        clickhouse_settings: {
          ...READ_SETTINGS,
          max_execution_time: Math.max(1, Math.ceil(timeMsMax / 1_000)),
          ...(isExact === true ? { select_sequential_consistency: '1' } : {}),
        },
      })
      return (await result.text())
        .split('\n')
        .filter(Boolean)
        .map((line): unknown[] => JSON.parse(line))
    })
  }

  async #command(query: string): Promise<void> {
    await this.#anywhere('any', async (client) => {
      await client.command({
        query,
        clickhouse_settings: { distributed_ddl_task_timeout: String(SCHEMA_MS_MAX / 1_000) },
      })
    })
  }

  /** Asks the server that answered last, then the others where that is away; `never-sent` only where it got nothing of it. */
  async #anywhere<T>(again: 'any' | 'never-sent', ask: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    let lost: unknown
    for (let tries = 0; tries < this.#clients.length; tries += 1) {
      const index = (this.#preferred + tries) % this.#clients.length
      const client = this.#clients[index]
      if (client === undefined) break
      try {
        const answer = await ask(client)
        this.#preferred = index
        this.#isReady = true
        return answer
      } catch (error) {
        if (error instanceof ClickHouseError && !isAwayCode(Number(error.code)))
          throw new StoreRefused(error.message, faultOf(Number(error.code)))
        lost = error
        if (again === 'never-sent' && !wasNeverSent(error)) break
      }
    }
    this.#isReady = false
    throw new StoreUnavailable(`the cluster is away: ${lost instanceof Error ? lost.message : String(lost)}`, {
      cause: lost,
    })
  }

  async #keepLooking(log: Logger): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      const wasReady = this.#isReady
      await this.select({ sql: 'SELECT 1', parameters: {}, timeMsMax: LOOK_MS, signal }).catch(() => undefined)
      if (wasReady !== this.#isReady) log.warn({ isReady: this.#isReady }, 'the cluster of the rows came or went')
    }
  }

  /** Ends what is under way. Safe to call twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#looking
    await Promise.all(this.#clients.map(async (client) => await client.close()))
  }
}

// Numbers of ClickHouse's src/Common/ErrorCodes.cpp: NO_ZOOKEEPER, NETWORK_ERROR, SOCKET_TIMEOUT, TABLE_IS_READ_ONLY, TOO_FEW_LIVE_REPLICAS,
// UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE, UNKNOWN_STATUS_OF_INSERT, ALL_CONNECTION_TRIES_FAILED, REPLICA_IS_NOT_IN_QUORUM,
// TOO_MANY_PARTS, TOO_MANY_SIMULTANEOUS_QUERIES, KEEPER_EXCEPTION, ABORTED.
const AWAY_CODES: ReadonlySet<number> = new Set([225, 210, 209, 242, 285, 286, 319, 279, 289, 252, 202, 999, 236])

function isAwayCode(code: number): boolean {
  return AWAY_CODES.has(code)
}

function wasNeverSent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EHOSTUNREACH'
}
