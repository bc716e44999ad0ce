import { mkdirSync, writeFileSync } from 'node:fs'

import { Session } from 'chdb'

import { catchUpStatement, derived, REMADE } from './derived.ts'
import { ItemCounts } from './item-counts.ts'
import { DATABASE } from './layout.ts'
import type { StoreMessage, StoreRequest } from './messages.ts'
import { bringUpToDate, type OpeningStore } from './migrate.ts'
import { RETENTION_QUESTION, retentionStatements } from './retention.ts'

/**
 * The process that holds chDB: ClickHouse as a library, one process on one path. Its parent's first request tells the
 * folder. It writes one request after the other, reads beside them, and ends when its parent is gone.
 */
function main(): void {
  process.once('message', (request: StoreRequest) => {
    if (request.kind !== 'open') return end()
    try {
      serve(openSession(request))
    } catch (error) {
      tell({ kind: 'failed-to-open', reason: error instanceof Error ? error.message : String(error) })
      process.exitCode = 3
      process.disconnect()
    }
  })
  process.on('disconnect', end)
  // A Ctrl-C reaches the whole group: the parent says when it is time.
  process.on('SIGINT', () => undefined)
}

/** What only a configuration file can say; the names of its settings are ClickHouse's. */
function configurationText(memoryBytesMax: number): string {
  return [
    '<clickhouse>',
    `<max_server_memory_usage>${memoryBytesMax}</max_server_memory_usage>`,
    `<mark_cache_size>${Math.trunc(memoryBytesMax / 8)}</mark_cache_size>`,
    // Only this program's own statements name files; queries of people cannot (decision 0028).
    '<backups><allowed_path>/</allowed_path></backups>',
    '</clickhouse>',
  ].join('\n')
}

function openSession({ folder, memoryBytesMax, restoreFrom }: Extract<StoreRequest, { kind: 'open' }>): Session {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const configuration = `${folder}.xml`
  writeFileSync(configuration, configurationText(memoryBytesMax), { mode: 0o600 })
  const session = new Session(folder, { connectionArgs: [`--config-file=${configuration}`] })
  if (restoreFrom !== undefined) session.query(`RESTORE DATABASE ${DATABASE} FROM File('${sqlText(restoreFrom)}')`)
  bringUpToDate(openingStore(session), (step) => tell({ kind: 'opening', step }))
  // The parser asks the session, not the query, how long a query may be.
  session.query(`SET max_query_size = ${SQL_BYTES_MAX}`)
  return session
}

function openingStore(session: Session): OpeningStore {
  return {
    run: (sql) => void session.query(sql),
    rows: (sql) => {
      const lines = session.query(sql, 'JSONCompactStringsEachRow').split('\n').filter(Boolean)
      return lines.map((line): string[] => JSON.parse(line))
    },
  }
}

function sqlText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}

function serve(session: Session): void {
  const items = new ItemCounts(async (sql) => void (await session.queryBindAsync(sql, {})))
  let isTorn = false
  let writing: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<unknown>): void => void (writing = writing.then(work))
  process.on('message', (request: StoreRequest) => {
    if (request.kind === 'insert')
      inTurn(async () => {
        await answer(request, async () => {
          // An insert that failed half-way may have its rows and not what is derived from them.
          if (isTorn) for (const one of derived) await session.queryBindAsync(catchUpStatement(one), {})
          isTorn = true
          await insert(session, request)
          isTorn = false
          if (request.table === 'ConfigurationData') items.changed()
          return ''
        })
      })
    else if (request.kind === 'retain')
      inTurn(async () => {
        await answer(request, async () => {
          const present = openingStore(session).rows(RETENTION_QUESTION)
          for (const sql of retentionStatements(request.days, present)) await session.queryBindAsync(sql, {})
          return ''
        })
      })
    else if (request.kind === 'backup')
      answer(request, async () => {
        await session.queryBindAsync(
          `BACKUP DATABASE ${DATABASE} EXCEPT TABLES ${REMADE.join(', ')} TO File('${sqlText(request.folder)}')`,
          {},
        )
        return ''
      }).catch(end)
    else if (request.kind === 'select')
      answer(request, async () => {
        if (request.sql.includes('TidemarkItem')) await items.broughtUp()
        return await select(session, request)
      }).catch(end)
  })
  tell({ kind: 'ready' })
}

function end(): void {
  process.exit(0)
}

async function insert(session: Session, request: Extract<StoreRequest, { kind: 'insert' }>): Promise<void> {
  await session.insert({
    table: `${DATABASE}.${request.table}`,
    values: Buffer.from(request.lines),
    // Half the work of rows as objects, where most of a table's many columns are empty.
    ...(request.columns === undefined
      ? { format: 'JSONEachRow' }
      : { format: 'JSONCompactEachRow', columns: request.columns }),
    settings: {
      ...(request.token === '' ? { insert_deduplicate: 0 } : { insert_deduplication_token: request.token }),
      date_time_input_format: 'best_effort',
      input_format_null_as_default: 1,
      input_format_skip_unknown_fields: 0,
      // One block for one batch: tokens are per block.
      max_insert_block_size: 1_048_576,
      min_insert_block_size_rows: 1_048_576,
      input_format_parallel_parsing: 0,
      // Rows of many months may come at once; tokens count for each month's part.
      max_partitions_per_insert_block: 0,
    },
  })
}

/** Bytes of one statement: above what a query may become (kql's SQL_CHARS_MAX) with its values put in. */
const SQL_BYTES_MAX = 8_000_000

/** Bytes of an answer, both as columns and as text. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024

const READ_SETTINGS = [
  'readonly = 1',
  "date_time_output_format = 'iso'",
  'output_format_json_quote_64bit_integers = 0',
  'output_format_json_quote_denormals = 1',
  'join_use_nulls = 1',
  'max_memory_usage = 2000000000',
  // What SQL of the longest kind has: a million characters.
  'max_ast_elements = 500000',
  'max_expanded_ast_elements = 2000000',
  `max_result_bytes = ${ANSWER_BYTES_MAX}`,
].join(', ')

async function select(session: Session, request: Extract<StoreRequest, { kind: 'select' }>): Promise<string> {
  const seconds = Math.max(1, Math.ceil(request.timeMsMax / 1_000))
  const sql = `${request.sql} SETTINGS ${READ_SETTINGS}, max_execution_time = ${seconds}`
  const result = await session.queryBindAsync(sql, request.parameters, { format: 'JSONCompactEachRow' })
  if (result.bytes().byteLength > ANSWER_BYTES_MAX) throw new AnswerTooLarge()
  return result.text()
}

class AnswerTooLarge extends Error {
  /** TOO_MANY_ROWS_OR_BYTES */
  readonly clickhouseCode = 396
  override readonly message = `the answer has more than ${ANSWER_BYTES_MAX} bytes`
}

async function answer(request: StoreRequest, work: () => Promise<string>): Promise<void> {
  try {
    tell({ kind: 'done', id: request.id, rows: await work() })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    tell({ kind: 'refused', id: request.id, reason, code: codeOf(error) })
  }
}

/** ClickHouse's number, 0 where chDB does not say one. */
function codeOf(error: unknown): number {
  const isNumbered = error instanceof Error && 'clickhouseCode' in error && typeof error.clickhouseCode === 'number'
  return isNumbered ? Number(error.clickhouseCode) : 0
}

function tell(message: StoreMessage): void {
  process.send?.(message)
}

main()
