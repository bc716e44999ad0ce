import { join } from 'node:path'

import { type Clock, newBytes } from '@tidemark/base'
import { warmUpKql } from '@tidemark/kql'
import { tables } from '@tidemark/model'
import { fastify, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'

import { secretInFile } from './access/host/token-file.ts'
import { People, type PeopleTokens } from './access/people.ts'
import { newSecret } from './access/secrets.ts'
import { ChdbStore } from './clickhouse/chdb.ts'
import { ContentRoom, keepTended } from './content/content-room.ts'
import { AssemblyFolder } from './content/host/assembly-folder.ts'
import { ContentReferences } from './content/references.ts'
import { contentRoutes } from './content/routes.ts'
import { openContentStore } from './content/store/open-store.ts'
import { Control } from './control/control.ts'
import { refuse } from './http/api-error.ts'
import { openApi } from './http/open-api.ts'
import { ingestRoutes } from './ingest/routes.ts'
import { LiveFeed } from './live/feed.ts'
import { liveRoutes } from './live/routes.ts'
import { Metadata } from './metadata/metadata.ts'
import { portalRoutes } from './portal/portal.ts'
import { StoreUnavailable } from './ports.ts'
import { queryRoutes } from './query/routes.ts'
import { ServerError } from './server-error.ts'
import type { ServerSettings } from './settings.ts'

/** What the server is given. */
export interface ServerLife {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** The server, listening. */
export interface Server extends AsyncDisposable {
  /** Under which it listens; the public address where one was given. */
  readonly url: string
  /** The file with the token to sign in with, mode 0600. */
  readonly adminTokenFile: string
  /** The file with the token of those who only read, mode 0600. */
  readonly readerTokenFile: string
  readonly workspaceId: string
}

/** Bytes of a request's body, uploads excepted. */
const BODY_BYTES_MAX = 4 * 1024 * 1024

/**
 * Starts the server. Throws `ServerError`: `address-in-use`, `state-unusable`, `store-failed`. Disposing answers what is
 * under way, then closes; what was answered with 2xx is on disk.
 */
export async function openServer(settings: ServerSettings, life: ServerLife): Promise<Server> {
  const { clock, log } = life
  const stop = new AbortController()
  await using stack = new AsyncDisposableStack()
  const metadata = stack.use(new Metadata(join(settings.stateFolder, 'metadata.db')))
  const store = stack.use(await ChdbStore.open(join(settings.stateFolder, 'clickhouse'), { clock, log }))
  const tokenFiles = {
    admin: join(settings.stateFolder, 'admin.token'),
    reader: join(settings.stateFolder, 'reader.token'),
  }
  const people = new People(readTokens(tokenFiles), metadata, clock)
  const room = stack.use(await openContents(settings, { metadata, clock, log }))
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, routerOptions: { ignoreDuplicateSlashes: true } })
  stack.defer(async () => await app.close())
  const tended = keepTended(room, { clock, log, signal: stop.signal })
  stack.defer(async () => await tended)
  stack.defer(() => stop.abort())
  let url = ''
  const control = new Control({ settings, metadata, people, store, clock, publicUrl: () => settings.publicUrl ?? url })
  const live = new LiveFeed()
  const mayRead = people.requires('read')
  answerErrors(app, log)
  people.routes(app)
  control.routes(app)
  ingestRoutes(app, {
    store,
    live,
    clock,
    log,
    claimsOf: async (token) => await control.tokens.read(token),
    takeContents: async (parts, from) => await room.take(parts, from),
  })
  const { workspaceId } = control
  queryRoutes(app, { store, clock, log, workspaceId, mayRead })
  contentRoutes(app, { room, people, workspaceId, redactionKey: newBytes(32) })
  liveRoutes(app, { feed: live, clock, signal: stop.signal, mayRead })
  app.get(
    '/healthz',
    async (_request, reply) => await reply.code(store.isReady ? 200 : 503).send({ isReady: store.isReady }),
  )
  app.get('/api/openapi.json', async () => await Promise.resolve(openApi()))
  portalRoutes(app, settings.portalFolder)
  url = await listen(app, settings)
  warmUpKql(tables)
  log.info({ url }, 'the server listens')
  const kept = stack.move()
  return {
    url: settings.publicUrl ?? url,
    adminTokenFile: tokenFiles.admin,
    readerTokenFile: tokenFiles.reader,
    workspaceId,
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  }
}

function readTokens({ admin, reader }: PeopleTokens): PeopleTokens {
  return {
    admin: secretInFile(admin, () => newSecret('tm_admin_')),
    reader: secretInFile(reader, () => newSecret('tm_reader_')),
  }
}

/** Parts wait on the server's own disk, wherever whole contents go. */
async function openContents(
  { contents, stateFolder }: ServerSettings,
  { metadata, clock, log }: { readonly metadata: Metadata; readonly clock: Clock; readonly log: Logger },
): Promise<ContentRoom> {
  try {
    const store = await openContentStore(contents, stateFolder)
    const folder = await AssemblyFolder.open(join(stateFolder, 'content-parts'))
    return await ContentRoom.open({ store, folder, references: new ContentReferences(metadata), clock, log })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ServerError('state-unusable', `contents of files cannot be kept: ${why}`, { cause })
  }
}

async function listen(app: FastifyInstance, { host, port }: ServerSettings): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    throw new ServerError(
      'address-in-use',
      `another program listens on ${host}:${port}; end it, or say another --port`,
      { cause: error },
    )
  }
}

/** What goes wrong while answering: the client's mistakes by their status, ours with 500 and a line in the log. */
function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof StoreUnavailable)
      return refuse(reply.header('retry-after', '1'), 503, { code: 'ServiceUnavailable', message: error.message })
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
    const message = error instanceof Error ? error.message : String(error)
    if (status < 500) return refuse(reply, status, { code: 'BadRequest', message })
    log.error({ error, url: request.url }, 'a request failed')
    return refuse(reply, 500, {
      code: 'InternalServerError',
      message: 'something went wrong here; the log of the server tells what',
    })
  })
}
