import { parseRule, problemOf } from '@tidemark/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { refuse } from '../http/api-error.ts'
import type { ArmPath, MachinePath } from './arm-path.ts'
import { endpointId, ruleId } from './arm-path.ts'
import { answerAssociation, shownAssociation } from './association-routes.ts'
import { endpointDocument, type Endpoints } from './endpoints.ts'
import { precondition } from './etag.ts'
import { pageOf } from './page.ts'
import type { RuleAddress, Rules, StoredRule } from './rules.ts'

/** Paths of what people and programs keep here, and no agent asks for. */
export type ResourcePath = Exclude<ArmPath, MachinePath>

export interface ArmDeps {
  readonly rules: Rules
  readonly endpoints: Endpoints
  readonly publicUrl: () => string
  /** Who asks, as people know them. */
  readonly nameOf: (request: FastifyRequest) => string
}

/** A request and its reply. */
export interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Answers an ARM request for rules, endpoints and associations, of somebody who may (protocol: ARM). */
export function answerArm(deps: ArmDeps, path: ResourcePath, exchange: Exchange): FastifyReply {
  const { rules, endpoints } = deps
  switch (path.kind) {
    case 'list':
      return path.type === 'rule'
        ? sendPage(deps, exchange, () => rules.list(path).map(shown))
        : sendPage(deps, exchange, () => endpoints.list(path))
    case 'one':
      return path.type === 'rule'
        ? answerNamed(ruleResource(rules, deps.nameOf(exchange.request)), path, exchange)
        : answerNamed(endpointResource(endpoints), path, exchange)
    case 'associations-with': {
      const where = path.type === 'rule' ? { ruleId: ruleId(path) } : { endpointId: endpointId(path) }
      return sendPage(deps, exchange, () => rules.associations(where).map(shownAssociation))
    }
    case 'associations':
      return sendPage(deps, exchange, () => rules.associations({ resourceId: path.resourceId }).map(shownAssociation))
    case 'association':
      return answerAssociation({ rules, endpoints }, path, exchange)
  }
}

function sendPage(
  { publicUrl }: ArmDeps,
  { request, reply }: Exchange,
  list: () => readonly { readonly id: string }[],
): FastifyReply {
  return request.method === 'GET' ? reply.send(pageOf(list(), request.url, publicUrl())) : notAllowed(reply)
}

/** What is kept under a name: rules and endpoints differ in their documents only. */
interface NamedResource<T extends { readonly etag: string }> {
  readonly noun: string
  get(address: RuleAddress): T | undefined
  /** Answers 400 by itself for a document with mistakes. */
  put(address: RuleAddress, document: unknown, reply: FastifyReply): FastifyReply
  tag(address: RuleAddress, before: T, tags: Readonly<Record<string, string>>): T
  delete(address: RuleAddress): boolean
  shown(one: T): object
}

const patchShape = z.looseObject({ tags: z.record(z.string(), z.string()).nullish() })

function answerNamed<T extends { readonly etag: string }>(
  resource: NamedResource<T>,
  address: RuleAddress,
  { request, reply }: Exchange,
): FastifyReply {
  const before = resource.get(address)
  const refused = precondition(request, reply, before)
  if (refused) return refused
  if (request.method === 'PUT') return resource.put(address, request.body, reply)
  if (request.method === 'DELETE') return reply.code(resource.delete(address) ? 200 : 204).send()
  if (request.method !== 'GET' && request.method !== 'PATCH') return notAllowed(reply)
  if (before === undefined) return notFound(reply, `there is no ${resource.noun} ${address.name}`)
  if (request.method === 'GET') return reply.header('etag', before.etag).send(resource.shown(before))
  const read = patchShape.safeParse(request.body)
  if (!read.success) return refuse(reply, 400, { code: 'InvalidPayload', message: 'a PATCH takes {"tags": {…}}' })
  const { tags } = read.data
  const after = tags === undefined || tags === null ? before : resource.tag(address, before, tags)
  return reply.header('etag', after.etag).send(resource.shown(after))
}

function ruleResource(rules: Rules, savedBy: string): NamedResource<StoredRule> {
  return {
    noun: 'rule',
    get: (address) => rules.get(address),
    put: (address, document, reply) => {
      const parsed = parseRule(document, address.name)
      if (parsed.kind === 'rejected')
        return refuse(reply, 400, {
          code: 'InvalidPayload',
          message: 'the rule has mistakes',
          problems: parsed.problems,
        })
      const { rule, isNew } = rules.put(address, writtenRule(document), { savedBy })
      return reply
        .code(isNew ? 201 : 200)
        .header('etag', rule.etag)
        .send(shown(rule))
    },
    tag: (address, { immutableId }, tags) =>
      rules.put(address, { ...rules.documentOf(immutableId), tags }, { savedBy }).rule,
    delete: (address) => rules.delete(address),
    shown,
  }
}

function endpointResource(endpoints: Endpoints): NamedResource<NonNullable<ReturnType<Endpoints['get']>>> {
  return {
    noun: 'endpoint',
    get: (address) => endpoints.get(address),
    put: (address, document, reply) => {
      const read = endpointDocument.safeParse(document)
      if (!read.success)
        return refuse(reply, 400, {
          code: 'InvalidPayload',
          message: 'the endpoint has mistakes',
          problems: read.error.issues.map(problemOf),
        })
      const { endpoint, isNew } = endpoints.put(address, read.data)
      return reply
        .code(isNew ? 201 : 200)
        .header('etag', endpoint.etag)
        .send(endpoint)
    },
    tag: (address, { location, kind, properties }, tags) =>
      endpoints.put(address, { location, kind, tags, properties: { ...properties } }).endpoint,
    delete: (address) => endpoints.delete(address),
    shown: (endpoint) => endpoint,
  }
}

function shown({ immutableId: _immutableId, others, ...rule }: StoredRule): { readonly id: string } {
  return { ...others, ...rule }
}

/** What somebody wrote of a document that may have come out of an answer: without what answers say by themselves. */
export function writtenRule(document: unknown): Record<string, unknown> {
  const all: Record<string, unknown> = { location: 'local', tags: {}, ...recordOf(document) }
  const { id: _id, name: _name, type: _type, etag: _etag, systemData: _systemData, ...written } = all
  const { immutableId: _immutableId, provisioningState: _state, ...properties } = recordOf(written['properties'])
  return { ...written, properties }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Answers that nothing is there. */
export function notFound(reply: FastifyReply, message: string): FastifyReply {
  return refuse(reply, 404, { code: 'ResourceNotFound', message })
}

/** Answers that the address does not take the method. */
export function notAllowed(reply: FastifyReply): FastifyReply {
  return refuse(reply, 405, { code: 'MethodNotAllowed', message: 'this address does not take this method' })
}
