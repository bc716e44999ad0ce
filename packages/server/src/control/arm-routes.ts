import type { Problem } from '@tidemark/base'
import { parseRule, problemOf } from '@tidemark/model'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { refuse } from '../http/api-error.ts'
import type { ArmPath, MachinePath } from './arm-path.ts'
import { endpointId, ruleId } from './arm-path.ts'
import { answerAssociation, shownAssociation } from './association-routes.ts'
import { endpointDocument, type Endpoints, type StoredEndpoint } from './endpoints.ts'
import { precondition, untilUndisturbed } from './etag.ts'
import { pageOf } from './page.ts'
import type { RuleAddress, Rules, StoredRule } from './rules.ts'

/** Paths of what people and programs keep here, and no agent asks for. */
export type ResourcePath = Exclude<ArmPath, MachinePath>

export interface ArmDeps {
  readonly rules: Rules
  readonly endpoints: Endpoints
  readonly publicUrl: () => string
  /** Who asks, as people know them. */
  readonly nameOf: (request: FastifyRequest) => Promise<string>
}

/** A request and its reply. */
export interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Answers an ARM request for rules, endpoints and associations, of somebody who may (protocol: ARM). */
export async function answerArm(deps: ArmDeps, path: ResourcePath, exchange: Exchange): Promise<FastifyReply> {
  const { rules, endpoints } = deps
  switch (path.kind) {
    case 'list':
      return path.type === 'rule'
        ? await sendPage(deps, exchange, async () => (await rules.list(path)).map(shown))
        : await sendPage(deps, exchange, async () => await endpoints.list(path))
    case 'one':
      return path.type === 'rule'
        ? await answerNamed(
            ruleResource(rules, async () => await deps.nameOf(exchange.request)),
            path,
            exchange,
          )
        : await answerNamed(endpointResource(endpoints), path, exchange)
    case 'associations-with': {
      const where = path.type === 'rule' ? { ruleId: ruleId(path) } : { endpointId: endpointId(path) }
      return await sendPage(deps, exchange, async () => (await rules.associations(where)).map(shownAssociation))
    }
    case 'associations': {
      const where = { resourceId: path.resourceId }
      return await sendPage(deps, exchange, async () => (await rules.associations(where)).map(shownAssociation))
    }
    case 'association':
      return await answerAssociation({ rules, endpoints }, path, exchange)
  }
}

async function sendPage(
  { publicUrl }: ArmDeps,
  { request, reply }: Exchange,
  list: () => Promise<readonly { readonly id: string }[]>,
): Promise<FastifyReply> {
  return request.method === 'GET' ? reply.send(pageOf(await list(), request.url, publicUrl())) : notAllowed(reply)
}

/** What is kept under a name: rules and endpoints differ in their documents only. */
interface NamedResource<T extends { readonly etag: string }> {
  readonly noun: string
  get(address: RuleAddress): Promise<T | undefined>
  /** What a PUT brings, checked; or what is wrong with it. */
  parse(body: unknown, name: string): Document | { readonly problems: readonly Problem[] }
  /** What a PATCH of the tags makes of one. */
  tagged(before: T, tags: Readonly<Record<string, string>>): Promise<Document>
  /** `undefined` where `before` is not what is there any more. */
  put(address: RuleAddress, document: Document, before: T | undefined): Promise<T | undefined>
  /** False where `before` is not what is there any more. */
  delete(address: RuleAddress, before: T): Promise<boolean>
  shown(one: T): object
}

interface Document {
  readonly document: unknown
}

const patchShape = z.looseObject({ tags: z.record(z.string(), z.string()).nullish() })

async function answerNamed<T extends { readonly etag: string }>(
  resource: NamedResource<T>,
  address: RuleAddress,
  exchange: Exchange,
): Promise<FastifyReply> {
  const { request, reply } = exchange
  return await untilUndisturbed(reply, async () => {
    const before = await resource.get(address)
    if (precondition(request, reply, before)) return true
    if (request.method === 'PUT') return await putNamed(resource, { address, before }, exchange)
    if (request.method === 'DELETE') {
      if (before !== undefined && !(await resource.delete(address, before))) return false
      reply.code(before === undefined ? 204 : 200).send()
    } else if (request.method !== 'GET' && request.method !== 'PATCH') notAllowed(reply)
    else if (before === undefined) notFound(reply, `there is no ${resource.noun} ${address.name}`)
    else if (request.method === 'PATCH') return await tagNamed(resource, { address, before }, exchange)
    else reply.header('etag', before.etag).send(resource.shown(before))
    return true
  })
}

/** False where another request was faster; else answered. */
async function putNamed<T extends { readonly etag: string }>(
  resource: NamedResource<T>,
  { address, before }: { readonly address: RuleAddress; readonly before: T | undefined },
  { request, reply }: Exchange,
): Promise<boolean> {
  const read = resource.parse(request.body, address.name)
  if ('problems' in read) {
    const message = `the ${resource.noun} has mistakes`
    refuse(reply, 400, { code: 'InvalidPayload', message, problems: read.problems })
    return true
  }
  const after = await resource.put(address, read, before)
  if (after === undefined) return false
  const code = before === undefined ? 201 : 200
  reply.code(code).header('etag', after.etag).send(resource.shown(after))
  return true
}

/** False where another request was faster; else answered. */
async function tagNamed<T extends { readonly etag: string }>(
  resource: NamedResource<T>,
  { address, before }: { readonly address: RuleAddress; readonly before: T },
  { request, reply }: Exchange,
): Promise<boolean> {
  const read = patchShape.safeParse(request.body)
  if (!read.success) {
    refuse(reply, 400, { code: 'InvalidPayload', message: 'a PATCH takes {"tags": {…}}' })
    return true
  }
  const { tags } = read.data
  const isTagged = tags !== undefined && tags !== null
  const after = isTagged ? await resource.put(address, await resource.tagged(before, tags), before) : before
  if (after === undefined) return false
  reply.header('etag', after.etag).send(resource.shown(after))
  return true
}

function ruleResource(rules: Rules, savedBy: () => Promise<string>): NamedResource<StoredRule> {
  return {
    noun: 'rule',
    get: async (address) => await rules.get(address),
    parse: (body, name) => {
      const parsed = parseRule(body, name)
      return parsed.kind === 'rejected' ? { problems: parsed.problems } : { document: writtenRule(body) }
    },
    tagged: async ({ immutableId }, tags) => ({ document: { ...(await rules.documentOf(immutableId)), tags } }),
    put: async (address, { document }, before) =>
      await rules.put(address, Object(document), { before, savedBy: await savedBy() }),
    delete: async (address, before) => await rules.delete(address, before),
    shown,
  }
}

function endpointResource(endpoints: Endpoints): NamedResource<StoredEndpoint> {
  return {
    noun: 'endpoint',
    get: async (address) => await endpoints.get(address),
    parse: (body) => {
      const read = endpointDocument.safeParse(body)
      return read.success ? { document: read.data } : { problems: read.error.issues.map(problemOf) }
    },
    tagged: async ({ location, kind, properties }, tags) =>
      await Promise.resolve({ document: { location, kind, tags, properties: { ...properties } } }),
    put: async (address, { document }, before) =>
      await endpoints.put(address, endpointDocument.parse(document), before),
    delete: async (address, before) => await endpoints.delete(address, before),
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
