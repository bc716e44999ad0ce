import type { Clock } from '@tidemark/base'
import { sessionRequest } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'

import { bearerOf, refuse } from '../http/api-error.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { isSameSecret, newSecret, secretHash } from './secrets.ts'

/** How long a browser stays signed in, in milliseconds: 30 days. */
export const SESSION_MS = 30 * 86_400_000
/** Wrong tokens in one minute before signing in is refused for the rest of it. */
export const WRONG_TOKENS_MAX = 20
const COOKIE = 'tidemark_session'
/** Browsers send it only from our own pages: a foreign page cannot set it without being asked first (CORS). */
const OWN_PAGE_HEADER = 'x-tidemark-portal'
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Lets people in: by the admin token as bearer, or by a session cookie that the token was changed for. */
export class People {
  readonly #token: string
  readonly #metadata: Metadata
  readonly #clock: Clock
  #wrong = { sinceMs: 0, count: 0 }

  constructor(token: string, metadata: Metadata, clock: Clock) {
    this.#token = token
    this.#metadata = metadata
    this.#clock = clock
  }

  /** For fastify's `preHandler`: answers 401 or 403 unless the request comes from somebody who is signed in. */
  readonly requireAdmin: preHandlerAsyncHookHandler = async (request, reply) => {
    await Promise.resolve()
    const bearer = bearerOf(request.headers.authorization)
    if (bearer !== undefined && isSameSecret(bearer, this.#token)) return
    if (bearer === undefined && this.#hasSession(request)) {
      if (SAFE_METHODS.has(request.method) || request.headers[OWN_PAGE_HEADER] === '1') return
      return refuse(reply, 403, {
        code: 'Forbidden',
        message: `a change by cookie needs the header ${OWN_PAGE_HEADER}: 1`,
      })
    }
    reply.header('www-authenticate', 'Bearer')
    return refuse(reply, 401, { code: 'AuthenticationFailed', message: 'sign in with the token in admin.token' })
  }

  routes(app: FastifyInstance): void {
    app.post('/api/session', async (request, reply) => await Promise.resolve(this.#signIn(request, reply)))
    app.get('/api/session', { preHandler: this.requireAdmin }, async () => await Promise.resolve({ isSignedIn: true }))
    app.delete('/api/session', async (request, reply) => {
      await Promise.resolve()
      const hash = secretHash(sessionOf(request) ?? '')
      this.#metadata.run(this.#metadata.build.deleteFrom('session').where('hash', '=', hash))
      reply.header('set-cookie', `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`)
      return reply.code(204).send()
    })
  }

  #signIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#wrong.sinceMs > 60_000) this.#wrong = { sinceMs: nowMs, count: 0 }
    if (this.#wrong.count >= WRONG_TOKENS_MAX) {
      reply.header('retry-after', '60')
      return refuse(reply, 429, { code: 'TooManyRequests', message: 'too many wrong tokens; try again in a minute' })
    }
    const read = sessionRequest.safeParse(request.body)
    if (!read.success || !isSameSecret(read.data.token.trim(), this.#token)) {
      this.#wrong.count += 1
      return refuse(reply, 401, { code: 'AuthenticationFailed', message: 'this is not the token in admin.token' })
    }
    const secret = newSecret('tm_session_')
    const { build } = this.#metadata
    this.#metadata.run(build.deleteFrom('session').where('expires_ms', '<', nowMs))
    this.#metadata.run(build.insertInto('session').values({ hash: secretHash(secret), expires_ms: nowMs + SESSION_MS }))
    reply.header('set-cookie', `${COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1_000}`)
    return reply.code(200).send({ isSignedIn: true })
  }

  #hasSession(request: FastifyRequest): boolean {
    const secret = sessionOf(request)
    if (secret === undefined) return false
    const { build } = this.#metadata
    const question = build.selectFrom('session').select('expires_ms').where('hash', '=', secretHash(secret))
    const row = this.#metadata.first(question)
    return row !== undefined && row.expires_ms > this.#clock.nowMs()
  }
}

function sessionOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === COOKIE)?.[1]
}
