import { join } from 'node:path'

import { type Clock, newBytes } from '@tidemark/base'
import { warmUpKql } from '@tidemark/kql'
import { tables } from '@tidemark/model'
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

import { type DeclaredRoute, guardRoutes } from './access/guard.ts'
import { secretInFile } from './access/host/token-file.ts'
import { People, type PeopleTokens } from './access/people.ts'
import { RateLimits } from './access/rate-limits.ts'
import { accessRoutes } from './access/routes.ts'
import { newSecret } from './access/secrets.ts'
import { ChdbStore } from './clickhouse/chdb.ts'
import { openRowStore } from './clickhouse/open-row-store.ts'
import { openRows, type OpenedRows } from './cluster/open-rows.ts'
import { serverRoutes } from './cluster/server-routes.ts'
import { ContentRoom, keepTended } from './content/content-room.ts'
import { AssemblyFolder } from './content/host/assembly-folder.ts'
import { ContentReferences } from './content/references.ts'
import { contentRoutes } from './content/routes.ts'
import { openContentStore } from './content/store/open-store.ts'
import { Control } from './control/control.ts'
import { keepGroupsFresh } from './control/group-members.ts'
import { Enrolment, type EnrolmentDeps } from './enrolment/enrolment.ts'
import { enrolmentRoutes } from './enrolment/routes.ts'
import { standingRoutes } from './enrolment/standing-routes.ts'
import { MachineGroups } from './groups/machine-groups.ts'
import { membersOf } from './groups/members.ts'
import { groupRoutes } from './groups/routes.ts'
import { refuse } from './http/api-error.ts'
import { httpListener } from './http/listener.ts'
import { openApi } from './http/open-api.ts'
import { securityHeaders } from './http/security-headers.ts'
import { serverTls } from './http/tls/server-tls.ts'
import { Admission } from './ingest/admission.ts'
import { KnownCollections } from './ingest/collections/known-collections.ts'
import { CollectionTaker } from './ingest/collections/take-collections.ts'
import { logsIngestionRoutes } from './ingest/logs-ingestion.ts'
import { ingestRoutes } from './ingest/routes.ts'
import { storageRoutes } from './live/storage-routes.ts'
import { changesRoutes } from './live/changes-routes.ts'
import { LiveFeed } from './live/feed.ts'
import { liveRoutes } from './live/routes.ts'
import { keptKey } from './metadata/kept-settings.ts'
import { type Metadata, MetadataConflict } from './metadata/metadata.ts'
import { openMetadata } from './metadata/open-metadata.ts'
import { SqliteMetadata } from './metadata/sqlite-metadata.ts'
import { PORTAL_PATHS, portalRoutes } from './portal/portal.ts'
import { type OpenedRowStore, StoreUnavailable } from './ports.ts'
import { exportRoutes } from './query/export.ts'
import { languageRoutes } from './query/language-routes.ts'
import { queryRoutes } from './query/routes.ts'
import { ServerError } from './server-error.ts'
import type { ServerSettings } from './settings.ts'
import { type UpkeepDeps, upkeepRoutes } from './upkeep/routes.ts'

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
  /** Every address, and who may use it. */
  readonly routes: readonly DeclaredRoute[]
  /** Absent where it speaks plain HTTP. `isOwn`: it made the certificate, and whoever connects must be told to trust it. */
  readonly tls?: { readonly fingerprint: string; readonly certificateFile: string; readonly isOwn: boolean }
}

/** Bytes of a request's body, uploads excepted. */
const BODY_BYTES_MAX = 4 * 1024 * 1024

/**
 * Starts the server. Throws `ServerError`: `address-in-use`, `state-unusable`, `store-failed`, `tls-unusable`. Disposing answers what is
 * under way, then closes; what was answered with 2xx is on disk.
 */
export async function openServer(settings: ServerSettings, life: ServerLife): Promise<Server> {
  const { clock, log } = life
  const stop = new AbortController()
  const tls = serverTls(settings, clock)
  await using stack = new AsyncDisposableStack()
  const metadata = stack.use(await openMetadata(settings.metadata, settings.stateFolder, { clock, log }))
  const store = stack.use(await openRowStore(settings, { clock, log }))
  const tokenFiles = {
    admin: join(settings.stateFolder, 'admin.token'),
    reader: join(settings.stateFolder, 'reader.token'),
  }
  const people = new People(readTokens(tokenFiles), metadata, clock, settings.rates.token)
  const room = stack.use(await openContents(settings, { metadata, clock, log }))
  const serverKey = await keptKey(metadata, 'server-key')
  const rows = stack.use(await openRows(settings, { metadata, store, clock, log, serverKey }))
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { ignoreDuplicateSlashes: true },
    serverFactory: (handler) => httpListener(handler, tls, settings.listener),
  })
  stack.defer(async () => await app.close())
  const tended = keepTended(room, { clock, log, signal: stop.signal })
  stack.defer(async () => await tended)
  stack.defer(() => stop.abort())
  let url = ''
  const publicUrl = (): string => settings.publicUrl ?? url
  const machineRates = new RateLimits(settings.rates.machine, clock)
  const enrolledMachine = async (token: string) => await enrolment.machineOf(token)
  const groups = new MachineGroups(metadata, clock)
  const groupMembers = async (group: string) =>
    await membersFor(control, { groups, store, life, signal: stop.signal }, group)
  const given = { settings, metadata, people, store, clock, publicUrl, machineRates, enrolledMachine, groupMembers }
  const control: Control = await Control.open(given)
  const accessKey = await keptKey(metadata, 'access-key')
  const enrolment: Enrolment = enrolmentOf(control, { metadata, clock, log, accessKey })
  const serving = { app, settings, metadata, store, people, room, rows, serverKey, control, groups, enrolment }
  const parts = { ...serving, machineRates, life, signal: stop.signal }
  const routes = openRoutes(parts, tls !== undefined)
  url = await listen(app, settings, tls !== undefined)
  warmUpKql(tables)
  const fresh = keepGroupsFresh(async () => await control.refreshGroups(), { clock, log, signal: stop.signal })
  stack.defer(async () => {
    stop.abort()
    await fresh
  })
  log.info({ url, fingerprint: tls?.fingerprint }, 'the server listens')
  const kept = stack.move()
  return {
    url: publicUrl(),
    routes,
    ...(tls === undefined
      ? {}
      : { tls: { fingerprint: tls.fingerprint, certificateFile: tls.path, isOwn: tls.isOwn } }),
    adminTokenFile: tokenFiles.admin,
    readerTokenFile: tokenFiles.reader,
    workspaceId: control.workspaceId,
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  }
}

interface Parts {
  readonly app: FastifyInstance
  readonly settings: ServerSettings
  readonly metadata: Metadata
  readonly store: OpenedRowStore
  readonly people: People
  readonly room: ContentRoom
  readonly rows: OpenedRows
  readonly serverKey: Uint8Array
  readonly control: Control
  readonly groups: MachineGroups
  readonly enrolment: Enrolment
  readonly machineRates: RateLimits
  readonly life: ServerLife
  readonly signal: AbortSignal
}

/** ARM ids of the machines in a group, over every workspace; none where it is gone, undefined where it cannot be asked. */
async function membersFor(
  { machines, workspaces }: Control,
  { groups, store, life, signal }: Pick<Parts, 'groups' | 'store' | 'life' | 'signal'>,
  group: string,
): Promise<readonly string[] | undefined> {
  const found = await groups.find(group)
  if (found === undefined) return []
  const workspaceIds = (await workspaces.list()).map(({ id }) => id)
  const asking = { store, clock: life.clock, log: life.log, machines: async () => await machines.list() }
  const members = await membersOf(asking, { query: found.query, workspaceIds, signal })
  return members.kind === 'members' ? members.machines.flatMap(({ resourceId }) => resourceId ?? []) : undefined
}

function enrolmentOf(control: Control, parts: Omit<EnrolmentDeps, 'machines' | 'standing' | 'admit'>): Enrolment {
  const admit = async (computer: string, sourceComputerId: string) => await control.admit(computer, sourceComputerId)
  return new Enrolment({ ...parts, machines: control.machines, standing: control.standing, admit })
}

/** Every address, each with who may use it: one that does not say so keeps the server from starting. */
function openRoutes(parts: Parts, isSecure: boolean): readonly DeclaredRoute[] {
  const { app, settings, store, people, room, rows, control, enrolment, life, signal } = parts
  const { clock, log } = life
  const { workspaceId, workspaces } = control
  const live = new LiveFeed()
  const admission = new Admission(settings.uploadBytesInFlightMax)
  const callerOf = (request: FastifyRequest) => people.callerOf(request)
  answerErrors(app, log)
  const routes = guardRoutes(app, people, PORTAL_PATHS)
  securityHeaders(app, { isSecure })
  people.routes(app)
  accessRoutes(app, { people, workspaces, clock })
  control.routes(app)
  enrolmentRoutes(app, { enrolment, people })
  standingRoutes(app, { standing: control.standing, machines: control.machines, people })
  ingestRoutes(app, { rows, live, clock, log, admission, ...ingestParts(parts) })
  logsIngestionRoutes(app, {
    rows,
    live,
    clock,
    log,
    admission,
    callerOf,
    ruleOf: async (id) => await control.rules.byImmutableId(id),
  })
  const { take } = rows
  if (take !== undefined) serverRoutes(app, { key: parts.serverKey, clock, log, admission, take })
  const settled = (): number => rows.settled
  changesRoutes(app, { store, settled, feed: live, clock, workspaces, callerOf, signal })
  exportRoutes(app, { store, clock, workspaces, callerOf, settled })
  const machineIds = async () => (await control.machines.list()).map(({ resourceId }) => resourceId)
  queryRoutes(app, { store, clock, log, workspaces, machineIds, callerOf })
  languageRoutes(app)
  upkeepRoutes(app, upkeepOf(parts))
  storageRoutes(app, store)
  const machines = async () => await control.machines.list()
  groupRoutes(app, { groups: parts.groups, store, clock, log, workspaces, machines, callerOf })
  contentRoutes(app, { room, people, workspaceId, redactionKey: newBytes(32) })
  liveRoutes(app, { feed: live, clock, signal, mayRead: people.requires('read'), callerOf })
  openToAnybody(app, store)
  portalRoutes(app, settings.portalFolder)
  return routes
}

function openToAnybody(app: Parts['app'], store: Parts['store']): void {
  const anybody = { config: { access: 'anybody' } } as const
  app.get(
    '/healthz',
    anybody,
    async (_request, reply) => await reply.code(store.isReady ? 200 : 503).send({ isReady: store.isReady }),
  )
  app.get('/api/openapi.json', anybody, async () => await Promise.resolve(openApi()))
}

/** What is on this server's own disk, which it keeps and backs up. */
function upkeepOf({ people, store, metadata, settings: { contents, stateFolder } }: Parts): UpkeepDeps {
  return {
    people,
    store: store instanceof ChdbStore ? store : undefined,
    metadata: metadata instanceof SqliteMetadata ? metadata : undefined,
    stateFolder,
    ...(contents.kind === 'disk' ? { contentsFolder: contents.folder ?? join(stateFolder, 'contents') } : {}),
  }
}

/** What uploads of machines need of other rooms. */
function ingestParts({ control, room, machineRates, metadata }: Parts) {
  return {
    rates: machineRates,
    claimsOf: async (token: string) => {
      const claims = await control.tokens.read(token)
      return claims === undefined || (await control.standing.isRevoked(claims.resourceId)) ? undefined : claims
    },
    collections: new CollectionTaker(new KnownCollections(metadata)),
    isAsked: (resourceId: string) => control.forecasts.isAsked(resourceId),
    takeContents: async (...taken: Parameters<ContentRoom['take']>) => await room.take(...taken),
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

async function listen(app: FastifyInstance, { host, port }: ServerSettings, isSecure: boolean): Promise<string> {
  try {
    const url = await app.listen({ host, port })
    return isSecure ? url.replace(/^http:/, 'https:') : url
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
      return refuse(reply.header('retry-after', String(error.retryAfterSeconds)), 503, {
        code: 'ServiceUnavailable',
        message: error.message,
      })
    if (error instanceof MetadataConflict)
      return refuse(reply, 409, {
        code: 'Conflict',
        message: 'something else has changed this meanwhile; look, and come again',
      })
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
