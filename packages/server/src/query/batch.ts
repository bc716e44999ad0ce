import { queryRequest } from '@tidemark/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { Caller } from '../access/caller.ts'
import { refuse } from '../http/api-error.ts'
import { parsePrefer } from './prefer.ts'
import { type Answer, failed, type RunDeps, runQuery } from './run.ts'
import { type ScopeDeps, workspaceScope } from './scope.ts'

/** Queries of one batch. */
export const BATCH_MAX = 100
/** Queries of one batch that run at a time. */
const AT_A_TIME = 4

const batchShape = z.object({
  requests: z
    .array(
      z.looseObject({
        id: z.string().max(200),
        workspace: z.string(),
        headers: z.record(z.string(), z.string()).nullish(),
        body: z.unknown(),
        path: z.string().optional(),
        method: z.string().optional(),
      }),
    )
    .max(BATCH_MAX),
})
type BatchedRequest = z.infer<typeof batchShape>['requests'][number]

/** `POST /v1/$batch`: several queries, answered in their order, each with a status of its own. */
export async function answerBatch(
  deps: RunDeps & ScopeDeps,
  caller: Caller,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const read = batchShape.safeParse(request.body)
  if (!read.success)
    return refuse(reply, 400, {
      code: 'BadArgumentError',
      message: `a batch has {"requests": [{"id", "workspace", "body": {"query"}, "path": "/query", "method": "POST"}]}, at most ${BATCH_MAX}`,
    })
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  try {
    const { requests } = read.data
    const responses: object[] = []
    for (let from = 0; from < requests.length; from += AT_A_TIME)
      responses.push(
        ...(await Promise.all(
          requests.slice(from, from + AT_A_TIME).map(async (one) => {
            const { status, body } = await answerOne(deps, caller, { one, signal: gone.signal })
            return { id: one.id, status, headers: {}, body }
          }),
        )),
      )
    return await reply.send({ responses })
  } catch (error) {
    if (gone.signal.aborted) return reply
    throw error
  }
}

async function answerOne(
  deps: RunDeps & ScopeDeps,
  caller: Caller,
  { one, signal }: { readonly one: BatchedRequest; readonly signal: AbortSignal },
): Promise<Answer> {
  const isQuery = (one.path ?? '/query') === '/query' && (one.method ?? 'POST').toUpperCase() === 'POST'
  if (!isQuery) return failed(400, { code: 'BadArgumentError', message: 'a batch takes POST /query only' })
  const read = queryRequest.safeParse(one.body)
  if (!read.success) return failed(400, { code: 'BadArgumentError', message: 'the body must be {"query": "…"}' })
  const { query, timespan, workspaces = [] } = read.data
  const scope = await workspaceScope(deps, caller, [one.workspace, ...workspaces])
  if ('status' in scope) return scope
  const prefer = Object.entries(one.headers ?? {}).find(([name]) => name.toLowerCase() === 'prefer')?.[1]
  return await runQuery(deps, { query, timespan, ...scope, preferences: parsePrefer(prefer), signal })
}
