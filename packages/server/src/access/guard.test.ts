import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { fastify, type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { type DeclaredRoute, guardRoutes } from './guard.ts'
import { People } from './people.ts'

let folder = ''
let metadata: SqliteMetadata
let people: People
let app: FastifyInstance
let routes: DeclaredRoute[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-guard-'))
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  people = new People({ admin: 'secret', reader: 'looking' }, metadata, new ManualClock())
  app = fastify({ bodyLimit: 10 })
  routes = guardRoutes(app, people, ['/portal'])
})
afterEach(async () => {
  await app.close()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const done = async () => await Promise.resolve('done')
const status = async (url: string, bearer = '', body?: string) =>
  (
    await app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url,
      headers: { ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { payload: body }),
    })
  ).statusCode

test('a route that does not say who may use it cannot be registered, nor can one of a plugin', async () => {
  expect(() => app.get('/open', done)).toThrow('GET /open does not say who may use it')
  expect(() => app.get('/hook', { preHandler: async () => {} }, done)).toThrow('/hook')
  const other = fastify()
  guardRoutes(other, people)
  other.register(async (scope) => void scope.post('/deep', done))
  await expect(other.ready()).rejects.toThrow('POST /deep does not say who may use it')
})

test('routes are known with who may use them', () => {
  app.get('/read', { preHandler: people.requires('read') }, done)
  app.post('/write', { config: { access: 'rules:write' } }, done)
  app.get('/portal', done)
  expect(routes.filter(({ method }) => method !== 'HEAD').map(({ url, access }) => [url, access])).toEqual([
    ['/read', 'read'],
    ['/write', 'rules:write'],
    ['/portal', 'anybody'],
  ])
})

test('who may not is refused before the body is read', async () => {
  app.post('/write', { config: { access: 'rules:write' } }, done)
  const large = JSON.stringify('x'.repeat(100))
  expect([await status('/write', '', large), await status('/write', 'looking', large)]).toEqual([401, 403])
  expect([await status('/write', 'secret', large), await status('/write', 'secret', '1')]).toEqual([413, 200])
})

test('who may send a request can be said by the request', async () => {
  app.get('/by/*', { config: { access: ({ url }) => (url.endsWith('write') ? 'rules:write' : 'read') } }, done)
  expect([await status('/by/read', 'looking'), await status('/by/write', 'looking'), await status('/by/x')]).toEqual([
    200, 403, 401,
  ])
})
