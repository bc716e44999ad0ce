import { backupRequest, type RetentionView, retentionRequest } from '@tidemark/model'
import type { FastifyInstance, FastifyReply } from 'fastify'

import { refuse } from '../http/api-error.ts'
import type { People } from '../access/people.ts'
import type { ChdbStore } from '../clickhouse/chdb.ts'
import { type BackedUp, writeBackup } from './backup.ts'

export interface UpkeepDeps extends Omit<BackedUp, 'store' | 'metadata'> {
  readonly people: Pick<People, 'requires'>
  /** `undefined`: a cluster of ClickHouse has the rows. */
  readonly store: Pick<ChdbStore, 'retain' | 'retention' | 'backup'> | undefined
  /** `undefined`: they are in PostgreSQL. */
  readonly metadata: BackedUp['metadata'] | undefined
}

const OF_CLUSTER =
  'rows are kept in a cluster of ClickHouse, where a TTL of its tables says how long; nothing is set from here'
const ELSEWHERE =
  'only a server that keeps rows and metadata on its own disk writes backups; back up the cluster of ClickHouse and PostgreSQL by their own means'

/** How long rows are kept, and backups. */
export function upkeepRoutes(app: FastifyInstance, deps: UpkeepDeps): void {
  retentionRoutes(app, deps)
  backupRoutes(app, deps)
}

function retentionRoutes(app: FastifyInstance, { people, store }: UpkeepDeps): void {
  app.get('/api/retention', { preHandler: people.requires('read') }, async (_request, reply) => {
    if (store === undefined) return notHere(reply, OF_CLUSTER)
    return await reply.send({ days: await store.retention() } satisfies RetentionView)
  })
  const changing = { preHandler: people.requires('store:write') }
  app.put('/api/retention', changing, async (request, reply) => {
    if (store === undefined) return notHere(reply, OF_CLUSTER)
    const read = retentionRequest.safeParse(request.body)
    if (!read.success)
      return refuse(reply, 400, {
        code: 'BadRequest',
        message: 'the body must be {"days": {"Heartbeat": 30}}: tables with whole days, or null for ever',
        problems: read.error.issues.map(({ path, message }) => ({ where: path.join('.'), message })),
      })
    await store.retain(read.data.days)
    return await reply.send({ days: await store.retention() } satisfies RetentionView)
  })
}

function backupRoutes(app: FastifyInstance, { people, store, metadata, ...parts }: UpkeepDeps): void {
  let isWriting = false
  app.post('/api/backups', { preHandler: people.requires('store:write') }, async (request, reply) => {
    if (store === undefined || metadata === undefined) return notHere(reply, ELSEWHERE)
    const read = backupRequest.safeParse(request.body)
    if (!read.success)
      return refuse(reply, 400, { code: 'BadRequest', message: 'the body must be {"folder": "/…"}, an absolute path' })
    if (isWriting)
      return refuse(reply, 409, { code: 'Conflict', message: 'a backup is being written; wait for its end' })
    isWriting = true
    try {
      const written = await writeBackup({ store, metadata, ...parts }, read.data.folder)
      if (typeof written !== 'string') return await reply.code(201).send(written)
      return refuse(reply, 400, { code: 'BadRequest', message: `${read.data.folder} cannot be written to: ${written}` })
    } finally {
      isWriting = false
    }
  })
}

function notHere(reply: FastifyReply, message: string): FastifyReply {
  return refuse(reply, 501, { code: 'NotImplemented', message })
}
