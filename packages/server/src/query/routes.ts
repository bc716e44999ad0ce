import type { Clock } from '@tidemark/base'
import { compileKql, type Compiled, spreadAnswer } from '@tidemark/kql'
import { queryRequest, type QueryResponse, tables } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, preHandlerAsyncHookHandler } from 'fastify'
import type { Logger } from 'pino'

import { DATABASE } from '../clickhouse/schema.ts'
import { refuse } from '../http/api-error.ts'
import { type RowStore, StoreRefused, StoreUnavailable } from '../ports.ts'
import { answerCell } from './cells.ts'
import { parseTimespan } from './timespan.ts'

/** Rows of one answer at most; a longer one is cut, and says so in `error`. */
export const ROWS_MAX = 500_000
/** How long a query may take, in milliseconds. */
export const QUERY_MS_MAX = 180_000

export interface QueryDeps {
  readonly store: RowStore
  readonly clock: Clock
  readonly log: Logger
  readonly workspaceId: string
  /** Lets in who may read. */
  readonly mayRead: preHandlerAsyncHookHandler
}

/** `POST /v1/workspaces/{id}/query`: KQL in, tables out. */
export function queryRoutes(app: FastifyInstance, deps: QueryDeps): void {
  app.post<{ Params: { id: string } }>(
    '/v1/workspaces/:id/query',
    { preHandler: deps.mayRead },
    async (request, reply) => {
      if (request.params.id !== deps.workspaceId)
        return refuse(reply, 404, {
          code: 'WorkspaceNotFoundError',
          message: `there is no workspace ${request.params.id}`,
        })
      const read = queryRequest.safeParse(request.body)
      if (!read.success)
        return refuse(reply, 400, {
          code: 'BadArgumentError',
          message: 'the body must be {"query": "…", "timespan"?: "…"}',
        })
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      return await answer(deps, read.data, { reply, signal: gone.signal })
    },
  )
}

async function answer(
  deps: QueryDeps,
  asked: { readonly query: string; readonly timespan?: string | undefined },
  { reply, signal }: { readonly reply: FastifyReply; readonly signal: AbortSignal },
): Promise<FastifyReply> {
  const nowMs = deps.clock.nowMs()
  const timespan = asked.timespan === undefined ? undefined : parseTimespan(asked.timespan, nowMs)
  if (asked.timespan !== undefined && timespan === undefined)
    return refuse(reply, 400, {
      code: 'BadArgumentError',
      message: `the timespan "${asked.timespan}" is none; write P1D, PT1H, start/end, start/duration or duration/end`,
    })
  const compiled = compileKql(asked.query, {
    tables,
    scope: [{ column: 'TenantId', anyOf: [deps.workspaceId] }],
    ...(timespan === undefined ? {} : { timespan }),
    nowMs,
    rowsMax: ROWS_MAX,
    storedAt: (table) => ({ database: DATABASE, table }),
  })
  if (compiled.kind === 'rejected')
    return refuse(reply, 400, {
      code: 'BadArgumentError',
      message: compiled.problems[0]?.message ?? 'the query has mistakes',
      innererror: { code: compiled.problems[0]?.code ?? 'syntax', problems: compiled.problems },
    })
  return await run(deps, compiled, { reply, signal })
}

async function run(
  deps: QueryDeps,
  compiled: Compiled,
  { reply, signal }: { readonly reply: FastifyReply; readonly signal: AbortSignal },
): Promise<FastifyReply> {
  const parameters = Object.fromEntries(Object.entries(compiled.parameters).map(([name, { value }]) => [name, value]))
  try {
    const rows = await deps.store.select({ sql: compiled.sql, parameters, timeMsMax: QUERY_MS_MAX, signal })
    return await reply.send(responseOf(compiled, rows))
  } catch (error) {
    if (error instanceof StoreUnavailable) {
      reply.header('retry-after', '1')
      return refuse(reply, 503, { code: 'ServiceUnavailable', message: error.message })
    }
    // Whoever asked has gone: nobody reads what is sent now.
    if (signal.aborted) return reply
    if (!(error instanceof StoreRefused)) throw error
    deps.log.warn({ error, sql: compiled.sql }, 'the store refused a query')
    if (error.fault === 'too-long')
      return refuse(reply, 504, {
        code: 'GatewayTimeout',
        message: `the query took longer than ${QUERY_MS_MAX / 1_000} seconds; narrow it with where or a shorter timespan`,
      })
    if (error.fault === 'too-large')
      return refuse(reply, 400, {
        code: 'ResponseSizeError',
        message: 'the query or its answer needs too much memory; narrow it with where, project, take or summarize',
      })
    return refuse(reply, 400, {
      code: 'SemanticError',
      message: `the store cannot answer this: ${shortened(error.message)}`,
    })
  }
}

function responseOf(compiled: Compiled, stored: readonly unknown[][]): QueryResponse {
  const { rowsMax } = compiled
  const { columns, rows } = spreadAnswer(compiled, stored)
  const table = {
    name: 'PrimaryResult',
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: rows.slice(0, rowsMax).map((row) => columns.map(({ type }, index) => answerCell(row[index], type))),
  }
  if (rows.length <= rowsMax) return { tables: [table] }
  const message = `the answer has more than ${rowsMax} rows and was cut; narrow it with where, take or summarize`
  return { tables: [table], error: { code: 'PartialError', message } }
}

/** ClickHouse's words without its version and its stack. */
function shortened(message: string): string {
  return message
    .replace(/^Query failed: /, '')
    .replace(/\(version [^)]*\)\s*$/, '')
    .slice(0, 1_000)
}
