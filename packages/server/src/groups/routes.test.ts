// Goal: groups are kept, refused, cloned and changed as their routes say, and their machines are those of the query.
// Method: fastify without a socket; the store answers names. The store's real answers: packages/tidemark/src/groups.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import type { GroupCheckView, MachineGroupView } from '@tidemark/model'
import { fastify, type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { type Select, StoreRefused, StoreUnavailable } from '../ports.ts'
import { MachineGroups } from './machine-groups.ts'
import { groupProblems } from './members.ts'
import { groupRoutes } from './routes.ts'

let folder = ''
let metadata: SqliteMetadata
let app: FastifyInstance
let selects: Select[] = []
let answer: () => unknown[][] = () => []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-groups-'))
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  selects = []
  answer = () => []
  app = fastify()
  const clock = new ManualClock()
  groupRoutes(app, {
    groups: new MachineGroups(metadata, clock),
    clock,
    log: pino({ level: 'silent' }),
    store: {
      insert: async () => {},
      select: async (select) => {
        selects.push(select)
        return await Promise.resolve(answer())
      },
    },
    workspaces: {
      list: async () => await Promise.resolve(['w', 'v'].map((id) => ({ id, name: id, isDefault: id === 'w' }))),
    },
    machines: async () =>
      await Promise.resolve([
        { computer: 'Web-1', resourceId: '/machines/web-1' },
        { computer: 'twin', resourceId: '/machines/twin' },
        { computer: 'twin', resourceId: '/machines/twin-2' },
      ]),
    callerOf: ({ headers }) => ({
      holder: 'one',
      rights: ['read'],
      ...(headers.authorization === 'some' ? { workspaces: ['v'] } : {}),
    }),
  })
})
afterEach(async () => {
  await app.close()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, headers = {}) {
  const sent = { method, url, headers, ...(payload === undefined ? {} : { payload }) }
  const said = await app.inject(sent)
  return { status: said.statusCode, body: (said.body === '' ? undefined : said.json()) as T }
}

const web = { name: 'Web', query: 'Heartbeat | where Computer startswith "web"' }
const make = async () => (await ask<MachineGroupView>('POST', '/api/groups', web)).body

test('a group is made, found by id and by name, replaced, cloned and deleted', async () => {
  const made = await make()
  expect(made).toMatchObject({ ...web, description: '' })
  for (const key of [made.id, 'wEb']) expect((await ask('GET', `/api/groups/${key}`)).body).toEqual(made)
  const changed = await ask<MachineGroupView>('PUT', `/api/groups/${made.id}`, { ...web, name: 'The web' })
  expect(changed.body).toMatchObject({ id: made.id, name: 'The web' })
  expect(changed.body.etag).not.toBe(made.etag)
  for (const name of ['The web (copy)', 'The web (copy 2)'])
    expect((await ask<MachineGroupView>('POST', `/api/groups/${made.id}/clone`)).body.name).toBe(name)
  expect((await ask('DELETE', `/api/groups/${made.id}`)).status).toBe(204)
  const { groups } = (await ask<{ groups: MachineGroupView[] }>('GET', '/api/groups')).body
  expect(groups.map(({ name, query }) => [name, query])).toEqual([
    ['The web (copy 2)', web.query],
    ['The web (copy)', web.query],
  ])
  expect((await ask('GET', `/api/groups/${made.id}`)).status).toBe(404)
})

test('a name is there once, in any case, and a change of what is not there any more is refused', async () => {
  const made = await make()
  expect((await ask('POST', '/api/groups', { ...web, name: 'wEB' })).status).toBe(409)
  expect((await ask('POST', `/api/groups/${made.id}/clone`, { name: 'WEB' })).status).toBe(409)
  const stale = { 'if-match': '"older"' }
  expect((await ask('PUT', `/api/groups/${made.id}`, web, stale)).status).toBe(412)
  expect((await ask('DELETE', `/api/groups/${made.id}`, undefined, stale)).status).toBe(412)
  expect((await ask('PUT', `/api/groups/${made.id}`, web, { 'if-match': `"${made.etag}"` })).status).toBe(200)
})

test.each([
  { name: 'a mistake', query: 'Heartbeat | where Colour == 1', place: [1, 19] },
  { name: 'a mistake on its own line', query: 'Heartbeat\n| where', place: [2, 8] },
  { name: 'an answer without machines', query: 'Heartbeat | count', place: [1, 1] },
  { name: 'machines that are no text', query: 'Heartbeat | project Computer = 1', place: [1, 1] },
  { name: 'what cannot stand within a query', query: 'set notruncation; Heartbeat', place: [1, 1] },
])('$name makes no group, and is told with its place', async ({ query, place }) => {
  const refused = await ask<{ error: { innererror: { problems: { line: number; column: number }[] } } }>(
    'POST',
    '/api/groups',
    { ...web, query },
  )
  const [problem] = refused.body.error.innererror.problems
  expect([refused.status, problem?.line, problem?.column]).toEqual([400, ...place])
  const checked = (await ask<GroupCheckView>('POST', '/api/groups/validate', { query })).body
  expect(checked).toMatchObject({ isValid: false, count: 0 })
  expect(checked.problems[0]).toEqual(problem)
  expect(selects).toEqual([])
})

test.each([
  'let from = ago(1d);\nHeartbeat | where TimeGenerated > from // the last day',
  'ConfigurationData | where SoftwareName == "openssl" | summarize by Computer;',
  'union Heartbeat, (ConfigurationChange | distinct Computer)',
])('%j makes a group', (query) => {
  expect(groupProblems(query)).toEqual([])
})

test('machines are told by name, with their ids where they are known, and counted beyond what is asked for', async () => {
  const { id } = await make()
  answer = () => [['twin'], ['unknown'], ['WEB-1']]
  expect((await ask('GET', `/api/groups/${id}/machines`)).body).toEqual({
    count: 3,
    machines: [
      { computer: 'twin', resourceId: null },
      { computer: 'unknown', resourceId: null },
      { computer: 'WEB-1', resourceId: '/machines/web-1' },
    ],
  })
  expect((await ask('GET', `/api/groups/${id}/machines?top=0`)).body).toEqual({ count: 3, machines: [] })
  for (const top of ['-1', 'x', '100001', ''])
    expect((await ask('GET', `/api/groups/${id}/machines?top=${top}`)).status).toBe(400)
})

test('only rows tell that the caller may see', async () => {
  const { id } = await make()
  await ask('GET', `/api/groups/${id}/machines`, undefined, { authorization: 'some' })
  await ask('GET', `/api/groups/${id}/machines`)
  expect(selects.map(({ parameters }) => Object.values(parameters))).toEqual([
    ['v', 'web'],
    ['w', 'v', 'web'],
  ])
})

test('a store that is away is no mistake of the query; what it cannot answer is', async () => {
  const check = async () => await ask<GroupCheckView>('POST', '/api/groups/validate', { query: 'Heartbeat' })
  answer = () => {
    throw new StoreUnavailable('away')
  }
  expect((await check()).status).toBe(503)
  answer = () => {
    throw new StoreRefused('no', 'too-large')
  }
  expect((await check()).body).toMatchObject({ isValid: false, message: expect.stringContaining('too much memory') })
})
