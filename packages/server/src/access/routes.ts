import type { Clock } from '@tidemark/base'
import { type ApiTokenAnswer, apiTokenRequest, workspaceRequest } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { refuse } from '../http/api-error.ts'
import { API_TOKENS_MAX } from './api-tokens.ts'
import type { People } from './people.ts'
import { scopes } from './rights.ts'
import { type Workspaces, WORKSPACES_MAX } from './workspaces.ts'

export interface AccessDeps {
  readonly people: People
  readonly workspaces: Workspaces
  readonly clock: Clock
}

/** API tokens: made, listed, revoked; and workspaces: made and listed. */
export function accessRoutes(app: FastifyInstance, deps: AccessDeps): void {
  const { people, workspaces } = deps
  const changing = { preHandler: people.requires('access:write') }
  app.get('/api/tokens', changing, async () => ({ tokens: await people.apiTokens.list() }))
  app.post('/api/tokens', changing, async (request, reply) => createToken(deps, request, reply))
  app.delete<{ Params: { id: string } }>('/api/tokens/:id', changing, async (request, reply) => {
    if (await people.apiTokens.revoke(request.params.id)) return reply.code(204).send()
    return refuse(reply, 404, { code: 'TokenNotFound', message: `there is no token ${request.params.id}` })
  })
  const reading = { preHandler: people.requires('read') }
  app.get('/api/workspaces', reading, async (request, reply) => {
    const seen = people.callerOf(request)?.workspaces
    const all = await workspaces.list()
    return await reply.send({ workspaces: all.filter(({ id }) => seen === undefined || seen.includes(id)) })
  })
  app.post('/api/workspaces', changing, async (request, reply) => createWorkspace(workspaces, request, reply))
}

async function createToken(deps: AccessDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { people, workspaces, clock } = deps
  const read = apiTokenRequest.safeParse(request.body)
  if (!read.success)
    return wrong(reply, 'a token has {"name": "…", "scopes": ["read"], "workspaces"?: […], "expiresAt"?: "ISO 8601"}')
  const { name, expiresAt } = read.data
  const unknown = read.data.scopes.find((scope) => !scopes.includes(scope))
  if (unknown !== undefined) return wrong(reply, `there is no scope ${unknown}; known: ${scopes.join(', ')}`)
  const asked = read.data.workspaces ?? []
  const find = await workspaces.finder()
  const missing = asked.find((one) => find(one) === undefined)
  if (missing !== undefined) return wrong(reply, `there is no workspace ${missing}`)
  const ids = [...new Set(asked.flatMap((one) => find(one) ?? []))]
  if (ids.length > 0 && read.data.scopes.includes('admin'))
    return wrong(reply, 'the scope admin is for every workspace; leave workspaces out, or take other scopes')
  const expiresMs = expiresAt === undefined ? undefined : Date.parse(expiresAt)
  if (expiresMs !== undefined && expiresMs <= clock.nowMs()) return wrong(reply, `${expiresAt} is over already`)
  const wish = { name, scopes: read.data.scopes, workspaces: ids }
  const holder = people.callerOf(request)?.holder ?? ''
  const made = await people.apiTokens.create({ ...wish, ...(expiresMs === undefined ? {} : { expiresMs }) }, holder)
  if (made === undefined)
    return refuse(reply, 409, {
      code: 'TooManyTokens',
      message: `there are ${API_TOKENS_MAX} tokens; revoke one that is not needed`,
    })
  const answer: ApiTokenAnswer = { ...made.view, token: made.token }
  return reply.code(201).header('cache-control', 'no-store').send(answer)
}

async function createWorkspace(
  workspaces: Workspaces,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const read = workspaceRequest.safeParse(request.body)
  if (!read.success) return wrong(reply, 'a workspace has {"name": "…"} of at most 63 characters')
  const made = await workspaces.create(read.data.name)
  if (made === 'taken')
    return refuse(reply, 409, { code: 'NameTaken', message: `another workspace is named ${read.data.name}` })
  if (made === 'full')
    return refuse(reply, 409, { code: 'TooManyWorkspaces', message: `there are ${WORKSPACES_MAX} workspaces` })
  return reply.code(201).send(made)
}

function wrong(reply: FastifyReply, message: string): FastifyReply {
  return refuse(reply, 400, { code: 'BadRequest', message })
}
