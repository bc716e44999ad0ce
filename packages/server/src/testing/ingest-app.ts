import { fastify, type FastifyInstance } from 'fastify'

import { type IngestDeps, ingestRoutes } from '../ingest/routes.ts'

/** The routes of uploads without a socket: `inject` asks them. */
export function ingestApp(deps: IngestDeps): FastifyInstance {
  const app = fastify()
  ingestRoutes(app, deps)
  return app
}
