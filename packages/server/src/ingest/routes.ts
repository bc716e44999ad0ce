import { invariant } from '@tidemark/base'
import { QUESTIONS_HEADER, UPLOAD_BYTES_MAX } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

import type { IngestionClaims } from '../access/ingestion-tokens.ts'
import type { RateLimits } from '../access/rate-limits.ts'
import { bearerOf, refuse } from '../http/api-error.ts'
import type { Admission } from './admission.ts'
import type { ArrivedRow } from './coercion.ts'
import type { CollectionTaker } from './collections/take-collections.ts'
import { type StoreDeps, storeRows } from './store-rows.ts'
import { type ArrivedUpload, parseUpload } from './upload-body.ts'
import { bodyText, enterRoom, slower, storeFailed, takeRawBodies } from './upload-room.ts'

export interface IngestDeps extends StoreDeps {
  readonly log: Logger
  readonly admission: Admission
  /** Of machines, by their ARM ids. */
  readonly rates: RateLimits
  /** Takes parts of contents; resolves when they are safe, rejects with `StoreUnavailable` where that may come later. */
  readonly takeContents: (
    parts: readonly ArrivedRow[],
    from: { readonly workspaceId: string; readonly resourceId: string },
  ) => Promise<void>
  readonly collections: Pick<CollectionTaker, 'take'>
  readonly claimsOf: (token: string) => Promise<IngestionClaims | undefined>
  /** Whether there are questions for a machine: it is told with whatever it uploads. */
  readonly isAsked: (resourceId: string) => boolean
}

/** The codings of bodies that are taken, best first. */
const ENCODINGS_OFFERED = 'zstd, gzip, deflate'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** `POST /ods/{workspace}/OperationalData.svc/PostJsonDataItems`: 200 when the store has the rows, once for each batch id. */
export function ingestRoutes(app: FastifyInstance, deps: IngestDeps): void {
  app.register(async (scope) => {
    await Promise.resolve()
    takeRawBodies(scope, UPLOAD_BYTES_MAX)
    // Before the body is read: who may not upload, or not now, costs no memory.
    scope.addHook<{ Params: { workspaceId: string } }>('onRequest', async (request, reply) => {
      // What a body may be compressed with (RFC 9110 §12.5.3); senders begin with gzip and take the best from then on.
      reply.header('accept-encoding', ENCODINGS_OFFERED)
      const claims = await claimsFor(deps, request, reply)
      if (claims === undefined) return reply
      claimsByRequest.set(request, claims)
      if (deps.isAsked(claims.resourceId)) reply.header(QUESTIONS_HEADER, '1')
      const waitSeconds = deps.rates.take(claims.resourceId)
      if (waitSeconds > 0) return slower(reply, 'this machine uploads too often', waitSeconds)
      return enterRoom(deps.admission, claims.resourceId, { request, reply, bytesMax: UPLOAD_BYTES_MAX })
    })
    const uploading = { config: { access: 'uploader' } } as const
    scope.post('/ods/:workspaceId/OperationalData.svc/PostJsonDataItems', uploading, async (request, reply) => {
      const claims = claimsByRequest.get(request)
      invariant(claims !== undefined, 'an upload without claims passed the hook')
      return await takeUpload(deps, claims, { request, reply })
    })
  })
}

const claimsByRequest = new WeakMap<FastifyRequest, IngestionClaims>()

/** Whom the request speaks for; `undefined` where it was answered with 401 or 403. */
async function claimsFor(
  deps: IngestDeps,
  request: FastifyRequest<{ Params: { workspaceId: string } }>,
  reply: FastifyReply,
): Promise<IngestionClaims | undefined> {
  const { headers, params } = request
  const token = bearerOf(headers.authorization)
  const claims = token === undefined ? undefined : await deps.claimsOf(token)
  const resourceId = headers['x-ms-azureresourceid']
  if (claims === undefined)
    refuse(reply, 401, { code: 'InvalidToken', message: 'the ingestion token is missing, wrong or too old' })
  else if (claims.workspaceId !== params.workspaceId)
    refuse(reply, 403, { code: 'Forbidden', message: 'the token is for another workspace' })
  else if (typeof resourceId === 'string' && resourceId.toLowerCase() !== claims.resourceId.toLowerCase())
    refuse(reply, 403, { code: 'Forbidden', message: 'the token is for another machine' })
  else return claims
  return undefined
}

async function takeUpload(
  deps: IngestDeps,
  claims: IngestionClaims,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const batchId = request.headers['x-request-id']
  if (typeof batchId !== 'string' || !UUID.test(batchId))
    return refuse(reply, 400, {
      code: 'BadRequest',
      message: 'X-Request-ID must be a UUID: it tells a batch that comes again',
    })
  const text = await bodyText(request, reply, UPLOAD_BYTES_MAX)
  if (typeof text !== 'string') return text
  const parsed = parseUpload(text)
  if (parsed.kind === 'rejected')
    return refuse(reply, 400, { code: 'BadRequest', message: 'the upload is wrong', problems: parsed.problems })
  try {
    await store(deps, parsed.value, { claims, batchId: batchId.toLowerCase() })
    return await reply.code(200).send()
  } catch (error) {
    return storeFailed(error, batchId, { reply, log: deps.log })
  }
}

async function store(
  deps: IngestDeps,
  { rows, contents, collections = [] }: ArrivedUpload,
  from: { readonly claims: IngestionClaims; readonly batchId: string },
): Promise<void> {
  const { claims, batchId } = from
  // First: whoever sees a row with a link finds what it links to.
  if (contents.length > 0) await deps.takeContents(contents, claims)
  const stamp = { workspaceId: claims.workspaceId, resourceId: claims.resourceId }
  // Another machine that uses the same id must not make this one's rows disappear.
  const owner = claims.resourceId
  const each = [...rows].map(async ([table, items]) => await storeRows(deps, { table, items, owner, batchId, stamp }))
  // All have ended before the answer, whether they went well or not.
  const outcomes = await Promise.allSettled(each)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  await deps.collections.take(collections, { resourceId: owner, batchId }, async (id, table, items) => {
    if (items.length > 0) await storeRows(deps, { table, items, owner, batchId: id, stamp })
  })
}
