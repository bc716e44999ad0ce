import { mkdirSync } from 'node:fs'

import { Session } from 'chdb'

import type { StoreMessage, StoreRequest } from './messages.ts'
import { DATABASE, schemaStatements } from './schema.ts'

/**
 * The process that holds chDB: ClickHouse as a library, one process on one path. Its parent's first request tells the
 * folder. It writes one request after the other, reads beside them, and ends when its parent is gone.
 */
function main(): void {
  process.once('message', (request: StoreRequest) => {
    if (request.kind !== 'open') return end()
    try {
      serve(openSession(request.folder))
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

function openSession(folder: string): Session {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const session = new Session(folder)
  for (const statement of schemaStatements()) session.query(statement)
  // The parser asks the session, not the query, how long a query may be.
  session.query(`SET max_query_size = ${SQL_BYTES_MAX}`)
  return session
}

function serve(session: Session): void {
  let writing: Promise<unknown> = Promise.resolve()
  process.on('message', (request: StoreRequest) => {
    if (request.kind === 'insert')
      writing = writing.then(async () => await answer(request, async () => await insert(session, request)))
    else if (request.kind === 'select') answer(request, async () => await select(session, request)).catch(end)
  })
  tell({ kind: 'ready' })
}

function end(): void {
  process.exit(0)
}

async function insert(session: Session, request: Extract<StoreRequest, { kind: 'insert' }>): Promise<string> {
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
  return ''
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
