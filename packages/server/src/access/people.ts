import type { Clock } from '@tidemark/base'
import { sessionRequest, type SessionView } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'

import { bearerOf, refuse } from '../http/api-error.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { ApiTokens } from './api-tokens.ts'
import type { Caller } from './caller.ts'
import { type RateLimit, RateLimits, TOKEN_RATE } from './rate-limits.ts'
import { type Right, rightOfHandler, rightsOf, rightsOfScopes } from './rights.ts'
import { isSameSecret, newSecret, secretHash } from './secrets.ts'

/** How long a browser stays signed in, in milliseconds: 30 days. */
export const SESSION_MS = 30 * 86_400_000
/** Wrong tokens from one address in a row before it is refused, and how many more may come each second. */
export const WRONG_TOKENS: RateLimit = { burstMax: 20, perSecondMax: 1 / 3 }
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

/** Lets people and programs in: by a token as bearer, or by a session cookie that one was changed for. */
export class People {
  readonly apiTokens: ApiTokens
  readonly #tokens: PeopleTokens
  readonly #metadata: Metadata
  readonly #clock: Clock
  readonly #rates: RateLimits
  readonly #wrong: RateLimits
  readonly #callers = new WeakMap<FastifyRequest, { readonly caller: Caller | undefined }>()

  constructor(tokens: PeopleTokens, metadata: Metadata, clock: Clock, rate = TOKEN_RATE) {
    this.#tokens = tokens
    this.#metadata = metadata
    this.#clock = clock
    this.apiTokens = new ApiTokens(metadata, clock)
    this.#rates = new RateLimits(rate, clock)
    this.#wrong = new RateLimits(WRONG_TOKENS, clock)
  }

  /** For fastify's `preHandler`: answers 401 unless somebody is signed in, and 403 unless they have the right. */
  requires(right: Right): preHandlerAsyncHookHandler {
    const handler: preHandlerAsyncHookHandler = async (request, reply) => {
      if (!(await this.check(request, reply, right))) return reply
    }
    rightOfHandler.set(handler, right)
    return handler
  }

  /** Whether the request may go on; where it may not it was answered 401, 403 or 429. (A reply that is awaited is `undefined`.) */
  async check(request: FastifyRequest, reply: FastifyReply, right: Right): Promise<boolean> {
    const isFirst = !this.#callers.has(request)
    const caller = await this.#findCaller(request)
    const refused =
      caller === undefined ? this.#unknown(request, reply) : this.#refusal(caller, { request, reply, isFirst })
    if (refused !== undefined) return false
    if (this.may(request, right)) return true
    lacks(reply, right)
    return false
  }

  /** Whether the request comes from somebody with the right; for routes that ask for more only at times. */
  may(request: FastifyRequest, right: Right): boolean {
    return this.callerOf(request)?.rights.includes(right) === true
  }

  /** Who asks; the same for all of one request. Known once the request was checked, which its route's access sees to. */
  callerOf(request: FastifyRequest): Caller | undefined {
    return this.#callers.get(request)?.caller
  }

  async #findCaller(request: FastifyRequest): Promise<Caller | undefined> {
    const known = this.#callers.get(request)
    if (known) return known.caller
    const bearer = bearerOf(request.headers.authorization)
    const holder = await (bearer === undefined ? this.#sessionHolder(request) : this.#tokenHolder(bearer))
    const caller = holder === undefined ? undefined : await this.#callerNamed(holder)
    this.#callers.set(request, { caller })
    return caller
  }

  /** Who asks, as people know them: `admin`, `reader`, `token dashboard`; empty where nobody does. */
  async nameOf(request: FastifyRequest): Promise<string> {
    const holder = this.callerOf(request)?.holder ?? ''
    const isToken = holder !== '' && holder !== 'admin' && holder !== 'reader'
    const token = isToken ? await this.apiTokens.byId(holder) : undefined
    return token === undefined ? holder : `token ${token.name}`
  }

  #refusal(
    caller: Caller,
    {
      request,
      reply,
      isFirst,
    }: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly isFirst: boolean },
  ): FastifyReply | undefined {
    const waitSeconds = isFirst ? this.#rates.take(caller.holder) : 0
    if (waitSeconds > 0) return tooMany(reply, waitSeconds, 'this token asks for more than the server gives to one')
    const isOwnPage = bearerOf(request.headers.authorization) !== undefined || request.headers[OWN_PAGE_HEADER] === '1'
    if (SAFE_METHODS.has(request.method) || isOwnPage) return undefined
    return refuse(reply, 403, {
      code: 'Forbidden',
      message: `a change by cookie needs the header ${OWN_PAGE_HEADER}: 1`,
    })
  }

  #unknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const isGuess = bearerOf(request.headers.authorization) !== undefined
    const waitSeconds = isGuess ? this.#wrong.take(request.ip) : 0
    if (waitSeconds > 0) return tooMany(reply, waitSeconds, 'too many wrong tokens')
    reply.header('www-authenticate', 'Bearer')
    return refuse(reply, 401, {
      code: 'AuthenticationFailed',
      message: 'sign in with the token in admin.token, or with an API token that is good',
    })
  }

  async #tokenHolder(token: string): Promise<string | undefined> {
    if (isSameSecret(token, this.#tokens.admin)) return 'admin'
    if (isSameSecret(token, this.#tokens.reader)) return 'reader'
    return (await this.apiTokens.find(token))?.id
  }

  /** What a holder may is asked anew each time: a session ends with the token that opened it. */
  async #callerNamed(holder: string): Promise<Caller | undefined> {
    if (holder === 'admin' || holder === 'reader') return { holder, rights: rightsOf(holder) }
    const token = await this.apiTokens.byId(holder)
    if (token === undefined) return undefined
    const rights = rightsOfScopes(token.scopes)
    return { holder, rights, ...(token.workspaces.length === 0 ? {} : { workspaces: token.workspaces }) }
  }

  routes(app: FastifyInstance): void {
    const anybody = { config: { access: 'anybody' } } as const
    app.post('/api/session', anybody, async (request, reply) => this.#signIn(request, reply))
    const reading = { preHandler: this.requires('read') }
    app.get('/api/session', reading, async (request, reply) => await reply.send(this.#view(request)))
    app.delete('/api/session', anybody, async (request, reply) => {
      const hash = secretHash(sessionOf(request) ?? '')
      await this.#metadata.run(this.#metadata.build.deleteFrom('session').where('hash', '=', hash))
      reply.header('set-cookie', `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`)
      return reply.code(204).send()
    })
  }

  #view(request: FastifyRequest): SessionView {
    return { isSignedIn: true, rights: this.callerOf(request)?.rights ?? [] }
  }

  async #signIn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const nowMs = this.#clock.nowMs()
    const read = sessionRequest.safeParse(request.body)
    const holder = read.success ? await this.#tokenHolder(read.data.token.trim()) : undefined
    const caller = holder === undefined ? undefined : await this.#callerNamed(holder)
    if (holder === undefined || caller === undefined) {
      const waitSeconds = this.#wrong.take(request.ip)
      if (waitSeconds > 0) return tooMany(reply, waitSeconds, 'too many wrong tokens')
      return refuse(reply, 401, {
        code: 'AuthenticationFailed',
        message: 'this is the token neither in admin.token nor in reader.token, nor an API token that is good',
      })
    }
    const secret = newSecret('tm_session_')
    const { build } = this.#metadata
    await this.#metadata.run(build.deleteFrom('session').where('expires_ms', '<', nowMs))
    const session = { hash: secretHash(secret), expires_ms: nowMs + SESSION_MS, holder }
    await this.#metadata.run(build.insertInto('session').values(session))
    const secure = request.protocol === 'https' ? '; Secure' : ''
    reply.header(
      'set-cookie',
      `${COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1_000}${secure}`,
    )
    const view: SessionView = { isSignedIn: true, rights: caller.rights }
    return reply.code(200).send(view)
  }

  async #sessionHolder(request: FastifyRequest): Promise<string | undefined> {
    const secret = sessionOf(request)
    if (secret === undefined) return undefined
    const { build } = this.#metadata
    const question = build.selectFrom('session').select(['expires_ms', 'holder']).where('hash', '=', secretHash(secret))
    const row = await this.#metadata.first(question)
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

function tooMany(reply: FastifyReply, waitSeconds: number, message: string): FastifyReply {
  reply.header('retry-after', String(waitSeconds))
  return refuse(reply, 429, { code: 'TooManyRequests', message: `${message}; come again in ${waitSeconds} s` })
}

function sessionOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === COOKIE)?.[1]
}
