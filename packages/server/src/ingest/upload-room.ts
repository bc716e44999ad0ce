import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

import { refuse } from '../http/api-error.ts'
import { StoreRefused, StoreUnavailable } from '../ports.ts'
import { type Admission, expectedBytes, type Room } from './admission.ts'
import { decompressed } from './decompress.ts'

/** Seconds after which a sender may try again. */
export const RETRY_SECONDS = 2

/** Takes bodies as they are, of whatever type they say to be; larger ones are answered 413 unread. */
export function takeRawBodies(scope: FastifyInstance, bytesMax: number): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bytesMax }, (_request, body, done) =>
    done(null, body),
  )
}

const rooms = new WeakMap<FastifyRequest, Room>()

/** Lets an upload in before its body is read, or answers 429 (its sender has much under way) or 503 (all have). */
export function enterRoom(
  admission: Admission,
  owner: string,
  to: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly bytesMax: number },
): FastifyReply | undefined {
  const { request, reply, bytesMax } = to
  const room = admission.enter(owner, expectedBytes(request.headers, bytesMax))
  if (room === 'busy') return later(reply, 'as much as fits into memory is under way')
  if (room === 'share') return slower(reply, 'much of this sender is under way already')
  rooms.set(request, room)
  reply.raw.once('close', () => room[Symbol.dispose]())
  return undefined
}

/** The body's text, or the answer with which it was refused. */
export async function bodyText(
  request: FastifyRequest,
  reply: FastifyReply,
  bytesMax: number,
): Promise<string | FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const plain = await decompressed(body, request.headers['content-encoding'], bytesMax)
  if ('status' in plain)
    return refuse(reply, plain.status, {
      code: plain.status === 413 ? 'ContentLengthLimitExceeded' : 'BadRequest',
      message: plain.reason,
    })
  if (rooms.get(request)?.resize(plain.text.length) === false)
    return later(reply, 'as much as fits into memory is under way')
  return plain.text
}

/** Answers what the store said: 400 for rows that it will never take, 503 for all that may go well later. */
export function storeFailed(
  error: unknown,
  batchId: string,
  { reply, log }: { reply: FastifyReply; log: Logger },
): FastifyReply {
  if (error instanceof StoreRefused && error.fault === 'rows') {
    log.error({ error, batchId }, 'the store will never take this batch')
    return refuse(reply, 400, { code: 'BadRequest', message: `the store will never take this: ${error.message}` })
  }
  if (!(error instanceof StoreUnavailable)) log.error({ error, batchId }, 'a batch could not be stored')
  return later(reply, 'the store cannot take this at the moment')
}

/** 429: this sender has to wait. */
export function slower(reply: FastifyReply, message: string, seconds = RETRY_SECONDS): FastifyReply {
  reply.header('retry-after', String(seconds))
  return refuse(reply, 429, { code: 'TooManyRequests', message })
}

/** 503: everybody has to wait. */
export function later(reply: FastifyReply, message: string): FastifyReply {
  reply.header('retry-after', String(RETRY_SECONDS))
  return refuse(reply, 503, { code: 'ServiceUnavailable', message })
}
