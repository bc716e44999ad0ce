// Goal: 200 only for what the store has; a refusal for ever (4xx) and one for now (429, 503) are never mixed up.
// Method: fastify without a socket, a store that remembers or fails as told.
import { gzipSync } from 'node:zlib'

import { ManualClock } from '@tidemark/base/testing'
import type { LiveRows } from '@tidemark/model'
import { fastify, type InjectOptions } from 'fastify'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'

import { LiveFeed } from '../live/feed.ts'
import { type ArrivedBatch, type RowSink, StoreRefused, StoreUnavailable } from '../ports.ts'
import { MACHINE_RATE, RateLimits } from '../access/rate-limits.ts'
import { Admission, UPLOADS_OF_ONE_MAX } from './admission.ts'
import { batchCells } from '../testing/batch-lines.ts'
import { ingestRoutes } from './routes.ts'

const resourceId = '/subscriptions/s/resourceGroups/g/providers/p/machines/one'
const batchId = '0a1b2c3d-0000-4000-8000-00000000000a'
const claims = { resourceId, immutableId: 'dcr-1', workspaceId: 'w', computer: 'one', sourceComputerId: 'id' }

function open(
  commit: (batch: ArrivedBatch) => Promise<void> = async () => {},
  takeContents: (parts: readonly object[]) => Promise<void> = async () => {},
) {
  const batches: ArrivedBatch[] = []
  const told: LiveRows[] = []
  const rows: RowSink = {
    commit: async (one) => {
      await commit(one)
      batches.push(one)
    },
  }
  const live = new LiveFeed()
  live.listen((one) => void told.push(one))
  const app = fastify()
  const claimsOf = async (token: string) => (token === 'good' ? claims : undefined)
  const clock = new ManualClock()
  const collections: object[] = []
  ingestRoutes(app, {
    isAsked: () => false,
    rows,
    live,
    clock,
    log: pino({ level: 'silent' }),
    claimsOf,
    takeContents,
    admission: new Admission(),
    rates: new RateLimits(MACHINE_RATE, clock),
    collections: { take: async (some) => void collections.push(...some) },
  })
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
  return { post, batches, told, collections, clock }
}

const failing = (error: Error) => async () => {
  throw error
}

const upload = (...items: readonly unknown[]) => ({ DataType: 'CONFIG_CHANGE_BLOB_V2', DataItems: items })

describe('an upload', () => {
  test('is stored table by table as a batch of its machine, and then told', async () => {
    const { post, batches, told } = open()
    const answer = await post(upload({ Name: 'a' }, { Type: 'TidemarkVisibility' }, { Name: 'b' }))
    expect(answer.statusCode).toBe(200)
    expect(batches.map(({ table, owner, batchId: id }) => [table, owner, id])).toEqual([
      ['ConfigurationChange', resourceId, batchId],
      ['TidemarkVisibility', resourceId, batchId],
    ])
    expect(batches[0] && batchCells(batches[0])).toMatchObject([
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
    const { post, batches } = open(
      async () => void taken.push('insert'),
      async (parts) => void taken.push(...parts),
    )
    expect((await post(upload({ Name: 'a' }, part))).statusCode).toBe(200)
    expect(taken).toEqual([part, 'insert'])
    expect(JSON.stringify(batches)).not.toContain('TidemarkContent')
  })

  test('that comes again is the same batch, in whatever case its id is written', async () => {
    const { post, batches } = open()
    await post(upload({}))
    await post(upload({}), { headers: { 'x-request-id': batchId.toUpperCase() } })
    expect(new Set(batches.map(({ batchId: id }) => id)).size).toBe(1)
  })

  test('may be compressed, and without rows', async () => {
    const { post, batches } = open()
    const body = gzipSync(JSON.stringify(upload()))
    expect((await post(body, { headers: { 'content-encoding': 'gzip' } })).statusCode).toBe(200)
    expect(batches).toEqual([])
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
    const { post, batches } = open()
    const answer = await post(upload({}), options)
    expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([status, code])
    expect(batches).toEqual([])
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
    const { post, batches } = open(undefined, failing(new StoreUnavailable('the disk is full')))
    expect((await post(upload({}, { Type: 'TidemarkContent' }))).statusCode).toBe(503)
    expect(batches).toEqual([])
  })

  test('when much of one machine is under way, until one ends', async () => {
    const gate = Promise.withResolvers<void>()
    const { post } = open(async () => await gate.promise)
    const all = Array.from({ length: UPLOADS_OF_ONE_MAX + 1 }, () => post(upload({})))
    const refused = await Promise.race(all)
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '2'])
    gate.resolve()
    const statuses = (await Promise.all(all)).map(({ statusCode }) => statusCode)
    expect(statuses.sort()).toEqual([...Array.from({ length: UPLOADS_OF_ONE_MAX }, () => 200), 429])
    expect((await post(upload({}))).statusCode).toBe(200)
  })

  test('when a machine uploads too often', async () => {
    const { post, clock } = open()
    const statuses: number[] = []
    for (let count = 0; count <= MACHINE_RATE.burstMax; count += 1) statuses.push((await post(upload())).statusCode)
    expect(statuses).toEqual([...Array.from({ length: MACHINE_RATE.burstMax }, () => 200), 429])
    clock.advance(1_000)
    expect((await post(upload())).statusCode).toBe(200)
  })
})

test('whole collections of old agents are handed on', async () => {
  const { post, collections } = open()
  const item = {
    Timestamp: '2016-03-15T19:02:38.577Z',
    Computer: 'old',
    ConfigChangeType: 'Daemons',
    Collections: [{ CollectionName: 'ssh', Name: 'ssh', State: 'Running' }],
  }
  expect((await post({ DataType: 'CONFIG_CHANGE_BLOB', DataItems: [item] })).statusCode).toBe(200)
  expect(collections).toMatchObject([{ type: 'Daemons', computer: 'old', isSnapshot: false }])
  const wrong = await post({ DataType: 'CONFIG_CHANGE_BLOB', DataItems: [{ ...item, Collections: [{}] }] })
  expect([wrong.statusCode, wrong.json()]).toMatchObject([
    400,
    { error: { details: [{ target: 'DataItems[0].Collections[0]' }] } },
  ])
})
