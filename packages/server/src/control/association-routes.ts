import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { refuse } from '../http/api-error.ts'
import type { Endpoints } from './endpoints.ts'
import { precondition } from './etag.ts'
import type { Rules, StoredAssociation } from './rules.ts'

const associationShape = z.looseObject({
  properties: z.looseObject({
    dataCollectionRuleId: z.string().min(1).nullish(),
    dataCollectionEndpointId: z.string().min(1).nullish(),
    description: z.string().nullish(),
  }),
})

/** Answers for one association of a resource with a rule, or with an endpoint. */
export function answerAssociation(
  deps: { readonly rules: Rules; readonly endpoints: Endpoints },
  path: { readonly resourceId: string; readonly name: string },
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply {
  const { rules } = deps
  const { resourceId, name } = path
  const before = rules.association(resourceId, name)
  const refused = precondition(request, reply, before)
  if (refused) return refused
  switch (request.method) {
    case 'GET':
      return before
        ? reply.header('etag', before.etag).send(shownAssociation(before))
        : refuse(reply, 404, { code: 'ResourceNotFound', message: `there is no association ${name} of ${resourceId}` })
    case 'PUT':
      return putAssociation(deps, path, { body: request.body, isNew: before === undefined, reply })
    case 'DELETE':
      return reply.code(rules.dissociate(resourceId, name) ? 200 : 204).send()
    default:
      return refuse(reply, 405, { code: 'MethodNotAllowed', message: 'this address does not take this method' })
  }
}

function putAssociation(
  { rules, endpoints }: { readonly rules: Rules; readonly endpoints: Endpoints },
  path: { readonly resourceId: string; readonly name: string },
  put: { readonly body: unknown; readonly isNew: boolean; readonly reply: FastifyReply },
): FastifyReply {
  const { reply, isNew } = put
  const read = associationShape.safeParse(put.body)
  const { dataCollectionRuleId: rule, dataCollectionEndpointId: endpoint } = read.data?.properties ?? {}
  if (!read.success || typeof rule === typeof endpoint)
    return refuse(reply, 400, {
      code: 'InvalidPayload',
      message: 'an association has either properties.dataCollectionRuleId or properties.dataCollectionEndpointId',
    })
  const id = rule ?? endpoint ?? ''
  const isKnown = typeof rule === 'string' ? rules.byId(id) !== undefined : endpoints.byId(id) !== undefined
  if (!isKnown)
    return refuse(reply, 400, {
      code: 'InvalidPayload',
      message: `there is no ${typeof rule === 'string' ? 'rule' : 'endpoint'} ${id}`,
    })
  const stored = rules.associate({
    ...path,
    ...(typeof rule === 'string' ? { ruleId: id } : { endpointId: id }),
    description: read.data.properties.description ?? '',
  })
  return reply
    .code(isNew ? 201 : 200)
    .header('etag', stored.etag)
    .send(shownAssociation(stored))
}

/** As ARM answers it. */
export function shownAssociation({
  resourceKey: _resourceKey,
  ...association
}: StoredAssociation): Omit<StoredAssociation, 'resourceKey'> {
  return association
}
