// Goal: KQL in, tables out, and each thing that can go wrong has its own answer.
// Method: fastify without a socket, a store that answers or fails as told. The store's real answers: tests/kql.test.ts.
import { ManualClock } from '@tidemark/base/testing'
import { fastify } from 'fastify'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'

import { refuse } from '../http/api-error.ts'
import { type RowStore, type Select, StoreRefused, StoreUnavailable } from '../ports.ts'
import { queryRoutes, ROWS_MAX } from './routes.ts'

function open(answer: (select: Select) => Promise<unknown[][]>) {
  const app = fastify({ routerOptions: { ignoreDuplicateSlashes: true } })
  const selects: Select[] = []
  const store: RowStore = {
    insert: async () => {},
    select: async (select) => {
      selects.push(select)
      return await answer(select)
    },
  }
  queryRoutes(app, {
    store,
    clock: new ManualClock(),
    log: pino({ level: 'silent' }),
    workspaceId: 'w',
    mayRead: async (request, reply) =>
      request.headers.authorization === 'Bearer admin' ? undefined : refuse(reply, 401, { code: 'no', message: 'no' }),
  })
  const post = (payload: object, { url = '/v1/workspaces/w/query', authorization = 'Bearer admin' } = {}) =>
    app.inject({ method: 'POST', url, headers: { authorization }, payload })
  return { post, selects }
}

const failing = (error: Error) => async () => {
  throw error
}

const query = 'Heartbeat | where Computer == "it\'s" | project Computer, BacklogBytes'

test('rows come as a table with names and types; literals go as parameters', async () => {
  const { post, selects } = open(async () => [["it's", 5]])
  const answer = await post({ query, timespan: 'P1D' }, { url: '/v1//workspaces/w/query' })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({
    tables: [
      {
        name: 'PrimaryResult',
        columns: [
          { name: 'Computer', type: 'string' },
          { name: 'BacklogBytes', type: 'long' },
        ],
        rows: [["it's", 5]],
      },
    ],
  })
  expect(selects[0]?.sql).not.toContain("it's")
  expect(Object.values(selects[0]?.parameters ?? {})).toContain("it's")
})

test('an answer beyond the limit is cut and says so', async () => {
  const rows = Array.from({ length: ROWS_MAX + 1 }, (): unknown[] => ['a', 1])
  const answer = await open(async () => rows).post({ query })
  const { tables, error } = answer.json<{ tables: { rows: unknown[] }[]; error: { code: string } }>()
  expect([answer.statusCode, tables[0]?.rows.length, error.code]).toEqual([200, ROWS_MAX, 'PartialError'])
})

describe('what goes wrong', () => {
  test.each([
    ['nobody signed in', { query }, { authorization: '' }, 401],
    ['another workspace', { query }, { url: '/v1/workspaces/x/query' }, 404],
    ['no query', {}, {}, 400],
    ['a timespan that is none', { query, timespan: 'soon' }, {}, 400],
  ])('%s', async (_what, body, options, status) => {
    const { post, selects } = open(async () => [])
    expect((await post(body, options)).statusCode).toBe(status)
    expect(selects).toEqual([])
  })

  test('a mistake is told with its place', async () => {
    const answer = await open(async () => []).post({ query: 'Heartbeat\n| where Komputer == "a"' })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({
      error: { code: 'BadArgumentError', innererror: { problems: [{ line: 2, column: 9, length: 8 }] } },
    })
  })

  test.each([
    [new StoreUnavailable('starting'), 503, 'ServiceUnavailable'],
    [new StoreRefused('Timeout exceeded', 'too-long'), 504, 'GatewayTimeout'],
    [new StoreRefused('Limit for result exceeded', 'too-large'), 400, 'ResponseSizeError'],
    [new StoreRefused('Query failed: no'), 400, 'SemanticError'],
  ])('the store says %s', async (error, status, code) => {
    const answer = await open(failing(error)).post({ query })
    expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([status, code])
  })
})
