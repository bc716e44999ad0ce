import type { Clock } from '@tidemark/base'
import { tableNames } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { jwtVerify, SignJWT } from 'jose'
import type { Logger } from 'pino'
import { z } from 'zod'

import { bearerOf, refuse } from '../http/api-error.ts'
import type { Admission } from '../ingest/admission.ts'
import { bodyText, enterRoom, storeFailed, takeRawBodies } from '../ingest/upload-room.ts'
import { type ArrivedBatch, StoreRefused, StoreUnavailable } from '../ports.ts'
import type { Forward } from './shared-committer.ts'

/** Where servers bring batches to the one that stores them. */
export const BATCHES_PATH = '/internal/batches'
/** Bytes of a batch: its rows have the names that the upload left out. */
export const BATCH_BYTES_MAX = 128 * 1024 * 1024
/** How long the other server may take, in milliseconds. */
const FORWARD_MS_MAX = 30_000
const TOKEN_SECONDS = 60
const AUDIENCE = 'tidemark-server'
const OWNER_HEADER = 'x-tidemark-owner'

const batchShape = z.object({
  table: z.enum(tableNames),
  owner: z.string(),
  batchId: z.string(),
  columns: z.array(z.string().regex(/^\w+$/)).min(1).max(1_000),
  rows: z.array(z.object({ month: z.number().int(), line: z.string().startsWith('[') })),
})

export interface ServerRoutesDeps {
  /** 32 bytes that all servers share. */
  readonly key: Uint8Array
  readonly clock: Clock
  readonly log: Logger
  readonly admission: Admission
  readonly take: (batch: ArrivedBatch) => Promise<void>
}

/** `POST /internal/batches`: for other servers only, each of which knows the key. 204 when the rows are stored. */
export function serverRoutes(app: FastifyInstance, deps: ServerRoutesDeps): void {
  app.register(async (scope) => {
    await Promise.resolve()
    takeRawBodies(scope, BATCH_BYTES_MAX)
    scope.addHook('onRequest', async (request, reply) => {
      if (!(await isServer(deps, bearerOf(request.headers.authorization) ?? '')))
        return refuse(reply, 401, { code: 'InvalidToken', message: 'only servers of this cluster come here' })
      const owner = request.headers[OWNER_HEADER]
      return enterRoom(deps.admission, typeof owner === 'string' ? owner : '', {
        request,
        reply,
        bytesMax: BATCH_BYTES_MAX,
      })
    })
    scope.post(
      BATCHES_PATH,
      { config: { access: 'server' } },
      async (request, reply) => await takeBatch(deps, request, reply),
    )
  })
}

async function takeBatch(deps: ServerRoutesDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const text = await bodyText(request, reply, BATCH_BYTES_MAX)
  if (typeof text !== 'string') return text
  const read = batchShape.safeParse(parsed(text))
  if (!read.success) return refuse(reply, 400, { code: 'BadRequest', message: 'this is no batch' })
  try {
    await deps.take(read.data)
    return await reply.code(204).send()
  } catch (error) {
    return storeFailed(error, read.data.batchId, { reply, log: deps.log })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function isServer({ key, clock }: ServerRoutesDeps, token: string): Promise<boolean> {
  try {
    const options = {
      audience: AUDIENCE,
      algorithms: ['HS256'],
      currentDate: new Date(clock.nowMs()),
      clockTolerance: 300,
    }
    await jwtVerify(token, key, options)
    return true
  } catch {
    return false
  }
}

/** Brings batches to the server that stores them. */
export function forwarder({ key, clock }: { readonly key: Uint8Array; readonly clock: Clock }): Forward {
  return async (url, batch) => {
    const nowSeconds = Math.floor(clock.nowMs() / 1_000)
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setAudience(AUDIENCE)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + TOKEN_SECONDS)
      .sign(key)
    const answer = await fetch(`${url}${BATCHES_PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        [OWNER_HEADER]: encodeURIComponent(batch.owner),
      },
      body: JSON.stringify(batch),
      signal: AbortSignal.timeout(FORWARD_MS_MAX),
    }).catch((cause: unknown) => {
      throw new StoreUnavailable(`the server that stores rows, ${url}, is not reached`, { cause })
    })
    if (answer.status === 204) return
    const text = await answer.text().catch(() => '')
    if (answer.status === 400) throw new StoreRefused(text, 'rows')
    throw new StoreUnavailable(`the server that stores rows, ${url}, answered ${answer.status}`)
  }
}
