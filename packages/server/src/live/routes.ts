import type { Clock } from '@tidemark/base'
import type { LiveRows } from '@tidemark/model'
import type { FastifyInstance, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'

import { type Caller, maySee } from '../access/caller.ts'
import { refuse } from '../http/api-error.ts'
import type { LiveFeed } from './feed.ts'

/** Listeners at a time; one more is answered 503. */
export const LISTENERS_MAX = 1_000
/** Bytes that wait for a listener who does not read; then it is disconnected, and may come again. */
const WAITING_BYTES_MAX = 1_048_576
/** How often a silent stream says that it is alive, in milliseconds: proxies close silent ones. */
const ALIVE_MS = 15_000

/** `GET /api/live`: server-sent events, `rows` with a `LiveRows` for each batch that arrived. */
export function liveRoutes(
  app: FastifyInstance,
  deps: {
    readonly feed: LiveFeed
    readonly clock: Clock
    readonly signal: AbortSignal
    /** Lets in who may read. */
    readonly mayRead: preHandlerAsyncHookHandler
    readonly callerOf: (request: FastifyRequest) => Caller | undefined
  },
): void {
  const { feed, clock, signal } = deps
  app.get('/api/live', { preHandler: deps.mayRead }, async (request, reply) => {
    await Promise.resolve()
    const caller = deps.callerOf(request)
    if (feed.listenerCount >= LISTENERS_MAX)
      return refuse(reply, 503, { code: 'TooManyListeners', message: `at most ${LISTENERS_MAX} listen at a time` })
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    raw.write(': connected\n\n')
    const gone = new AbortController()
    const forget = feed.listen((rows: LiveRows, workspaceId) => {
      if (caller === undefined || !maySee(caller, workspaceId)) return
      if (raw.writableLength > WAITING_BYTES_MAX) raw.destroy()
      else raw.write(`event: rows\ndata: ${JSON.stringify(rows)}\n\n`)
    })
    raw.once('close', () => gone.abort())
    const over = AbortSignal.any([gone.signal, signal])
    while (!over.aborted) {
      await clock.sleep(ALIVE_MS, over).catch(() => undefined)
      if (!over.aborted) raw.write(': alive\n\n')
    }
    forget()
    raw.end()
    return reply
  })
}
