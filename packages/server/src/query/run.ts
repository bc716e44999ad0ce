import type { Clock } from '@tidemark/base'
import { compileKql, type Compiled, spreadAnswer } from '@tidemark/kql'
import { type ApiError, azureTables, type QueryResponse, type QueryTable, tables } from '@tidemark/model'
import type { Logger } from 'pino'

import { DATABASE } from '../clickhouse/schema.ts'
import { type RowStore, StoreRefused, StoreUnavailable } from '../ports.ts'
import { answerCell } from './cells.ts'
import type { Preferences } from './prefer.ts'
import { parseTimespan } from './timespan.ts'

/** Rows of one answer at most; a longer one is cut, and says so in `error`. */
export const ROWS_MAX = 500_000
/** How long a query may take, in milliseconds. */
export const QUERY_MS_MAX = 180_000

export interface RunDeps {
  readonly store: RowStore
  readonly clock: Clock
  readonly log: Logger
}

/** A question, and which rows it may see. */
export interface Question {
  readonly query: string
  readonly timespan?: string | undefined
  /** At least one. */
  readonly workspaceIds: readonly string[]
  /** Only rows about these; absent: about all. */
  readonly resourceIds?: readonly string[]
  readonly preferences: Preferences
  readonly signal: AbortSignal
}

/** What a question comes to: tables, or a status with an error. */
export type Answer =
  | { readonly status: 200; readonly body: QueryResponse }
  | { readonly status: number; readonly body: ApiError; readonly retryAfterSeconds?: number }

/** Compiles and runs a question. Rejects where nobody waits any more, and with what is no fault of the question. */
export async function runQuery(deps: RunDeps, question: Question): Promise<Answer> {
  const nowMs = deps.clock.nowMs()
  const timespan = question.timespan === undefined ? undefined : parseTimespan(question.timespan, nowMs)
  if (question.timespan !== undefined && timespan === undefined)
    return failed(400, {
      code: 'BadArgumentError',
      message: `the timespan "${question.timespan}" is none; write P1D, PT1H, start/end, start/duration or duration/end`,
    })
  const compiled = compileKql(question.query, {
    tables,
    emptyTables: azureTables,
    scope: [
      { column: 'TenantId', anyOf: question.workspaceIds },
      ...(question.resourceIds === undefined ? [] : [{ column: '_ResourceId', anyOf: question.resourceIds }]),
    ],
    ...(timespan === undefined ? {} : { timespan }),
    nowMs,
    rowsMax: ROWS_MAX,
    storedAt: (table) => ({ database: DATABASE, table }),
  })
  if (compiled.kind === 'rejected')
    return failed(400, {
      code: 'BadArgumentError',
      message: compiled.problems[0]?.message ?? 'the query has mistakes',
      innererror: { code: compiled.problems[0]?.code ?? 'syntax', problems: compiled.problems },
    })
  return await ask(deps, compiled, question)
}

async function ask(deps: RunDeps, compiled: Compiled, { preferences, signal }: Question): Promise<Answer> {
  const parameters = Object.fromEntries(Object.entries(compiled.parameters).map(([name, { value }]) => [name, value]))
  const timeMsMax = Math.min(QUERY_MS_MAX, preferences.waitMs ?? QUERY_MS_MAX)
  const startedMs = deps.clock.monotonicMs()
  try {
    const rows = await deps.store.select({ sql: compiled.sql, parameters, timeMsMax, signal })
    const tookMs = deps.clock.monotonicMs() - startedMs
    return { status: 200, body: responseOf(compiled, rows, { preferences, tookMs }) }
  } catch (error) {
    return refusalOf(error, { deps, sql: compiled.sql, timeMsMax, signal })
  }
}

function refusalOf(
  error: unknown,
  asked: { readonly deps: RunDeps; readonly sql: string; readonly timeMsMax: number; readonly signal: AbortSignal },
): Answer {
  if (error instanceof StoreUnavailable)
    return { ...failed(503, { code: 'ServiceUnavailable', message: error.message }), retryAfterSeconds: 1 }
  if (asked.signal.aborted || !(error instanceof StoreRefused)) throw error
  asked.deps.log.warn({ error, sql: asked.sql }, 'the store refused a query')
  if (error.fault === 'too-long')
    return failed(504, {
      code: 'GatewayTimeout',
      message: `the query took longer than ${asked.timeMsMax / 1_000} seconds; narrow it with where or a shorter timespan`,
    })
  if (error.fault === 'too-large')
    return failed(400, {
      code: 'ResponseSizeError',
      message: 'the query or its answer needs too much memory; narrow it with where, project, take or summarize',
    })
  return failed(400, {
    code: 'SemanticError',
    message: `the store cannot answer this: ${shortened(error.message)}`,
  })
}

/** An answer that is an error. */
export function failed(status: number, error: ApiError['error']): { readonly status: number; readonly body: ApiError } {
  return { status, body: { error } }
}

function responseOf(
  compiled: Compiled,
  stored: readonly unknown[][],
  { preferences, tookMs }: { readonly preferences: Preferences; readonly tookMs: number },
): QueryResponse {
  const { rowsMax } = compiled
  const { columns, rows } = spreadAnswer(compiled, stored)
  const table = {
    name: 'PrimaryResult',
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: rows.slice(0, rowsMax).map((row) => columns.map(({ type }, index) => answerCell(row[index], type))),
  }
  const message = `the answer has more than ${rowsMax} rows and was cut; narrow it with where, take or summarize`
  return {
    tables: [table],
    ...(preferences.hasStatistics ? { statistics: statisticsOf(table, tookMs) } : {}),
    ...(preferences.hasRender ? { render: { visualization: compiled.render ?? null } } : {}),
    ...(compiled.hints.length > 0 ? { hints: compiled.hints } : {}),
    ...(rows.length > rowsMax ? { error: { code: 'PartialError', message } } : {}),
  }
}

function statisticsOf(table: QueryTable, tookMs: number): NonNullable<QueryResponse['statistics']> {
  const tableSize = JSON.stringify(table.rows).length
  return {
    query: {
      executionTime: tookMs / 1_000,
      datasetStatistics: [{ tableRowCount: table.rows.length, tableSize }],
    },
  }
}

/** ClickHouse's words without its version and its stack. */
function shortened(message: string): string {
  return message
    .replace(/^Query failed: /, '')
    .replace(/\(version [^)]*\)\s*$/, '')
    .slice(0, 1_000)
}
