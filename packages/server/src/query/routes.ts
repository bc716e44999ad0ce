import { queryRequest } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import type { Caller } from '../access/caller.ts'
import type { Right } from '../access/rights.ts'
import { refuse } from '../http/api-error.ts'
import { answerBatch } from './batch.ts'
import { type Answer, type RunDeps, runQuery } from './run.ts'
import { type NoScope, type QueryScope, resourceScope, type ScopeDeps, workspaceScope } from './scope.ts'
import { parsePrefer } from './prefer.ts'
import { formatAsked, sendFormatted } from './formats/formats.ts'

export interface QueryDeps extends RunDeps, ScopeDeps {
  readonly callerOf: (request: FastifyRequest) => Caller | undefined
}

const reading = { config: { access: 'read' satisfies Right } } as const

/** KQL in, tables out: of a workspace, of a resource, and several at once (protocol: Logs query). */
export function queryRoutes(app: FastifyInstance, deps: QueryDeps): void {
  app.post<{ Params: { id: string } }>('/v1/workspaces/:id/query', reading, async (request, reply) =>
    answer(
      deps,
      { request, reply },
      async (caller, more) => await workspaceScope(deps, caller, [request.params.id, ...more]),
    ),
  )
  app.post('/v1/subscriptions/*', reading, async (request, reply) => {
    const resourceId = queriedResource(request.url)
    if (resourceId === undefined)
      return refuse(reply, 404, { code: 'PathNotFoundError', message: `nothing is at ${request.url}` })
    return await answer(deps, { request, reply }, async (caller, more) => {
      const scope = await resourceScope(deps, caller, resourceId)
      if ('status' in scope || more.length === 0) return scope
      const others = await workspaceScope(deps, caller, more)
      return 'status' in others ? others : { ...scope, workspaceIds: [...scope.workspaceIds, ...others.workspaceIds] }
    })
  })
  app.post('/v1/$batch', reading, async (request, reply) => {
    const caller = deps.callerOf(request)
    if (caller === undefined) return refuse(reply, 401, { code: 'AuthenticationFailed', message: 'nobody asks' })
    return await answerBatch(deps, caller, { request, reply })
  })
}

type FindScope = (caller: Caller, additional: readonly string[]) => Promise<QueryScope | NoScope>

async function answer(
  deps: QueryDeps,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  findScope: FindScope,
): Promise<FastifyReply> {
  const caller = deps.callerOf(request)
  const read = queryRequest.safeParse(request.body)
  const format = formatAsked(request)
  if (format === undefined)
    return refuse(reply, 406, {
      code: 'NotAcceptable',
      message: 'answers are json, csv, ndjson or arrow: say Accept, or ?format=',
    })
  if (!read.success || caller === undefined)
    return refuse(reply, 400, {
      code: 'BadArgumentError',
      message: 'the body must be {"query": "…", "timespan"?: "…"}',
    })
  const scope = await findScope(caller, read.data.workspaces ?? [])
  if ('status' in scope) return send(reply, scope)
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const { prefer } = request.headers
  const preferences = parsePrefer(Array.isArray(prefer) ? prefer.join(',') : prefer)
  try {
    const { query, timespan } = read.data
    const answered = await runQuery(deps, { query, timespan, ...scope, preferences, signal: gone.signal })
    const [table] = 'tables' in answered.body ? answered.body.tables : []
    if (table === undefined || format === 'json') return send(reply, answered)
    return await sendFormatted(reply, format, table, 'error' in answered.body)
  } catch (error) {
    // Whoever asked has gone: nobody reads what is sent now.
    if (gone.signal.aborted) return reply
    throw error
  }
}

function send(reply: FastifyReply, { status, body, ...more }: Answer | NoScope): FastifyReply {
  if ('retryAfterSeconds' in more && more.retryAfterSeconds !== undefined)
    reply.header('retry-after', String(more.retryAfterSeconds))
  return reply.code(status).send(body)
}

/** The resource in `/v1/{resourceId}/query`; clients may write a double slash before it. */
function queriedResource(url: string): string | undefined {
  try {
    const segments = (url.split('?')[0] ?? '').split('/').filter(Boolean).map(decodeURIComponent)
    if (segments[0] !== 'v1' || segments.at(-1)?.toLowerCase() !== 'query') return undefined
    return `/${segments.slice(1, -1).join('/')}`
  } catch {
    return undefined
  }
}
