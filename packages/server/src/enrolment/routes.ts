import {
  accessTokenRequest,
  type AccessTokenAnswer,
  createEnrolmentToken,
  type EnrolAnswer,
  enrolRequest,
  problemOf,
  type RotationAnswer,
  rotationRequest,
} from '@tidemark/model'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { z } from 'zod'

import type { People } from '../access/people.ts'
import { refuse } from '../http/api-error.ts'
import { ACCESS_TOKEN_SECONDS, type Enrolment, type Refusal } from './enrolment.ts'

const statuses: Readonly<Record<Refusal['refused'], { readonly status: number; readonly code: string }>> = {
  'wrong-token': { status: 401, code: 'InvalidEnrolmentToken' },
  'not-signed': { status: 401, code: 'InvalidSignature' },
  'clocks-differ': { status: 401, code: 'ClocksDiffer' },
  'already-enrolled': { status: 409, code: 'AlreadyEnrolled' },
  'unknown-key': { status: 401, code: 'UnknownKey' },
  revoked: { status: 403, code: 'MachineRevoked' },
  clone: { status: 409, code: 'CloneDetected' },
}

/** Addresses of enrolment: those of machines check by themselves who asks, those of people take the right `machines:write`. */
export function enrolmentRoutes(app: FastifyInstance, deps: { enrolment: Enrolment; people: People }): void {
  machineRoutes(app, deps.enrolment)
  peopleRoutes(app, deps)
}

function machineRoutes(app: FastifyInstance, enrolment: Enrolment): void {
  const open = { config: { access: 'anybody' as const } }
  app.post('/api/enrolment', open, async (request, reply) => {
    const read = enrolRequest.safeParse(request.body)
    if (!read.success) return wrong(reply, read.error)
    const done = await enrolment.enrol(read.data)
    if ('refused' in done) return refused(reply, done)
    const { resourceId, region } = done.machine
    const answer: EnrolAnswer = { resourceId, region, keyId: done.keyId }
    return await reply.code(201).send(answer)
  })
  app.post('/api/enrolment/access-token', open, async (request, reply) => {
    const read = accessTokenRequest.safeParse(request.body)
    if (!read.success) return wrong(reply, read.error)
    const done = await enrolment.accessToken(read.data.assertion)
    if ('refused' in done) return refused(reply, done)
    const answer: AccessTokenAnswer = { ...done, expiresInSeconds: ACCESS_TOKEN_SECONDS }
    return await reply.header('cache-control', 'no-store').send(answer)
  })
  app.post('/api/enrolment/rotation', open, async (request, reply) => {
    const read = rotationRequest.safeParse(request.body)
    if (!read.success) return wrong(reply, read.error)
    const done = await enrolment.rotate(read.data)
    if ('refused' in done) return refused(reply, done)
    const answer: RotationAnswer = done
    return await reply.send(answer)
  })
}

function peopleRoutes(app: FastifyInstance, { enrolment, people }: { enrolment: Enrolment; people: People }): void {
  const writing = { preHandler: people.requires('machines:write') }
  app.post('/api/enrolment-tokens', writing, async (request, reply) => {
    const read = createEnrolmentToken.safeParse(request.body ?? {})
    if (!read.success) return wrong(reply, read.error)
    const { token, view } = await enrolment.tokens.create(read.data)
    return await reply.code(201).send({ ...view, token })
  })
  app.get('/api/enrolment-tokens', writing, async () => ({ enrolmentTokens: await enrolment.tokens.list() }))
  app.delete<{ Params: { id: string } }>('/api/enrolment-tokens/:id', writing, async (request, reply) => {
    const isGone = await enrolment.tokens.revoke(request.params.id)
    return await (isGone ? reply.code(204).send() : notFound(reply, 'there is no enrolment token of this id'))
  })
  app.get('/api/machine-keys', writing, async () => ({ machineKeys: await enrolment.keys() }))
}

function notFound(reply: FastifyReply, message: string): FastifyReply {
  return refuse(reply, 404, { code: 'NotFound', message })
}

function wrong(reply: FastifyReply, error: z.ZodError): FastifyReply {
  return refuse(reply, 400, {
    code: 'BadRequest',
    message: 'the request is wrong',
    problems: error.issues.map(problemOf),
  })
}

function refused(reply: FastifyReply, { refused: why, message }: Refusal): FastifyReply {
  const { status, code } = statuses[why]
  return refuse(reply, status, { code, message })
}
