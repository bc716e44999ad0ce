import { createHash } from 'node:crypto'

import { ANSWER_BYTES_MAX, isImmutableId, problemOf, questionAnswer, QUESTIONS_HEADER } from '@tidemark/model'
import type { FastifyReply, FastifyRequest } from 'fastify'

import { type IngestionTokens, TOKEN_REFRESH_SECONDS } from '../access/ingestion-tokens.ts'
import type { RateLimits } from '../access/rate-limits.ts'
import { bearerOf, refuse } from '../http/api-error.ts'
import type { MachinePath } from './arm-path.ts'
import type { ChannelGrants } from './channel-grants.ts'
import { changesGoTo, configContent } from './config-content.ts'
import type { Forecasts } from './forecasts.ts'
import { type KnownMachine, REGION } from './machines.ts'
import type { Rules } from './rules.ts'

export interface AgentDeps {
  readonly rules: Rules
  /** The machine of a bearer token. */
  readonly machineOf: (token: string) => Promise<KnownMachine | undefined>
  readonly tokens: IngestionTokens
  readonly grants: ChannelGrants
  readonly workspaceId: string
  /** Of machines, by their ARM ids. */
  readonly rates: RateLimits
  readonly publicUrl: () => string
  readonly forecasts: Forecasts
}

/** Answers an agent: its configurations, a token for an upload (protocol: AMCS), or what is wanted to be known of it. */
export async function answerAgent(
  deps: AgentDeps,
  path: MachinePath,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  if (request.method !== (path.kind === 'answer' ? 'POST' : 'GET'))
    return refuse(reply, 405, { code: 'MethodNotAllowed', message: 'agents ask with GET, and answer with POST' })
  const machine = await deps.machineOf(bearerOf(request.headers.authorization) ?? '')
  if (machine === undefined)
    return refuse(reply, 401, {
      code: 'AuthenticationFailed',
      message: 'this is not the token of a machine that is known here',
    })
  const waitSeconds = deps.rates.take(machine.resourceId)
  if (waitSeconds > 0) {
    reply.header('retry-after', String(waitSeconds))
    return refuse(reply, 429, {
      code: 'TooManyRequests',
      message: `this machine asks too often; wait ${waitSeconds} s`,
    })
  }
  if (machine.resourceId.toLowerCase() !== path.resourceId.toLowerCase())
    return refuse(reply, 403, { code: 'Forbidden', message: 'the token is for another machine' })
  if (deps.forecasts.isAsked(machine.resourceId)) reply.header(QUESTIONS_HEADER, '1')
  switch (path.kind) {
    case 'configurations':
      return await sendConfigurations(deps, machine, { request, reply })
    case 'ingestion-token':
      return await sendToken(deps, machine, { path, reply })
    case 'questions':
      return reply.send({ questions: deps.forecasts.questionsFor(machine.resourceId) })
    case 'answer':
      return takeAnswer(deps.forecasts, { resourceId: machine.resourceId, question: path.question }, { request, reply })
  }
}

function takeAnswer(
  forecasts: Forecasts,
  { resourceId, question }: { readonly resourceId: string; readonly question: string },
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply {
  if (Number(request.headers['content-length'] ?? 0) > ANSWER_BYTES_MAX)
    return refuse(reply, 413, { code: 'TooLarge', message: `an answer has ${ANSWER_BYTES_MAX} bytes at most` })
  const read = questionAnswer.safeParse(request.body)
  if (!read.success)
    return refuse(reply, 400, {
      code: 'InvalidPayload',
      message: 'the answer has mistakes',
      problems: read.error.issues.map(problemOf),
    })
  if (forecasts.answer(question, resourceId, read.data)) return reply.code(204).send()
  return refuse(reply, 404, {
    code: 'ResourceNotFound',
    message: 'nobody waits for this answer: it was asked of another machine, or too long ago',
  })
}

async function sendConfigurations(
  { rules, workspaceId, publicUrl }: AgentDeps,
  machine: KnownMachine,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const addresses = { publicUrl: publicUrl(), workspaceId, region: REGION, resourceId: machine.resourceId }
  const known = await rules.rulesOf(machine.resourceId)
  const configurations = known.flatMap((rule) => {
    const content = configContent(rule, addresses)
    return content
      ? [{ configurationId: rule.immutableId, eTag: rule.etag.replaceAll('"', ''), op: 'added', content }]
      : []
  })
  const body = JSON.stringify({ configurations })
  const eTag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`
  reply.header('etag', eTag)
  if (request.headers['if-none-match'] === eTag) return reply.code(304).send()
  return reply.header('content-type', 'application/json').send(body)
}

async function sendToken(
  { rules, tokens, grants, workspaceId }: AgentDeps,
  machine: KnownMachine,
  { path, reply }: { readonly path: Extract<MachinePath, { kind: 'ingestion-token' }>; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const known = await rules.rulesOf(machine.resourceId)
  const rule = known.find(({ immutableId }) => immutableId === path.rule)
  // A machine may still hand over what it collected under a rule that is gone: the rows are its own.
  const immutableId = rule?.immutableId ?? (isImmutableId(path.rule) ? path.rule : undefined)
  const wanted = path.channel.toLowerCase().replace(/^ods-/, '')
  const now = rule === undefined ? [workspaceId] : changesGoTo(rule, workspaceId)
  const goesTo = now.find((id) => id.toLowerCase() === wanted)
  const grant = { resourceId: machine.resourceId, immutableId: immutableId ?? '', workspaceId: goesTo ?? wanted }
  const isChannel = path.channel.toLowerCase().startsWith('ods-') && (goesTo !== undefined || (await grants.has(grant)))
  if (immutableId === undefined || !isChannel)
    return refuse(reply, 404, {
      code: 'ResourceNotFound',
      message: 'this is no id of a rule, or the rule has no such channel',
    })
  if (rule !== undefined && goesTo !== undefined) await grants.remember(grant)
  const { resourceId, computer, sourceComputerId } = machine
  const token = await tokens.issue({
    resourceId,
    immutableId,
    workspaceId: grant.workspaceId,
    computer,
    sourceComputerId,
  })
  reply.header('cache-control', `private, max-age=${TOKEN_REFRESH_SECONDS}`)
  return await reply.send({ configurationId: immutableId, ingestionAuthToken: token })
}
