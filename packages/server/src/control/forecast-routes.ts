import { forecastRequest, parseExtensionSettings, problemOf } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import type { People } from '../access/people.ts'
import { refuse } from '../http/api-error.ts'
import { type AskedMachine, FORECASTS_MAX, type Forecasts } from './forecasts.ts'

export interface ForecastDeps {
  readonly people: People
  readonly forecasts: Forecasts
  /** Machines that whoever asks may see, with what is known of their health. Rejects while that cannot be told. */
  readonly machinesFor: (request: FastifyRequest) => Promise<readonly AskedMachine[]>
}

/** `/api/forecasts`: what a rule would track on chosen machines, before it is saved. */
export function forecastRoutes(app: FastifyInstance, deps: ForecastDeps): void {
  const { people, forecasts } = deps
  const writing = { preHandler: people.requires('rules:write') }
  app.post('/api/forecasts', writing, async (request, reply) => await ask(deps, request, reply))
  app.get<{ Params: { id: string } }>('/api/forecasts/:id', writing, async ({ params }, reply) => {
    const view = forecasts.view(params.id)
    return await (view === undefined ? gone(reply, params.id) : reply.send(view))
  })
  app.delete<{ Params: { id: string } }>(
    '/api/forecasts/:id',
    writing,
    async ({ params }, reply) => await (forecasts.cancel(params.id) ? reply.code(204).send() : gone(reply, params.id)),
  )
}

async function ask(
  { forecasts, machinesFor }: ForecastDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const read = forecastRequest.safeParse(request.body)
  if (!read.success)
    return refuse(reply, 400, {
      code: 'InvalidPayload',
      message: 'a forecast has {"extensionSettings": {…}, "machines": ["/subscriptions/…"]}',
      problems: read.error.issues.map(problemOf),
    })
  const { extensionSettings, machines, seconds } = read.data
  const { problems } = parseExtensionSettings(extensionSettings)
  if (problems.length > 0)
    return refuse(reply, 400, { code: 'InvalidPayload', message: 'the settings have mistakes', problems })
  const known = new Map((await machinesFor(request)).map((machine) => [machine.resourceId.toLowerCase(), machine]))
  const missing = machines.find((id) => !known.has(id.toLowerCase()))
  if (missing !== undefined)
    return refuse(reply, 400, { code: 'InvalidPayload', message: `there is no machine ${missing}` })
  const chosen = [...new Set(machines.map((id) => id.toLowerCase()))].flatMap((id) => known.get(id) ?? [])
  const view = forecasts.ask({ extensionSettings, machines: chosen, seconds })
  if (view !== undefined) return await reply.code(201).send(view)
  reply.header('retry-after', '30')
  return refuse(reply, 429, {
    code: 'TooManyRequests',
    message: `${FORECASTS_MAX} forecasts are waited for; come again when one is done`,
  })
}

function gone(reply: FastifyReply, id: string): FastifyReply {
  return refuse(reply, 404, {
    code: 'ResourceNotFound',
    message: `there is no forecast ${id}: the server was started anew, or it is too old; ask again`,
  })
}
