import { type Clock, invariant } from '@tidemark/base'
import { UPLOAD_BYTES_MAX } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

import type { IngestionClaims } from '../access/ingestion-tokens.ts'
import { bearerOf, refuse } from '../http/api-error.ts'
import type { LiveFeed } from '../live/feed.ts'
import { type RowStore, StoreRefused, StoreUnavailable } from '../ports.ts'
import { type ArrivedRow, storedRow } from './coercion.ts'
import { decompressed } from './decompress.ts'
import { type ArrivedUpload, parseUpload } from './upload-body.ts'

export interface IngestDeps {
  readonly store: RowStore
  readonly live: LiveFeed
  readonly clock: Clock
  readonly log: Logger
  /** Takes parts of contents; resolves when they are safe, rejects with `StoreUnavailable` where that may come later. */
  readonly takeContents: (
    parts: readonly ArrivedRow[],
    from: { readonly workspaceId: string; readonly resourceId: string },
  ) => Promise<void>
  readonly claimsOf: (token: string) => Promise<IngestionClaims | undefined>
}

/** Uploads under way at a time, each of which may hold `UPLOAD_BYTES_MAX` of memory; one more is answered 429. */
export const UPLOADS_MAX = 32
/** The codings of bodies that are taken, best first. */
const ENCODINGS_OFFERED = 'zstd, gzip, deflate'
/** Seconds after which a sender may try again. */
const RETRY_SECONDS = 2
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** `POST /ods/{workspace}/OperationalData.svc/PostJsonDataItems`: 200 when the store has the rows, once for each batch id. */
export function ingestRoutes(app: FastifyInstance, deps: IngestDeps): void {
  app.register(async (scope) => {
    await Promise.resolve()
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: UPLOAD_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    )
    let underWay = 0
    // Before the body is read: who may not upload, or not now, costs no memory.
    scope.addHook<{ Params: { workspaceId: string } }>('onRequest', async (request, reply) => {
      // What a body may be compressed with (RFC 9110 §12.5.3); senders begin with gzip and take the best from then on.
      reply.header('accept-encoding', ENCODINGS_OFFERED)
      const refused = await refusal(deps, request, reply)
      if (refused) return refused
      if (underWay >= UPLOADS_MAX) {
        reply.header('retry-after', String(RETRY_SECONDS))
        return refuse(reply, 429, { code: 'TooManyRequests', message: `${UPLOADS_MAX} uploads are under way` })
      }
      underWay += 1
      reply.raw.once('close', () => (underWay -= 1))
      return undefined
    })
    scope.post('/ods/:workspaceId/OperationalData.svc/PostJsonDataItems', async (request, reply) => {
      const claims = claimsByRequest.get(request)
      invariant(claims !== undefined, 'an upload without claims passed the hook')
      return await takeUpload(deps, claims, { request, reply })
    })
  })
}

const claimsByRequest = new WeakMap<FastifyRequest, IngestionClaims>()

/** Answers 401 or 403 where the request may not upload; otherwise remembers whom it speaks for. */
async function refusal(
  deps: IngestDeps,
  request: FastifyRequest<{ Params: { workspaceId: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const { headers, params } = request
  const token = bearerOf(headers.authorization)
  const claims = token === undefined ? undefined : await deps.claimsOf(token)
  if (claims === undefined)
    return refuse(reply, 401, { code: 'InvalidToken', message: 'the ingestion token is missing, wrong or too old' })
  if (claims.workspaceId !== params.workspaceId)
    return refuse(reply, 403, { code: 'Forbidden', message: 'the token is for another workspace' })
  const resourceId = headers['x-ms-azureresourceid']
  if (typeof resourceId === 'string' && resourceId.toLowerCase() !== claims.resourceId.toLowerCase())
    return refuse(reply, 403, { code: 'Forbidden', message: 'the token is for another machine' })
  claimsByRequest.set(request, claims)
  return undefined
}

async function takeUpload(
  deps: IngestDeps,
  claims: IngestionClaims,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const { headers } = request
  const batchId = headers['x-request-id']
  if (typeof batchId !== 'string' || !UUID.test(batchId))
    return refuse(reply, 400, {
      code: 'BadRequest',
      message: 'X-Request-ID must be a UUID: it tells a batch that comes again',
    })
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const plain = await decompressed(body, headers['content-encoding'])
  if ('status' in plain) return refuse(reply, plain.status, { code: 'BadRequest', message: plain.reason })
  const parsed = parseUpload(plain.text)
  if (parsed.kind === 'rejected')
    return refuse(reply, 400, { code: 'BadRequest', message: 'the upload is wrong', problems: parsed.problems })
  try {
    await store(deps, parsed.value, { claims, batchId: batchId.toLowerCase() })
    return await reply.code(200).send()
  } catch (error) {
    if (error instanceof StoreRefused && error.fault === 'rows') {
      deps.log.error({ error, batchId }, 'the store will never take this batch')
      return refuse(reply, 400, { code: 'BadRequest', message: `the store will never take this: ${error.message}` })
    }
    if (!(error instanceof StoreUnavailable)) deps.log.error({ error, batchId }, 'a batch could not be stored')
    reply.header('retry-after', String(RETRY_SECONDS))
    return refuse(reply, 503, { code: 'StoreUnavailable', message: 'the store cannot take this at the moment' })
  }
}

async function store(
  { store: rowStore, live, clock, takeContents }: IngestDeps,
  { rows, contents }: ArrivedUpload,
  from: { readonly claims: IngestionClaims; readonly batchId: string },
): Promise<void> {
  const { claims, batchId } = from
  const receivedAt = new Date(clock.nowMs()).toISOString()
  // First: whoever sees a row with a link finds what it links to.
  if (contents.length > 0) await takeContents(contents, claims)
  const stamp = { workspaceId: claims.workspaceId, resourceId: claims.resourceId, receivedAt }
  for (const [table, items] of rows) {
    const lines = items.map((item) => JSON.stringify(storedRow(table, item, stamp))).join('\n')
    // Another machine that uses the same id must not make this one's rows disappear.
    await rowStore.insert({ table, token: `${claims.resourceId}|${batchId}|${table}`, lines })
    live.publish({ table, count: items.length, at: receivedAt })
  }
}
