import type { Clock } from '@tidemark/base'
import { sessionRequest, type SessionView } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'

import { bearerOf, refuse } from '../http/api-error.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { type Right, rightsOf } from './rights.ts'
import { isSameSecret, newSecret, secretHash } from './secrets.ts'

/** How long a browser stays signed in, in milliseconds: 30 days. */
export const SESSION_MS = 30 * 86_400_000
/** Wrong tokens in one minute before signing in is refused for the rest of it. */
export const WRONG_TOKENS_MAX = 20
const COOKIE = 'tidemark_session'
/** Browsers send it only from our own pages: a foreign page cannot set it without being asked first (CORS). */
const OWN_PAGE_HEADER = 'x-tidemark-portal'
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The tokens that open the server, by who holds them. */
export interface PeopleTokens {
  /** Has every right. */
  readonly admin: string
  /** May read, but neither contents of files nor change anything. */
  readonly reader: string
}

/** Lets people in: by a token as bearer, or by a session cookie that one was changed for; a session has its rights. */
export class People {
  readonly #tokens: PeopleTokens
  readonly #metadata: Metadata
  readonly #clock: Clock
  #wrong = { sinceMs: 0, count: 0 }

  constructor(tokens: PeopleTokens, metadata: Metadata, clock: Clock) {
    this.#tokens = tokens
    this.#metadata = metadata
    this.#clock = clock
  }

  /** For fastify's `preHandler`: answers 401 unless somebody is signed in, and 403 unless they have the right. */
  requires(right: Right): preHandlerAsyncHookHandler {
    return async (request, reply) => {
      await Promise.resolve()
      const refused = this.#signedIn(request, reply)
      if (refused !== undefined) return refused
      return this.may(request, right) ? undefined : lacks(reply, right)
    }
  }

  /** Whether the request comes from somebody with the right; for routes that ask for more only at times. */
  may(request: FastifyRequest, right: Right): boolean {
    return rightsOf(this.#holderOf(request)).includes(right)
  }

  #signedIn(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    if (this.#holderOf(request) === undefined) {
      reply.header('www-authenticate', 'Bearer')
      return refuse(reply, 401, { code: 'AuthenticationFailed', message: 'sign in with the token in admin.token' })
    }
    const isOwnPage = bearerOf(request.headers.authorization) !== undefined || request.headers[OWN_PAGE_HEADER] === '1'
    if (SAFE_METHODS.has(request.method) || isOwnPage) return undefined
    return refuse(reply, 403, {
      code: 'Forbidden',
      message: `a change by cookie needs the header ${OWN_PAGE_HEADER}: 1`,
    })
  }

  #holderOf(request: FastifyRequest): string | undefined {
    const bearer = bearerOf(request.headers.authorization)
    return bearer === undefined ? this.#sessionHolder(request) : this.#tokenHolder(bearer)
  }

  #tokenHolder(token: string): keyof PeopleTokens | undefined {
    if (isSameSecret(token, this.#tokens.admin)) return 'admin'
    return isSameSecret(token, this.#tokens.reader) ? 'reader' : undefined
  }

  routes(app: FastifyInstance): void {
    app.post('/api/session', async (request, reply) => await Promise.resolve(this.#signIn(request, reply)))
    const reading = { preHandler: this.requires('read') }
    app.get('/api/session', reading, async (request, reply) => await reply.send(this.#view(request)))
    app.delete('/api/session', async (request, reply) => {
      await Promise.resolve()
      const hash = secretHash(sessionOf(request) ?? '')
      this.#metadata.run(this.#metadata.build.deleteFrom('session').where('hash', '=', hash))
      reply.header('set-cookie', `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`)
      return reply.code(204).send()
    })
  }

  #view(request: FastifyRequest): SessionView {
    return { isSignedIn: true, rights: rightsOf(this.#holderOf(request)) }
  }

  #signIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#wrong.sinceMs > 60_000) this.#wrong = { sinceMs: nowMs, count: 0 }
    if (this.#wrong.count >= WRONG_TOKENS_MAX) {
      reply.header('retry-after', '60')
      return refuse(reply, 429, { code: 'TooManyRequests', message: 'too many wrong tokens; try again in a minute' })
    }
    const read = sessionRequest.safeParse(request.body)
    const holder = read.success ? this.#tokenHolder(read.data.token.trim()) : undefined
    if (holder === undefined) {
      this.#wrong.count += 1
      return refuse(reply, 401, {
        code: 'AuthenticationFailed',
        message: 'this is the token neither in admin.token nor in reader.token',
      })
    }
    const secret = newSecret('tm_session_')
    const { build } = this.#metadata
    this.#metadata.run(build.deleteFrom('session').where('expires_ms', '<', nowMs))
    const session = { hash: secretHash(secret), expires_ms: nowMs + SESSION_MS, holder }
    this.#metadata.run(build.insertInto('session').values(session))
    reply.header('set-cookie', `${COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1_000}`)
    const view: SessionView = { isSignedIn: true, rights: rightsOf(holder) }
    return reply.code(200).send(view)
  }

  #sessionHolder(request: FastifyRequest): string | undefined {
    const secret = sessionOf(request)
    if (secret === undefined) return undefined
    const { build } = this.#metadata
    const question = build.selectFrom('session').select(['expires_ms', 'holder']).where('hash', '=', secretHash(secret))
    const row = this.#metadata.first(question)
    return row !== undefined && row.expires_ms > this.#clock.nowMs() ? row.holder : undefined
  }
}

/** Answers that a right is missing, and which. */
export function lacks(reply: FastifyReply, right: Right): FastifyReply {
  return refuse(reply, 403, {
    code: 'Forbidden',
    message: `the token that you signed in with lacks the right ${right}`,
  })
}

function sessionOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === COOKIE)?.[1]
}
