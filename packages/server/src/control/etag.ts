import type { FastifyReply, FastifyRequest } from 'fastify'

import { refuse } from '../http/api-error.ts'

/**
 * Answers 412 where `If-Match` or `If-None-Match` of a change does not hold of what is there now (RFC 9110, 13.1), and 304
 * where a GET has it already; `undefined` where the request may go on.
 */
export function precondition(
  request: FastifyRequest,
  reply: FastifyReply,
  present: { readonly etag: string } | undefined,
): FastifyReply | undefined {
  const { 'if-match': wanted, 'if-none-match': unwanted } = request.headers
  if (wanted !== undefined && !names(wanted, present?.etag))
    return refuse(reply, 412, {
      code: 'PreconditionFailed',
      message: present ? `it has the ETag ${present.etag} by now` : 'there is none to change',
    })
  if (typeof unwanted !== 'string' || !names(unwanted, present?.etag)) return undefined
  if (request.method === 'GET' || request.method === 'HEAD') return reply.code(304).header('etag', present?.etag).send()
  return refuse(reply, 412, { code: 'PreconditionFailed', message: 'there is such a one already' })
}

/** Times that a change is tried where others change the same thing at the same time. */
export const DISTURBED_MAX = 10

/**
 * Answers by `work`, again and again while that gives false: another request changed meanwhile what it had read, so that it
 * reads anew and judges its precondition anew. 409 where that does not end. (A reply that is awaited is `undefined`, so that
 * `work` cannot give it.)
 */
export async function untilUndisturbed(reply: FastifyReply, work: () => Promise<boolean>): Promise<FastifyReply> {
  for (let tries = 0; tries < DISTURBED_MAX; tries += 1) if (await work()) return reply
  return refuse(reply, 409, { code: 'Conflict', message: 'many change this at the same time; come again' })
}

/** Whether a list of entity tags, or `*`, names the tag of what is there. */
function names(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  return list.split(',').some((one) => one.trim() === '*' || bareTag(one) === bareTag(etag))
}

/** The tag without its quotes, as it is kept. */
export function bareTag(tag: string): string {
  return tag.trim().replace(/^W\//, '').replaceAll('"', '')
}
