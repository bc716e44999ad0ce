import type { FastifyInstance } from 'fastify'

import type { Right } from '../access/rights.ts'
import { storageOf } from '../clickhouse/storage.ts'
import type { RowStore } from '../ports.ts'

/** `GET /api/storage`: what the store keeps on disk. */
export function storageRoutes(app: FastifyInstance, store: RowStore): void {
  app.get('/api/storage', { config: { access: 'read' satisfies Right } }, async (request, reply) => {
    const gone = new AbortController()
    request.raw.once('close', () => gone.abort())
    return await reply.send(await storageOf(store, gone.signal))
  })
}
