// Goal: 200 only for what the store has; a refusal for ever (4xx) and one for now (429, 503) are never mixed up.
// Method: fastify without a socket, a store that remembers or fails as told.
import { gzipSync } from 'node:zlib'

import { ManualClock } from '@tidemark/base/testing'
import type { LiveRows } from '@tidemark/model'
import { fastify, type InjectOptions } from 'fastify'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'

import { LiveFeed } from '../live/feed.ts'
import { type Insert, type RowStore, StoreRefused, StoreUnavailable } from '../ports.ts'
import { ingestRoutes, UPLOADS_MAX } from './routes.ts'

const resourceId = '/subscriptions/s/resourceGroups/g/providers/p/machines/one'
const batchId = '0a1b2c3d-0000-4000-8000-00000000000a'
const claims = { resourceId, immutableId: 'dcr-1', workspaceId: 'w', computer: 'one', sourceComputerId: 'id' }

function open(
  insert: (insert: Insert) => Promise<void> = async () => {},
  takeContents: (parts: readonly object[]) => Promise<void> = async () => {},
) {
  const inserts: Insert[] = []
  const told: LiveRows[] = []
  const store: RowStore = {
    insert: async (one) => {
      await insert(one)
      inserts.push(one)
    },
    select: async () => [],
  }
  const live = new LiveFeed()
  live.listen((rows) => void told.push(rows))
  const app = fastify()
  const claimsOf = async (token: string) => (token === 'good' ? claims : undefined)
  ingestRoutes(app, { store, live, clock: new ManualClock(), log: pino({ level: 'silent' }), claimsOf, takeContents })
  const post = (body: unknown, { headers = {}, workspace = 'w' } = {}) =>
    app.inject({
      method: 'POST',
      url: `/ods/${workspace}/OperationalData.svc/PostJsonDataItems?api-version=2016-04-01`,
      headers: {
        authorization: 'Bearer good',
        'content-type': 'application/json',
        'x-request-id': batchId,
        ...headers,
      },
      payload: (Buffer.isBuffer(body) ? body : JSON.stringify(body)) as NonNullable<InjectOptions['payload']>,
    })
  return { post, inserts, told }
}

const failing = (error: Error) => async () => {
  throw error
}

const upload = (...items: readonly unknown[]) => ({ DataType: 'CONFIG_CHANGE_BLOB_V2', DataItems: items })

describe('an upload', () => {
  test('is stored table by table under tokens of machine, batch and table, and then told', async () => {
    const { post, inserts, told } = open()
    const answer = await post(upload({ Name: 'a' }, { Type: 'TidemarkVisibility' }, { Name: 'b' }))
    expect(answer.statusCode).toBe(200)
    expect(inserts.map(({ table, token }) => [table, token])).toEqual([
      ['ConfigurationChange', `${resourceId}|${batchId}|ConfigurationChange`],
      ['TidemarkVisibility', `${resourceId}|${batchId}|TidemarkVisibility`],
    ])
    expect(inserts[0]?.lines.split('\n').map((line) => JSON.parse(line) as object)).toMatchObject([
      { Name: 'a', TenantId: 'w', _ResourceId: resourceId },
      { Name: 'b' },
    ])
    const at = new ManualClock().nowMs()
    expect(told).toEqual([
      { table: 'ConfigurationChange', count: 2, at: new Date(at).toISOString() },
      { table: 'TidemarkVisibility', count: 1, at: new Date(at).toISOString() },
    ])
  })

  test('hands parts of contents on before the rows that link to them, and no table gets them', async () => {
    const taken: unknown[] = []
    const part = { Type: 'TidemarkContent', Part: 0 }
    const { post, inserts } = open(
      async () => void taken.push('insert'),
      async (parts) => void taken.push(...parts),
    )
    expect((await post(upload({ Name: 'a' }, part))).statusCode).toBe(200)
    expect(taken).toEqual([part, 'insert'])
    expect(inserts.map(({ lines }) => lines).join()).not.toContain('TidemarkContent')
  })

  test('that comes again has the same tokens, in whatever case its id is written', async () => {
    const { post, inserts } = open()
    await post(upload({}))
    await post(upload({}), { headers: { 'x-request-id': batchId.toUpperCase() } })
    expect(new Set(inserts.map(({ token }) => token)).size).toBe(1)
  })

  test('may be compressed, and without rows', async () => {
    const { post, inserts } = open()
    const body = gzipSync(JSON.stringify(upload()))
    expect((await post(body, { headers: { 'content-encoding': 'gzip' } })).statusCode).toBe(200)
    expect(inserts).toEqual([])
  })
})

describe('is refused for ever', () => {
  test.each([
    ['without a token', 401, 'InvalidToken', { headers: { authorization: '' } }],
    ['with a wrong token', 401, 'InvalidToken', { headers: { authorization: 'Bearer bad' } }],
    ['for another workspace', 403, 'Forbidden', { workspace: 'other' }],
    ['for another machine', 403, 'Forbidden', { headers: { 'x-ms-azureresourceid': '/other' } }],
    ['without a batch id', 400, 'BadRequest', { headers: { 'x-request-id': 'one' } }],
    ['in an unknown encoding', 415, 'BadRequest', { headers: { 'content-encoding': 'br' } }],
  ])('%s', async (_what, status, code, options) => {
    const { post, inserts } = open()
    const answer = await post(upload({}), options)
    expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([status, code])
    expect(inserts).toEqual([])
  })

  test('with the place of the mistake', async () => {
    const answer = await open().post(upload({}, 3))
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: { details: [{ target: 'DataItems[1]', message: 'is no object' }] } })
  })

  test('when the store will never take its rows', async () => {
    const answer = await open(failing(new StoreRefused('cannot parse', 'rows'))).post(upload({}))
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([400, undefined])
  })
})

describe('is to come again', () => {
  test.each([new StoreUnavailable('busy'), new StoreRefused('the disk is full'), new Error('whatever')])(
    'when the store says %s, and nothing is told',
    async (error) => {
      const { post, told } = open(failing(error))
      const answer = await post(upload({}))
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2'])
      expect(told).toEqual([])
    },
  )

  test('when its contents are not safe yet, and no row of it is stored', async () => {
    const { post, inserts } = open(undefined, failing(new StoreUnavailable('the disk is full')))
    expect((await post(upload({}, { Type: 'TidemarkContent' }))).statusCode).toBe(503)
    expect(inserts).toEqual([])
  })

  test('when too many are under way, until one ends', async () => {
    const gate = Promise.withResolvers<void>()
    const { post } = open(async () => await gate.promise)
    const first = Array.from({ length: UPLOADS_MAX }, () => post(upload({})))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const refused = await post(upload({}))
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '2'])
    gate.resolve()
    expect((await Promise.all(first)).map(({ statusCode }) => statusCode)).toEqual(first.map(() => 200))
    expect((await post(upload({}))).statusCode).toBe(200)
  })
})
