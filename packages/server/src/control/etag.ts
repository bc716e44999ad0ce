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

/** Whether a list of entity tags, or `*`, names the tag of what is there. */
function names(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  return list.split(',').some((one) => one.trim() === '*' || bare(one) === bare(etag))
}

function bare(tag: string): string {
  return tag.trim().replace(/^W\//, '').replaceAll('"', '')
}
