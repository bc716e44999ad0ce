import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

import type { Clock } from '@tidemark/base'
import { tableNames } from '@tidemark/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { type Caller, maySee } from '../access/caller.ts'
import type { Workspaces } from '../access/workspaces.ts'
import { refuse } from '../http/api-error.ts'
import type { RowStore } from '../ports.ts'
import { changePage, type FeedFilter, typeColumn } from './change-pages.ts'
import { type Cursor, cursorText, parseCursor } from './cursor.ts'
import type { LiveFeed } from './feed.ts'

/** Rows of one answer: at most, and where nothing is said. */
export const PAGE_ROWS_MAX = 10_000
const PAGE_ROWS = 1_000
/** Readers that have a stream open at a time; one more is answered 503. */
export const STREAMS_MAX = 200
/** How often a silent stream says that it is alive, in milliseconds, and looks for itself. */
const ALIVE_MS = 15_000

export interface ChangesDeps {
  readonly store: RowStore
  /** A number up to which every row is stored, or never will be. */
  readonly settled: () => number
  readonly feed: LiveFeed
  readonly clock: Clock
  readonly workspaces: Pick<Workspaces, 'find' | 'ownId'>
  readonly callerOf: (request: FastifyRequest) => Caller | undefined
  /** Aborts when the server closes. */
  readonly signal: AbortSignal
}

interface Reader {
  readonly cursor: Cursor
  readonly filter: FeedFilter
  readonly countMax: number
}

/** `GET /changes`: what arrived, in the order of arrival, page by page or as server-sent events (docs/formats/changes.md). */
export function changesRoutes(app: FastifyInstance, deps: ChangesDeps): void {
  const streams = { count: 0 }
  const reading = { config: { access: 'read' } } as const
  app.get('/changes', reading, async (request, reply) => {
    const reader = await readerOf(deps, request)
    if (typeof reader === 'string') return refuse(reply, 400, { code: 'BadRequest', message: reader })
    const caller = deps.callerOf(request)
    if (caller === undefined || !maySee(caller, reader.cursor.workspaceId))
      return refuse(reply, 404, { code: 'WorkspaceNotFoundError', message: 'there is no such workspace' })
    if (!(request.headers.accept ?? '').includes('text/event-stream')) return await sendPage(deps, reader, reply)
    if (streams.count >= STREAMS_MAX)
      return refuse(reply.header('retry-after', '5'), 503, {
        code: 'TooManyListeners',
        message: `at most ${STREAMS_MAX} streams are open at a time`,
      })
    streams.count += 1
    try {
      return await stream(deps, reader, reply)
    } finally {
      streams.count -= 1
    }
  })
}

/** What a request asks for, or what is wrong with it. */
async function readerOf({ workspaces, settled }: ChangesDeps, request: FastifyRequest): Promise<Reader | string> {
  const asked = new URLSearchParams(request.url.split('?')[1] ?? '')
  const lastEvent = request.headers['last-event-id']
  // A browser that connects anew says where it was; the address still says where it began.
  const after = typeof lastEvent === 'string' && lastEvent !== '' ? lastEvent : asked.get('after')
  const known = after === null || after === '' || after === 'latest' ? undefined : parseCursor(after)
  if (known === undefined && after !== null && after !== '' && after !== 'latest')
    return 'after is no cursor; write one that an answer gave, "latest", or nothing to begin with the oldest'
  const tableName = asked.get('table') ?? known?.table ?? 'ConfigurationChange'
  const table = tableNames.find((one) => one === tableName)
  if (table === undefined) return `there is no table ${tableName}; known: ${tableNames.join(', ')}`
  const named = asked.get('workspace') ?? known?.workspaceId ?? workspaces.ownId
  const workspaceId = (await workspaces.find(named)) ?? ''
  if (known !== undefined && (known.table !== table || known.workspaceId !== workspaceId))
    return 'after is a cursor of another table or workspace'
  const type = asked.get('type')
  if (type !== null && typeColumn(table) === undefined) return `rows of ${table} have no type`
  const count = Number(asked.get('limit') ?? PAGE_ROWS)
  if (!Number.isInteger(count) || count < 1 || count > PAGE_ROWS_MAX)
    return `limit is a number of rows from 1 to ${PAGE_ROWS_MAX}`
  const computer = asked.get('computer')
  const filter = { ...(computer === null ? {} : { computer }), ...(type === null ? {} : { type }) }
  const arrival = known?.arrival ?? (after === 'latest' ? settled() : 0)
  return { cursor: { table, workspaceId, arrival }, filter, countMax: count }
}

async function sendPage(deps: ChangesDeps, reader: Reader, reply: FastifyReply): Promise<FastifyReply> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const settled = deps.settled()
  const { cursor, filter, countMax } = reader
  const page = await changePage(deps.store, { ...cursor, filter }, { countMax, settled, signal: gone.signal })
  return await reply.send({
    changes: page.rows.map(({ row }) => row),
    after: cursorText({ ...cursor, arrival: page.arrival }),
    hasMore: page.hasMore,
  })
}

async function stream(deps: ChangesDeps, reader: Reader, reply: FastifyReply): Promise<FastifyReply> {
  const { clock, feed, signal } = deps
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  raw.write(': connected\n\n')
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  const over = AbortSignal.any([gone.signal, signal])
  let news = new AbortController()
  const forget = feed.listen(({ table }, workspaceId) => {
    if (table === reader.cursor.table && workspaceId === reader.cursor.workspaceId) news.abort()
  })
  let { cursor } = reader
  while (!over.aborted) {
    // Renewed before looking: what arrives meanwhile is looked for at once.
    news = new AbortController()
    const settled = deps.settled()
    const { filter, countMax } = reader
    // While the store is away the stream stays, and goes on where it was.
    const page = await changePage(deps.store, { ...cursor, filter }, { countMax, settled, signal: over }).catch(
      () => undefined,
    )
    for (const { row, arrival } of page?.rows ?? []) {
      const id = cursorText({ ...cursor, arrival })
      await write(raw, `id: ${id}\nevent: change\ndata: ${JSON.stringify(row)}\n\n`, over)
    }
    if (page !== undefined) cursor = { ...cursor, arrival: page.arrival }
    if (page?.hasMore === true) continue
    await clock
      .sleep(page === undefined ? 1_000 : ALIVE_MS, AbortSignal.any([over, news.signal]))
      .catch(() => undefined)
    if (!news.signal.aborted) await write(raw, ': alive\n\n', over)
  }
  forget()
  raw.end()
  return reply
}

/** Waits for a reader that is slower than what arrives: nothing is kept for it in memory. */
async function write(raw: ServerResponse, text: string, over: AbortSignal): Promise<void> {
  if (over.aborted || raw.write(text)) return
  await once(raw, 'drain', { signal: over }).catch(() => undefined)
}
