import { backupRequest, type RetentionView, retentionRequest } from '@tidemark/model'
import type { FastifyInstance } from 'fastify'

import { refuse } from '../http/api-error.ts'
import type { People } from '../access/people.ts'
import type { ChdbStore } from '../clickhouse/chdb.ts'
import { type BackedUp, writeBackup } from './backup.ts'

export interface UpkeepDeps extends Omit<BackedUp, 'store'> {
  readonly people: Pick<People, 'requires'>
  readonly store: Pick<ChdbStore, 'retain' | 'retention' | 'backup'>
}

/** How long rows are kept, and backups. */
export function upkeepRoutes(app: FastifyInstance, deps: UpkeepDeps): void {
  const { people, store } = deps
  const view = async (): Promise<RetentionView> => ({ days: await store.retention() })
  app.get('/api/retention', { preHandler: people.requires('read') }, view)
  const changing = { preHandler: people.requires('store:write') }
  app.put('/api/retention', changing, async (request, reply) => {
    const read = retentionRequest.safeParse(request.body)
    if (!read.success)
      return refuse(reply, 400, {
        code: 'BadRequest',
        message: 'the body must be {"days": {"Heartbeat": 30}}: tables with whole days, or null for ever',
        problems: read.error.issues.map(({ path, message }) => ({ where: path.join('.'), message })),
      })
    await store.retain(read.data.days)
    return await reply.send(await view())
  })
  let isWriting = false
  app.post('/api/backups', changing, async (request, reply) => {
    const read = backupRequest.safeParse(request.body)
    if (!read.success)
      return refuse(reply, 400, { code: 'BadRequest', message: 'the body must be {"folder": "/…"}, an absolute path' })
    if (isWriting)
      return refuse(reply, 409, { code: 'Conflict', message: 'a backup is being written; wait for its end' })
    isWriting = true
    try {
      const written = await writeBackup(deps, read.data.folder)
      if (typeof written !== 'string') return await reply.code(201).send(written)
      return refuse(reply, 400, { code: 'BadRequest', message: `${read.data.folder} cannot be written to: ${written}` })
    } finally {
      isWriting = false
    }
  })
}
