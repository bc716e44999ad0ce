import { fastify } from 'fastify'
import { expect, test } from 'vitest'

import { upkeepRoutes } from './routes.ts'

const store = {
  retain: async () => await Promise.resolve(),
  retention: async () => await Promise.reject(new Error('not asked')),
  backup: async () => await Promise.reject(new Error('not asked')),
}
const metadata = { copyTo: async () => await Promise.reject(new Error('not asked')) }

test.each([
  ['a cluster', { store: undefined, metadata }, 'POST', '/api/backups', 'back up the cluster of ClickHouse'],
  ['PostgreSQL', { store, metadata: undefined }, 'POST', '/api/backups', 'by their own means'],
  ['a cluster', { store: undefined, metadata }, 'GET', '/api/retention', 'a TTL of its tables says how long'],
  ['a cluster', { store: undefined, metadata }, 'PUT', '/api/retention', 'a TTL of its tables says how long'],
] as const)('with %s of %j: %s %s says what to do instead', async (_what, elsewhere, method, url, message) => {
  const app = fastify()
  upkeepRoutes(app, {
    people: { requires: () => async () => await Promise.resolve() },
    stateFolder: '/none',
    ...elsewhere,
  })
  const answer = await app.inject({ method, url, payload: { folder: '/none/backup', days: {} } })
  expect([answer.statusCode, answer.json()]).toMatchObject([501, { error: { code: 'NotImplemented' } }])
  expect(answer.json<{ error: { message: string } }>().error.message).toContain(message)
  await app.close()
})
