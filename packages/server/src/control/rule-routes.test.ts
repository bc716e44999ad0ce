// Goal: nothing that was ever saved of a rule is lost, and a rule comes to the machines that it is for, however that is said.
// Method: fastify without a socket, real metadata; a machine asks for its configurations.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { type RuleDetail, type RuleSummary, ruleAround, type RuleVersion } from '@tidemark/model'
import { fastify, type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { People } from '../access/people.ts'
import { MACHINE_RATE, RateLimits } from '../access/rate-limits.ts'
import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { serverSettings } from '../settings.ts'
import { Control } from './control.ts'
import { RULE_VERSIONS_MAX } from './rule-versions.ts'

const rules =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tidemark/providers/Microsoft.Insights/dataCollectionRules'
const version = 'api-version=2022-06-01'

let folder = ''
let metadata: SqliteMetadata
let clock: ManualClock
let control: Control
let app: FastifyInstance
let groups: Map<string, readonly string[] | undefined>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-rules-'))
  clock = new ManualClock()
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  groups = new Map()
  const people = new People({ admin: 'secret', reader: 'looking' }, metadata, clock)
  const store = { insert: async () => await Promise.resolve(), select: async () => await Promise.resolve([]) }
  control = await Control.open({
    settings: serverSettings.parse({ stateFolder: folder }),
    metadata,
    people,
    store,
    clock,
    publicUrl: () => 'http://server',
    machineRates: new RateLimits(MACHINE_RATE, clock),
    groupMembers: async (group) => await Promise.resolve(groups.has(group) ? groups.get(group) : []),
  })
  app = fastify()
  control.routes(app)
})
afterEach(async () => {
  await app.close()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function ask<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, body?: object, headers = {}) {
  const payload = body === undefined ? {} : { payload: body }
  const answer = await app.inject({ method, url, headers: { authorization: 'Bearer secret', ...headers }, ...payload })
  return { status: answer.statusCode, body: (answer.body === '' ? undefined : answer.json()) as T }
}

const settings = (path: string): object => ({ fileSettings: { fileInfo: [{ name: 'one', destinationPath: path }] } })
const documentOf = (path: string, more: object = {}): object => ({ ...ruleAround({ ...settings(path) }), ...more })

async function put(path: string, more: object = {}, headers = {}): Promise<string> {
  const { body } = await ask<{ properties: { immutableId: string } }>(
    'PUT',
    `${rules}/mine?${version}`,
    documentOf(path, more),
    headers,
  )
  return body.properties.immutableId
}
const detail = async (rule: string): Promise<RuleDetail> => (await ask<RuleDetail>('GET', `/api/rules/${rule}`)).body
const versionsOf = async (rule: string): Promise<readonly RuleVersion[]> =>
  (await ask<{ versions: RuleVersion[] }>('GET', `/api/rules/${rule}/versions`)).body.versions

test('each save is a version with who and when; the same once more is none', async () => {
  const rule = await put('/a')
  clock.advance(60_000)
  await put('/b')
  await put('/b')
  expect(await versionsOf(rule)).toEqual([
    { version: 2, savedAt: '2026-01-01T00:01:00.000Z', savedBy: 'admin', restoredFrom: null },
    { version: 1, savedAt: '2026-01-01T00:00:00.000Z', savedBy: 'admin', restoredFrom: null },
  ])
  expect((await ask('GET', `/api/rules/${rule}/versions/1`)).body).toMatchObject({ document: documentOf('/a') })
  expect((await ask('GET', `/api/rules/${rule}/versions/3`)).status).toBe(404)
})

test('what a rule says that is not known here is kept, and answers add nothing to it', async () => {
  const others = { kind: 'Linux', identity: { type: 'SystemAssigned' } }
  const rule = await put('/a', others)
  const shown = await ask<object>('GET', `${rules}/mine?${version}`)
  expect(shown.body).toMatchObject({ kind: 'Linux', identity: { type: 'SystemAssigned' } })
  // What was answered may be put as it is.
  await ask('PUT', `${rules}/mine?${version}`, { ...shown.body, tags: { a: 'b' } })
  const { document } = await detail(rule)
  expect(document).toMatchObject({ ...others, tags: { a: 'b' } })
  expect(document).not.toHaveProperty('etag')
  expect(document['properties']).not.toHaveProperty('immutableId')
})

test('a roll-back is a new version; somebody who saved meanwhile is not lost', async () => {
  const rule = await put('/a')
  await put('/b')
  const { etag } = await detail(rule)
  const restored = await ask<RuleDetail>('POST', `/api/rules/${rule}/restore`, { version: 1 }, { 'if-match': etag })
  expect(restored.body).toMatchObject({ version: 3, document: documentOf('/a') })
  expect((await versionsOf(rule))[0]).toMatchObject({ version: 3, restoredFrom: 1 })
  const again = await ask('POST', `/api/rules/${rule}/restore`, { version: 2 }, { 'if-match': etag })
  expect(again.status).toBe(412)
  expect((await ask('POST', `/api/rules/${rule}/restore`, { version: 9 })).status).toBe(404)
  expect((await ask('POST', `/api/rules/${rule}/restore`, { version: 'x' })).status).toBe(400)
})

test('versions outlive their rule', async () => {
  const rule = await put('/a')
  await ask('DELETE', `${rules}/mine?${version}`)
  expect((await ask('GET', `/api/rules/${rule}`)).status).toBe(404)
  expect(await versionsOf(rule)).toHaveLength(1)
})

test('the oldest version goes when there are too many', async () => {
  const rule = await put('/a')
  const newest = {
    immutable_id: rule,
    version: RULE_VERSIONS_MAX,
    etag: 'e',
    document: '{}',
    saved_ms: 0,
    saved_by: '',
  }
  await metadata.run(metadata.build.insertInto('rule_version').values({ ...newest, restored_from: null }))
  await put('/b')
  expect((await versionsOf(rule)).map((one) => one.version)).toEqual([RULE_VERSIONS_MAX + 1, RULE_VERSIONS_MAX])
})

const machineNamed = async (computer: string, id: number) =>
  await control.admit(computer, `0b0e9a3c-7d2a-4a43-9f0b-00000000000${id}`)
/** Names of the rules that a machine gets. */
async function rulesOf(machine: { readonly resourceId: string; readonly token: string }): Promise<string[]> {
  const url = `${machine.resourceId}/agentConfigurations?api-version=2022-06-02`
  const { body } = await ask<{ configurations: { configurationId: string }[] }>('GET', url, undefined, {
    authorization: `Bearer ${machine.token}`,
  })
  const ids = body.configurations.map(({ configurationId }) => configurationId)
  return (await ask<{ rules: RuleSummary[] }>('GET', '/api/rules')).body.rules
    .filter(({ immutableId }) => ids.includes(immutableId))
    .map(({ name }) => name)
}

test('a rule comes to machines by name, by group, and to all, and goes again', async () => {
  const [web, db] = [await machineNamed('Web-1', 1), await machineNamed('db-1', 2)]
  const rule = await put('/a')
  const target = async (targets: readonly object[]): Promise<RuleDetail> =>
    (await ask<RuleDetail>('PUT', `/api/rules/${rule}/targets`, { targets })).body
  expect(await target([{ kind: 'name', pattern: 'web-*' }])).toMatchObject({
    machineCount: 1,
    machines: [{ computer: 'Web-1' }],
  })
  expect([await rulesOf(web), await rulesOf(db)]).toEqual([['Microsoft-CT-DCR', 'mine'], ['Microsoft-CT-DCR']])
  groups.set('databases', [db.resourceId])
  expect((await target([{ kind: 'group', group: 'databases' }])).machines).toMatchObject([{ computer: 'db-1' }])
  expect(await rulesOf(db)).toContain('mine')
  expect((await target([{ kind: 'all' }, { kind: 'all' }])).targets).toEqual([{ kind: 'all' }])
  expect(await rulesOf(await machineNamed('new', 3))).toContain('mine')
  await target([])
  expect(await rulesOf(web)).toEqual(['Microsoft-CT-DCR'])
})

test('a group that cannot be asked leaves its machines as they were; one that is gone has none', async () => {
  const web = await machineNamed('web-1', 1)
  const rule = await put('/a')
  groups.set('all of it', [web.resourceId])
  await ask('PUT', `/api/rules/${rule}/targets`, { targets: [{ kind: 'group', group: 'all of it' }] })
  groups.set('all of it', undefined)
  await control.refreshGroups()
  expect(await rulesOf(web)).toContain('mine')
  groups.delete('all of it')
  await control.refreshGroups()
  expect(await rulesOf(web)).not.toContain('mine')
})

test('mistakes in targets are told with their places, and readers change nothing', async () => {
  const rule = await put('/a')
  const wrong = await ask<{ error: { message: string } }>('PUT', `/api/rules/${rule}/targets`, {
    targets: [{ kind: 'name' }],
  })
  expect([wrong.status, wrong.body.error.message]).toEqual([400, expect.stringContaining('targets[0].pattern')])
  const reader = { authorization: 'Bearer looking' }
  expect((await ask('GET', `/api/rules/${rule}`, undefined, reader)).status).toBe(200)
  expect((await ask('PUT', `/api/rules/${rule}/targets`, { targets: [] }, reader)).status).toBe(403)
  expect((await ask('POST', '/api/forecasts', { extensionSettings: {}, machines: ['x'] }, reader)).status).toBe(403)
})

test('a machine is told with its rules that there is a question, and answers it once', async () => {
  const web = await machineNamed('web-1', 1)
  const own = { authorization: `Bearer ${web.token}` }
  const get = async (path: string) =>
    await app.inject({ method: 'GET', url: `${web.resourceId}/${path}?api-version=2022-06-02`, headers: own })
  expect((await get('agentConfigurations')).headers).not.toHaveProperty('x-tidemark-questions')
  const wish = { extensionSettings: settings('/a'), machines: [web.resourceId.toUpperCase()] }
  const asked = await ask<{ id: string; machines: object[] }>('POST', '/api/forecasts', wish)
  expect(asked.body.machines).toMatchObject([{ state: 'away', detail: expect.stringContaining('no heartbeat yet') }])
  expect((await get('agentConfigurations')).headers).toMatchObject({ 'x-tidemark-questions': '1' })
  const { id } = asked.body
  expect((await get('agentQuestions')).json()).toMatchObject({ questions: [{ id, extensionSettings: settings('/a') }] })
  const place = `${web.resourceId}/agentQuestions/${id}?api-version=2022-06-02`
  expect((await ask('POST', place, { kind: 'forecast' }, own)).status).toBe(400)
  expect((await ask('POST', place, { kind: 'failed', reason: 'no' }, own)).status).toBe(204)
  expect((await get('agentQuestions')).json()).toEqual({ questions: [] })
  expect((await ask('GET', `/api/forecasts/${id}`)).body).toMatchObject({ isDone: true })
  expect((await ask('POST', '/api/forecasts', { ...wish, machines: ['/nobody'] })).status).toBe(400)
  const mistaken = { ...wish, extensionSettings: { fileSettings: { watch: 7 } } }
  expect((await ask<{ error: { message: string } }>('POST', '/api/forecasts', mistaken)).body.error.message).toContain(
    'fileSettings.watch',
  )
})
