import { Readable } from 'node:stream'

import { type ContentDiff, type ContentText, isContentHash } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'

import { maySee } from '../access/caller.ts'
import { lacks, type People } from '../access/people.ts'
import { refuse } from '../http/api-error.ts'
import type { ContentRoom } from './content-room.ts'
import { beginningOf, contentOf } from './decompress-content.ts'
import { lineDifference } from './line-difference.ts'
import { shownBytes, shownText } from './shown-text.ts'

export interface ContentRoutesDeps {
  readonly room: Pick<ContentRoom, 'find'>
  readonly people: People
  readonly workspaceId: string
  /** Random, of this start: what marks of secrets are made with. */
  readonly redactionKey: Uint8Array
}

/** Contents that are made ready to be shown at a time; one more is answered 429. */
export const SHOWN_AT_A_TIME_MAX = 8

/** Contents of the workspace: as they are, as text, and what differs between two. Raw bytes are never redacted. */
export function contentRoutes(app: FastifyInstance, deps: ContentRoutesDeps): void {
  const { people } = deps
  // Contents belong to the server's own workspace: for a token of others, none of them is there.
  const own: preHandlerAsyncHookHandler = async (request, reply) => {
    await Promise.resolve()
    const caller = people.callerOf(request)
    return caller !== undefined && maySee(caller, deps.workspaceId) ? undefined : notKept(reply, '0'.repeat(64))
  }
  const reading = { preHandler: [people.requires('content:read'), own] }
  const whole = { preHandler: [people.requires('content:read-unredacted'), own] }
  const busy = { count: 0 }
  app.get<HashParams>('/v1/contents/:hash', whole, async (request, reply) => await sendBytes(deps, request, reply))
  app.get<HashParams>('/v1/contents/:hash/text', reading, async (request, reply) =>
    oneOfFew(busy, reply, async () => await sendText(deps, request, reply)),
  )
  app.get<DiffQuery>('/v1/contents/diff', reading, async (request, reply) =>
    oneOfFew(busy, reply, async () => await sendDiff(deps, request, reply)),
  )
}

interface HashParams {
  Params: { hash: string }
}
interface DiffQuery {
  Querystring: { from?: unknown; to?: unknown }
}

async function oneOfFew(
  busy: { count: number },
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  if (busy.count >= SHOWN_AT_A_TIME_MAX) {
    reply.header('retry-after', '1')
    return refuse(reply, 429, { code: 'TooManyRequests', message: `${SHOWN_AT_A_TIME_MAX} contents are being read` })
  }
  busy.count += 1
  try {
    return await work()
  } finally {
    busy.count -= 1
  }
}

async function sendBytes(
  { room, workspaceId }: ContentRoutesDeps,
  request: FastifyRequest<HashParams>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { hash } = request.params
  const found = isContentHash(hash) ? await room.find(workspaceId, hash) : undefined
  if (found === undefined) return notKept(reply, hash)
  const eTag = `"${hash}"`
  // Whatever it is, a browser must neither show nor run it.
  reply.headers({
    etag: eTag,
    'cache-control': 'private, no-cache',
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  })
  if (request.headers['if-none-match'] === eTag) {
    // What was opened for reading is closed by whoever begins to read and stops.
    for await (const _piece of found.frame) break
    return await reply.code(304).send()
  }
  reply.header('content-length', found.facts.size)
  return await reply.send(Readable.from(contentOf(found.frame), { objectMode: false }))
}

async function sendText(
  deps: ContentRoutesDeps,
  request: FastifyRequest<HashParams>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const isUnredacted = asksUnredacted(request)
  if (isUnredacted && !deps.people.may(request, 'content:read-unredacted'))
    return lacks(reply, 'content:read-unredacted')
  const text = await textOf(deps, request.params.hash, isUnredacted)
  return text === undefined ? notKept(reply, request.params.hash) : await send(reply, text)
}

async function sendDiff(
  deps: ContentRoutesDeps,
  request: FastifyRequest<DiffQuery>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { from, to } = request.query
  if (!isContentHash(from) || !isContentHash(to))
    return refuse(reply, 400, {
      code: 'BadRequest',
      message: 'write ?from=SHA256&to=SHA256, 64 hex digits in lower case each',
    })
  const isUnredacted = asksUnredacted(request)
  if (isUnredacted && !deps.people.may(request, 'content:read-unredacted'))
    return lacks(reply, 'content:read-unredacted')
  const [before, after] = [await textOf(deps, from, isUnredacted), await textOf(deps, to, isUnredacted)]
  if (before === undefined) return notKept(reply, from)
  if (after === undefined) return notKept(reply, to)
  const areTexts = before.isText && after.isText
  const { text: fromText, ...fromFacts } = before
  const { text: toText, ...toFacts } = after
  const diff: ContentDiff = {
    from: fromFacts,
    to: toFacts,
    hunks: areTexts ? lineDifference(fromText, toText) : [],
  }
  return await send(reply, diff)
}

async function send(reply: FastifyReply, body: ContentText | ContentDiff): Promise<FastifyReply> {
  return await reply.header('cache-control', 'private, no-store').send(body)
}

async function textOf(
  { room, workspaceId, redactionKey }: ContentRoutesDeps,
  hash: string,
  isUnredacted: boolean,
): Promise<ContentText | undefined> {
  const found = isContentHash(hash) ? await room.find(workspaceId, hash) : undefined
  if (found === undefined) return undefined
  const { size, shownBytesMax } = found.facts
  const { bytes, isWhole } = await beginningOf(found.frame, shownBytes(shownBytesMax))
  return shownText(bytes, { hash, size, isWhole }, isUnredacted ? undefined : redactionKey)
}

function asksUnredacted(request: FastifyRequest): boolean {
  return new URLSearchParams(request.url.split('?')[1] ?? '').get('unredacted') === '1'
}

/** The same for what was never there and what another workspace has. */
function notKept(reply: FastifyReply, hash: string): FastifyReply {
  return refuse(reply, 404, {
    code: 'ContentNotFound',
    message: isContentHash(hash)
      ? `no content ${hash} is kept here: it is still on its way, or no machine of this workspace uploaded it`
      : 'a content is named by its SHA-256, 64 hex digits in lower case',
  })
}
