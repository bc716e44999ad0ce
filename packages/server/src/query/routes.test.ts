// Goal: KQL in, tables out, and each thing that can go wrong has its own answer.
// Method: fastify without a socket, a store that answers or fails as told. The store's real answers: tests/kql.test.ts.
import { ManualClock } from '@tidemark/base/testing'
import { fastify } from 'fastify'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'

import { refuse } from '../http/api-error.ts'
import { type RowStore, type Select, StoreRefused, StoreUnavailable } from '../ports.ts'
import { queryRoutes } from './routes.ts'
import { ROWS_MAX } from './run.ts'

const machine = '/subscriptions/s/resourceGroups/G/providers/Microsoft.HybridCompute/machines/One'
const workspaces = ['w', 'v'].map((id) => ({ id, name: `name-${id}`, isDefault: id === 'w' }))

interface Options {
  readonly url?: string
  readonly authorization?: string
  readonly headers?: Record<string, string>
}

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
  app.addHook('onRequest', async (request, reply) =>
    request.headers.authorization === undefined ? refuse(reply, 401, { code: 'no', message: 'no' }) : undefined,
  )
  queryRoutes(app, {
    store,
    clock: new ManualClock(),
    log: pino({ level: 'silent' }),
    workspaces: {
      ownId: 'w',
      list: async () => workspaces,
      finder: async () => (text) =>
        workspaces.find(({ id, name }) => [id, name].includes(text.split('/').at(-1) ?? ''))?.id,
    },
    machineIds: async () => [machine],
    callerOf: ({ headers }) => ({
      holder: 'one',
      rights: ['read'],
      ...(headers.authorization === 'Bearer admin' ? {} : { workspaces: ['v'] }),
    }),
  })
  const post = (
    payload: object,
    { url = '/v1/workspaces/w/query', authorization = 'Bearer admin', headers = {} }: Options = {},
  ) =>
    app.inject({ method: 'POST', url, headers: { ...(authorization ? { authorization } : {}), ...headers }, payload })
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

test('a value that its column never holds is answered with a hint, and one that it holds is not', async () => {
  const ask = async (type: string): Promise<unknown> =>
    (await open(async () => []).post({ query: `ConfigurationChange | where ConfigChangeType == "${type}"` })).json()
  expect(await ask('Services')).toMatchObject({ hints: [{ line: 1, column: 49, suggestion: '"Daemons"' }] })
  expect(await ask('Daemons')).not.toHaveProperty('hints')
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

describe('which rows are seen', () => {
  const scopeOf = async (body: object, options: Options) => {
    const { post, selects } = open(async () => [])
    const { statusCode } = await post({ query, ...body }, options)
    const named = ['w', 'v', 'x', machine]
    const seen = Object.values(selects[0]?.parameters ?? {}).flat()
    return { statusCode, seen: seen.filter((value) => named.includes(String(value))) }
  }

  test('additional workspaces are seen by whoever may see each of them, and are not there for others', async () => {
    const { statusCode, seen } = await scopeOf({ workspaces: ['name-v', 'w'] }, {})
    expect([statusCode, seen]).toEqual([200, ['w', 'v']])
    const scoped = { authorization: 'Bearer other', url: '/v1/workspaces/v/query' }
    expect((await scopeOf({}, scoped)).seen).toEqual(['v'])
    const refused = await scopeOf({ workspaces: ['w'] }, scoped)
    const unknown = await scopeOf({ workspaces: ['x'] }, scoped)
    expect([refused, unknown]).toEqual([
      { statusCode: 404, seen: [] },
      { statusCode: 404, seen: [] },
    ])
  })

  test('a question about a resource sees its rows, in the workspaces that the asker may see', async () => {
    const url = `/v1/${machine.toLowerCase()}/query`
    expect(await scopeOf({}, { url })).toEqual({ statusCode: 200, seen: ['w', 'v', machine] })
    expect((await scopeOf({}, { url, authorization: 'Bearer other' })).seen).toEqual(['v', machine])
    expect((await scopeOf({}, { url: '/v1/subscriptions/s/resourceGroups/g/query' })).seen).toEqual(['w', 'v', machine])
    expect((await scopeOf({}, { url: '/v1/subscriptions/other/query' })).statusCode).toBe(404)
    expect((await scopeOf({}, { url: `${url}x` })).statusCode).toBe(404)
    const workspace =
      '/v1/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/name-w/query'
    expect((await scopeOf({}, { url: workspace })).seen).toEqual(['w'])
    expect((await scopeOf({}, { url: workspace, authorization: 'Bearer other' })).statusCode).toBe(404)
  })
})

describe('a batch', () => {
  test('is answered in its order, each part with its own status', async () => {
    const { post } = open(async ({ sql }) => (sql.includes('Heartbeat') ? [['a', 1]] : []))
    const one = (id: string, body: object, more = {}) => ({
      id,
      workspace: 'w',
      body,
      path: '/query',
      method: 'POST',
      ...more,
    })
    const requests = [
      one('1', { query }),
      one('2', { query: 'Nothing' }),
      one('3', { query }, { workspace: 'x' }),
      one('4', { query }, { path: '/metadata' }),
      one('5', {}),
      one('6', { query }, { headers: { Prefer: 'include-statistics=true' } }),
    ]
    const answer = await post({ requests }, { url: '/v1/$batch' })
    const { responses } = answer.json<{ responses: { id: string; status: number; body: Record<string, unknown> }[] }>()
    expect(responses.map(({ id, status }) => [id, status])).toEqual([
      ['1', 200],
      ['2', 400],
      ['3', 404],
      ['4', 400],
      ['5', 400],
      ['6', 200],
    ])
    expect(responses.map(({ body }) => Object.keys(body))).toEqual([
      ['tables'],
      ['error'],
      ['error'],
      ['error'],
      ['error'],
      ['tables', 'statistics'],
    ])
    expect((await post({ requests: 3 }, { url: '/v1/$batch' })).statusCode).toBe(400)
  })
})

test('statistics and the chart come where they are asked for', async () => {
  const { post } = open(async () => [['a', 1]])
  const headers = { prefer: 'wait=5,include-statistics=true, include-render=true' }
  const answer = await post({ query: `${query} | render barchart` }, { headers })
  expect(answer.json()).toMatchObject({
    statistics: { query: { executionTime: expect.any(Number), datasetStatistics: [{ tableRowCount: 1 }] } },
    render: { visualization: 'barchart' },
  })
  expect((await post({ query }, { headers: { prefer: 'include-render=true' } })).json()).toMatchObject({
    render: { visualization: null },
  })
})

describe('formats', () => {
  const rows = [
    ['a,"b"', 1],
    ['', null],
  ]
  test.each([
    [
      { accept: 'text/csv' },
      '',
      'text/csv; charset=utf-8; header=present',
      'Computer,BacklogBytes\r\n"a,""b""",1\r\n"",\r\n',
    ],
    [
      {},
      '?format=ndjson',
      'application/x-ndjson; charset=utf-8',
      '{"Computer":"a,\\"b\\"","BacklogBytes":1}\n{"Computer":"","BacklogBytes":null}\n',
    ],
  ])('%j %s', async (headers, more, type, expected) => {
    const answer = await open(async () => rows).post({ query }, { headers, url: `/v1/workspaces/w/query${more}` })
    expect([answer.headers['content-type'], answer.body]).toEqual([type, expected])
  })

  test('one that is not known is refused, and one that was cut says so', async () => {
    expect((await open(async () => rows).post({ query }, { headers: { accept: 'image/png' } })).statusCode).toBe(406)
    const many = Array.from({ length: ROWS_MAX + 1 }, (): unknown[] => ['a', 1])
    const answer = await open(async () => many).post({ query }, { headers: { accept: 'text/csv' } })
    expect(answer.headers['x-tidemark-partial']).toBe('true')
    expect(answer.body.split('\r\n').length).toBe(ROWS_MAX + 2)
  })
})
