import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { refuse } from '../http/api-error.ts'
import type { Endpoints } from './endpoints.ts'
import { precondition, untilUndisturbed } from './etag.ts'
import type { Rules, StoredAssociation } from './rules.ts'

const associationShape = z.looseObject({
  properties: z.looseObject({
    dataCollectionRuleId: z.string().min(1).nullish(),
    dataCollectionEndpointId: z.string().min(1).nullish(),
    description: z.string().nullish(),
  }),
})

/** Answers for one association of a resource with a rule, or with an endpoint. */
export async function answerAssociation(
  deps: AssociationDeps,
  path: AssociationPath,
  exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const { rules } = deps
  const { request, reply } = exchange
  const { resourceId, name } = path
  return await untilUndisturbed(reply, async () => {
    const before = await rules.association(resourceId, name)
    if (precondition(request, reply, before)) return true
    if (request.method === 'PUT') return await putAssociation(deps, { path, before }, exchange)
    if (request.method === 'DELETE') {
      if (before !== undefined && !(await rules.dissociate(resourceId, name, before))) return false
      reply.code(before === undefined ? 204 : 200).send()
    } else if (request.method !== 'GET')
      refuse(reply, 405, { code: 'MethodNotAllowed', message: 'this address does not take this method' })
    else if (before === undefined)
      refuse(reply, 404, { code: 'ResourceNotFound', message: `there is no association ${name} of ${resourceId}` })
    else reply.header('etag', before.etag).send(shownAssociation(before))
    return true
  })
}

interface AssociationDeps {
  readonly rules: Rules
  readonly endpoints: Endpoints
}

interface AssociationPath {
  readonly resourceId: string
  readonly name: string
}

/** False where another request was faster; else answered. */
async function putAssociation(
  { rules, endpoints }: AssociationDeps,
  { path, before }: { readonly path: AssociationPath; readonly before: StoredAssociation | undefined },
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<boolean> {
  const wrong = (message: string): true => {
    refuse(reply, 400, { code: 'InvalidPayload', message })
    return true
  }
  const read = associationShape.safeParse(request.body)
  const { dataCollectionRuleId: rule, dataCollectionEndpointId: endpoint } = read.data?.properties ?? {}
  if (!read.success || typeof rule === typeof endpoint)
    return wrong('an association has either properties.dataCollectionRuleId or properties.dataCollectionEndpointId')
  const id = rule ?? endpoint ?? ''
  const known = await (typeof rule === 'string' ? rules.byId(id) : endpoints.byId(id))
  if (known === undefined) return wrong(`there is no ${typeof rule === 'string' ? 'rule' : 'endpoint'} ${id}`)
  const { description } = read.data.properties
  const stored = await rules.associate(
    { ...path, ...(typeof rule === 'string' ? { ruleId: id } : { endpointId: id }), description: description ?? '' },
    before,
  )
  if (stored === undefined) return false
  const code = before === undefined ? 201 : 200
  reply.code(code).header('etag', stored.etag).send(shownAssociation(stored))
  return true
}

/** As ARM answers it. */
export function shownAssociation({
  resourceKey: _resourceKey,
  ...association
}: StoredAssociation): Omit<StoredAssociation, 'resourceKey'> {
  return association
}
