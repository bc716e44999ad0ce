import { parseRule } from '@tidemark/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { refuse } from '../http/api-error.ts'
import type { ArmPath } from './arm-path.ts'
import { ruleId } from './arm-path.ts'
import type { RuleAddress, Rules, StoredAssociation, StoredRule } from './rules.ts'

type RulePath = Exclude<ArmPath, { kind: 'configurations' | 'ingestion-token' }>

/** Answers an ARM request for rules and associations, of somebody who may (protocol: ARM). */
export function answerArm(rules: Rules, path: RulePath, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  switch (path.kind) {
    case 'rules':
      return request.method === 'GET' ? reply.send({ value: rules.list(path).map(shown) }) : notAllowed(reply)
    case 'rule':
      return answerRule(rules, path, request, reply)
    case 'rule-associations':
      return request.method === 'GET'
        ? reply.send({ value: rules.associations({ ruleId: ruleId(path) }).map(shownAssociation) })
        : notAllowed(reply)
    case 'associations':
      return request.method === 'GET'
        ? reply.send({ value: rules.associations({ resourceId: path.resourceId }).map(shownAssociation) })
        : notAllowed(reply)
    case 'association':
      return answerAssociation(rules, path, request, reply)
  }
}

function answerRule(rules: Rules, address: RuleAddress, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const before = rules.get(address)
  const wanted = request.headers['if-match']
  if (wanted !== undefined && wanted !== '*' && wanted !== before?.etag)
    return refuse(reply, 412, {
      code: 'PreconditionFailed',
      message: `the rule has the ETag ${before?.etag ?? 'of nothing'} by now`,
    })
  switch (request.method) {
    case 'GET':
      return before ? withETag(reply, before) : notFound(reply, `there is no rule ${ruleId(address)}`)
    case 'PUT':
      if (wanted === '*' && before === undefined)
        return refuse(reply, 412, { code: 'PreconditionFailed', message: 'there is no such rule to change' })
      if (request.headers['if-none-match'] === '*' && before)
        return refuse(reply, 412, { code: 'PreconditionFailed', message: 'there is such a rule already' })
      return putRule(rules, address, request, reply)
    case 'PATCH':
      return before
        ? patchRule(rules, { address, before }, request, reply)
        : notFound(reply, `there is no rule ${ruleId(address)}`)
    case 'DELETE':
      return reply.code(rules.delete(address) ? 200 : 204).send()
    default:
      return notAllowed(reply)
  }
}

function putRule(rules: Rules, address: RuleAddress, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const parsed = parseRule(request.body, address.name)
  if (parsed.kind === 'rejected')
    return refuse(reply, 400, { code: 'InvalidPayload', message: 'the rule has mistakes', problems: parsed.problems })
  const { location, tags, properties } = parsed.value
  const { rule, isNew } = rules.put(address, { location, tags, properties })
  return withETag(reply.code(isNew ? 201 : 200), rule)
}

const patchShape = z.object({ tags: z.record(z.string(), z.string()).optional() })

function patchRule(
  rules: Rules,
  { address, before }: { readonly address: RuleAddress; readonly before: StoredRule },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const read = patchShape.safeParse(request.body)
  if (!read.success) return refuse(reply, 400, { code: 'InvalidPayload', message: 'a PATCH takes {"tags": {…}}' })
  const { location, tags, properties } = before
  return withETag(reply, rules.put(address, { location, tags: read.data.tags ?? tags, properties }).rule)
}

const associationShape = z.object({
  properties: z.object({ dataCollectionRuleId: z.string().min(1), description: z.string().optional() }),
})

function answerAssociation(
  rules: Rules,
  path: { readonly resourceId: string; readonly name: string },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { resourceId, name } = path
  const same = (one: StoredAssociation): boolean => one.name.toLowerCase() === name.toLowerCase()
  const before = rules.associations({ resourceId }).find(same)
  if (request.method === 'GET')
    return before
      ? reply.send(shownAssociation(before))
      : notFound(reply, `there is no association ${name} of ${resourceId}`)
  if (request.method === 'DELETE') return reply.code(rules.dissociate(resourceId, name) ? 200 : 204).send()
  if (request.method !== 'PUT') return notAllowed(reply)
  const read = associationShape.safeParse(request.body)
  if (!read.success)
    return refuse(reply, 400, { code: 'InvalidPayload', message: 'an association has properties.dataCollectionRuleId' })
  const { dataCollectionRuleId, description } = read.data.properties
  if (rules.byId(dataCollectionRuleId) === undefined)
    return refuse(reply, 400, { code: 'InvalidPayload', message: `there is no rule ${dataCollectionRuleId}` })
  const stored = rules.associate({
    resourceId,
    name,
    ruleId: dataCollectionRuleId,
    ...(description === undefined ? {} : { description }),
  })
  return reply.code(before ? 200 : 201).send(shownAssociation(stored))
}

function withETag(reply: FastifyReply, rule: StoredRule): FastifyReply {
  return reply.header('etag', rule.etag).send(shown(rule))
}

function shown({ immutableId: _immutableId, ...rule }: StoredRule): Omit<StoredRule, 'immutableId'> {
  return rule
}

function shownAssociation({
  resourceKey: _resourceKey,
  ...association
}: StoredAssociation): Omit<StoredAssociation, 'resourceKey'> {
  return association
}

function notFound(reply: FastifyReply, message: string): FastifyReply {
  return refuse(reply, 404, { code: 'ResourceNotFound', message })
}

function notAllowed(reply: FastifyReply): FastifyReply {
  return refuse(reply, 405, { code: 'MethodNotAllowed', message: 'this address does not take this method' })
}
