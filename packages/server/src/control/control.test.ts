import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { configChunk, parseStreamId } from '@tidemark/model'
import { fastify, type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { TOKEN_SECONDS } from '../access/ingestion-tokens.ts'
import { People } from '../access/people.ts'
import { MACHINE_RATE, RateLimits } from '../access/rate-limits.ts'
import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { serverSettings } from '../settings.ts'
import { Control } from './control.ts'
import { GRANT_MS } from './channel-grants.ts'
import { DEFAULT_RULE_NAME, defaultRule } from './default-rule.ts'

const group = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/tidemark'
const rules = `${group}/providers/Microsoft.Insights/dataCollectionRules`
const version = 'api-version=2022-06-01'
const admin = { authorization: 'Bearer secret' }

let folder = ''
let metadata: SqliteMetadata
let clock: ManualClock
let control: Control
let people: People
let app: FastifyInstance

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-control-'))
  clock = new ManualClock()
  await open()
})
afterEach(async () => {
  await app.close()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function open(): Promise<void> {
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  people = new People({ admin: 'secret', reader: 'looking' }, metadata, clock)
  const store = { insert: async () => await Promise.resolve(), select: async () => await Promise.resolve([]) }
  const settings = serverSettings.parse({ stateFolder: folder })
  const machineRates = new RateLimits(MACHINE_RATE, clock)
  const publicUrl = () => 'http://server'
  control = await Control.open({ settings, metadata, people, store, clock, publicUrl, machineRates })
  app = fastify({ routerOptions: { ignoreDuplicateSlashes: true } })
  control.routes(app)
}

async function ask(
  method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST',
  url: string,
  more: { body?: unknown; headers?: Record<string, string> } = {},
) {
  const payload = more.body === undefined ? {} : { payload: more.body as object }
  const answer = await app.inject({ method, url, headers: { ...admin, ...more.headers }, ...payload })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body === '' ? undefined : JSON.parse(answer.body),
  }
}

async function register(sourceComputerId = '0b0e9a3c-7d2a-4a43-9f0b-0123456789ab') {
  const { body } = await ask('POST', '/api/machines', { body: { computer: 'web-1', sourceComputerId } })
  return { ...body, headers: { authorization: `Bearer ${body.token}` } } as {
    resourceId: string
    token: string
    headers: Record<string, string>
  }
}

test('a rule is made, read, listed, tagged and deleted', async () => {
  const made = await ask('PUT', `${rules}/mine?${version}`, { body: defaultRule(undefined) })
  expect(made).toMatchObject({
    status: 201,
    body: {
      name: 'mine',
      type: 'Microsoft.Insights/dataCollectionRules',
      id: `${rules}/mine`,
      properties: {
        provisioningState: 'Succeeded',
        immutableId: expect.stringMatching(/^dcr-[0-9a-f]{32}$/),
        destinations: { logAnalytics: [{ workspaceId: control.workspaceId }] },
      },
    },
  })
  const again = await ask('PUT', `${rules}/MINE?${version}`, { body: defaultRule(undefined) })
  expect([again.status, again.body.properties.immutableId]).toEqual([200, made.body.properties.immutableId])
  expect((await ask('GET', `${rules}?${version}`)).body.value.map(({ name }: { name: string }) => name)).toEqual([
    DEFAULT_RULE_NAME,
    'mine',
  ])
  expect((await ask('PATCH', `${rules}/mine?${version}`, { body: { tags: { team: 'a' } } })).body.tags).toEqual({
    team: 'a',
  })
  expect((await ask('DELETE', `${rules}/mine?${version}`)).status).toBe(200)
  expect((await ask('DELETE', `${rules}/mine?${version}`)).status).toBe(204)
  expect(await ask('GET', `${rules}/mine?${version}`)).toMatchObject({
    status: 404,
    body: { error: { code: 'ResourceNotFound' } },
  })
})

test('an ETag keeps two writers apart', async () => {
  const { headers } = await ask('PUT', `${rules}/mine?${version}`, { body: defaultRule(undefined) })
  await ask('PATCH', `${rules}/mine?${version}`, { body: { tags: {} } })
  const late = { body: defaultRule(undefined), headers: { 'if-match': String(headers['etag']) } }
  expect((await ask('PUT', `${rules}/mine?${version}`, late)).status).toBe(412)
  expect(
    (await ask('PUT', `${rules}/mine?${version}`, { body: defaultRule(undefined), headers: { 'if-none-match': '*' } }))
      .status,
  ).toBe(412)
})

test('a change of whatever is there makes no rule where there is none', async () => {
  const body = defaultRule(undefined)
  const change = async () =>
    (await ask('PUT', `${rules}/mine?${version}`, { body, headers: { 'if-match': '*' } })).status
  expect(await change()).toBe(412)
  await ask('PUT', `${rules}/mine?${version}`, { body })
  expect(await change()).toBe(200)
})

test('a rule with mistakes is refused with the place of each', async () => {
  const rule = JSON.parse(JSON.stringify(defaultRule(undefined)))
  rule.properties.dataSources.extensions[0].extensionSettings.fileSettings.fileInfo[0].destinationPath = 'etc'
  rule.properties.dataFlows[0].destinations = ['nowhere']
  const { status, body } = await ask('PUT', `${rules}/mine?${version}`, { body: rule })
  expect([status, body.error.details.map(({ target }: { target: string }) => target)]).toEqual([
    400,
    [
      'properties.dataSources.extensions[0].extensionSettings.fileSettings.fileInfo[0].destinationPath',
      'properties.dataFlows[0].destinations[0]',
    ],
  ])
})

test('the address needs a version, also with its hyphen encoded, and the caller a token', async () => {
  expect((await ask('GET', rules)).body.error.code).toBe('MissingApiVersionParameter')
  expect((await ask('GET', `${rules}?api%2Dversion=2023-03-11`)).status).toBe(200)
  expect((await ask('GET', `${rules}?${version}`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
  expect((await ask('GET', `/subscriptions/0/nothing?${version}`)).status).toBe(404)
})

test.each([
  ['banana', 400, 400],
  ['2020-08-01-preview', 400, 200],
  ['2021-04-01', 200, 200],
  ['2030-01-01', 200, 200],
])('version %s: rules answer %i, agents get %i', async (asked, ofRules, ofAgents) => {
  const { resourceId, headers } = await register()
  const answer = await ask('GET', `${rules}?api-version=${asked}`)
  expect(answer.status).toBe(ofRules)
  if (ofRules === 400) expect(answer.body.error.code).toBe('InvalidApiVersionParameter')
  const agents = await ask('GET', `${resourceId}/agentConfigurations?api-version=${asked}`, { headers })
  expect(agents.status).toBe(ofAgents)
})

test('a machine gets the default rule as a chunk, and 304 while nothing changed', async () => {
  const { resourceId, headers } = await register()
  const url = `/locations/local${resourceId}/agentConfigurations?platform=linux&api-version=2022-06-02`
  const answer = await ask('GET', url, { headers })
  const [configuration] = answer.body.configurations
  const chunk = configChunk.parse(configuration.content)
  expect(chunk.channels[0]).toMatchObject({ endpoint: `http://server/ods/${control.workspaceId}` })
  const streams = Object.values(chunk.extensionConfigurations['ChangeTracking-Linux']?.[0]?.outputStreams ?? {})
  expect(streams.map((stream) => parseStreamId(stream)?.dcr)).toEqual([
    configuration.configurationId,
    configuration.configurationId,
    configuration.configurationId,
  ])
  const etag = String(answer.headers['etag'])
  expect((await ask('GET', url, { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304)
  await ask('PATCH', `${rules}/${DEFAULT_RULE_NAME}?${version}`, { body: { tags: { a: 'b' } } })
  expect((await ask('GET', url, { headers: { ...headers, 'if-none-match': etag } })).status).toBe(200)
  expect((await ask('GET', url)).status).toBe(401)
  expect((await ask('GET', url.replace('web-1', 'web-2'), { headers })).status).toBe(403)
})

test('an ingestion token speaks for its machine until it is too old', async () => {
  const { resourceId, headers } = await register()
  const { body } = await ask('GET', `/locations/local${resourceId}/agentConfigurations?api-version=2022-06-02`, {
    headers,
  })
  const uri = new URL(body.configurations[0].content.channels[0].tokenEndpointUri)
  const answer = await ask('GET', `${uri.pathname}${uri.search}`, { headers })
  expect(answer.headers['cache-control']).toMatch(/max-age=\d+/)
  const token: string = answer.body.ingestionAuthToken
  expect(await control.tokens.read(token)).toMatchObject({
    resourceId,
    computer: 'web-1',
    workspaceId: control.workspaceId,
  })
  expect(await control.tokens.read(`${token}x`)).toBeUndefined()
  clock.advance((TOKEN_SECONDS + 1) * 1_000)
  expect(await control.tokens.read(token)).toBeUndefined()
})

test('registering again gives a new token, and the old one is over', async () => {
  const first = await register()
  const second = await register()
  expect(second.resourceId).toBe(first.resourceId)
  const url = `${first.resourceId}/agentConfigurations?api-version=2022-06-02`
  expect((await ask('GET', url, { headers: first.headers })).status).toBe(401)
  expect((await ask('GET', url, { headers: second.headers })).status).toBe(200)
})

test('a machine without a key is revoked, too, and its token is good again when it is restored', async () => {
  const { resourceId, headers } = await register()
  const url = `${resourceId}/agentConfigurations?api-version=2022-06-02`
  await control.standing.revoke(resourceId, { who: 'admin', reason: '' })
  expect((await ask('GET', url, { headers })).status).toBe(401)
  expect((await ask('GET', '/api/machines')).body.machines[0]).toMatchObject({ status: 'revoked', revokedBy: 'admin' })
  expect(await control.standing.revoke(resourceId, { who: 'other', reason: '' })).toBe(false)
  expect(await control.standing.restore(resourceId, { who: 'admin', reason: '' })).toBe(true)
  expect((await ask('GET', url, { headers })).status).toBe(200)
  expect((await control.standing.actions()).map(({ what }) => what).toSorted()).toEqual(['restore', 'revoke'])
})

test('a machine is the same in either case of its id, and never takes the place of another', async () => {
  const first = await register()
  expect((await register('0B0E9A3C-7D2A-4A43-9F0B-0123456789AB')).resourceId).toBe(first.resourceId)
  const second = await register('0b0e9a3c-0000-4a43-9f0b-000000000002')
  const third = await register('0b0e9a3c-0000-4a43-9f0b-000000000003')
  expect(new Set([first, second, third].map(({ resourceId }) => resourceId)).size).toBe(3)
  const url = `${second.resourceId}/agentConfigurations?api-version=2022-06-02`
  expect((await ask('GET', url, { headers: second.headers })).status).toBe(200)
})

test('a rule sends its changes to the workspace that it names, and who sees only that one sees only its machines', async () => {
  const { resourceId, headers } = await register()
  const workspace = await control.workspaces.create('other')
  const rule = JSON.parse(JSON.stringify(defaultRule(undefined)))
  rule.properties.destinations.logAnalytics[0].workspaceResourceId = '/subscriptions/s/workspaces/OTHER'
  const id = typeof workspace === 'string' ? '' : workspace.id
  const token = async (wish: string) =>
    (await people.apiTokens.create({ name: wish, scopes: ['read'], workspaces: [wish] }, 'admin'))?.token ?? ''
  const seen = async (bearer: string) =>
    (await ask('GET', '/api/machines', { headers: { authorization: `Bearer ${bearer}` } })).body.machines.length
  expect([await seen(await token(id)), await seen(await token(control.workspaceId))]).toEqual([0, 1])
  await ask('PUT', `${rules}/${DEFAULT_RULE_NAME}?${version}`, { body: rule })
  expect([await seen(await token(id)), await seen(await token(control.workspaceId))]).toEqual([1, 0])
  const { body } = await ask('GET', `${resourceId}/agentConfigurations?api-version=2022-06-02`, { headers })
  const [channel] = body.configurations[0].content.channels
  expect(channel.endpoint).toBe(`http://server/ods/${id}`)
  const uri = new URL(channel.tokenEndpointUri)
  const issued = await ask('GET', `${uri.pathname}${uri.search}`, { headers })
  expect(await control.tokens.read(issued.body.ingestionAuthToken)).toMatchObject({ workspaceId: id, resourceId })
})

/** A rule whose changes go to two workspaces and to Azure, and whose inventory goes to the second workspace alone. */
function ruleForMany(workspaceId: string) {
  const rule = JSON.parse(JSON.stringify(defaultRule(undefined)))
  const [change, changeV2, data] = rule.properties.dataSources.extensions[0].streams
  rule.properties.destinations = {
    logAnalytics: [{ name: 'own' }, { name: 'other', workspaceId }],
    logsIngestion: [
      {
        name: 'azure',
        endpoint: 'https://x.ingest.monitor.azure.com',
        immutableId: `dcr-${'1'.repeat(32)}`,
        streams: { 'Microsoft-ConfigurationChangeV2': 'Custom-Changes', 'Microsoft-Heartbeat': 'Custom-Beats' },
      },
    ],
  }
  rule.properties.dataFlows = [
    { streams: [change, changeV2], destinations: ['own', 'azure'] },
    { streams: [changeV2, data], destinations: ['other'] },
  ]
  return rule
}

test('a stream goes to each of its destinations: workspaces, and Azure by its own words', async () => {
  const { resourceId, headers } = await register()
  const workspace = await control.workspaces.create('second')
  const id = typeof workspace === 'string' ? '' : workspace.id
  expect((await ask('PUT', `${rules}/${DEFAULT_RULE_NAME}?${version}`, { body: ruleForMany(id) })).status).toBe(200)
  const { body } = await ask('GET', `${resourceId}/agentConfigurations?api-version=2022-06-02`, { headers })
  const chunk = configChunk.parse(body.configurations[0].content)
  const [own, other, azure] = [`ods-${control.workspaceId}`, `ods-${id}`, `logs-azure-dcr-${'1'.repeat(32)}`]
  expect(chunk.channels.map((channel) => channel.id)).toEqual([own, other, azure])
  expect(chunk.channels[2]).toEqual({
    id: azure,
    protocol: 'logs-ingestion',
    endpoint: 'https://x.ingest.monitor.azure.com',
    immutableId: `dcr-${'1'.repeat(32)}`,
    streams: { CONFIG_CHANGE_BLOB_V2: 'Custom-Changes', HEALTH_ASSESSMENT_BLOB: 'Custom-Beats' },
  })
  const linux = chunk.dataSources.filter((source) => source.id === 'CTDataSource-Linux')
  expect(linux.map(({ streams, sendToChannels }) => [streams.map(({ stream }) => stream), sendToChannels])).toEqual([
    [['CONFIG_CHANGE_BLOB'], [own, azure]],
    [['CONFIG_CHANGE_BLOB_V2'], [own, other, azure]],
    [['CONFIG_DATA_BLOB_V2'], [other]],
  ])
  for (const { tokenEndpointUri } of chunk.channels.slice(0, 2)) {
    const uri = new URL(String(tokenEndpointUri))
    expect((await ask('GET', `${uri.pathname}${uri.search}`, { headers })).status).toBe(200)
  }
})

test('what was collected for a workspace goes there still when the rule sends elsewhere, for a month, and nowhere else', async () => {
  const { resourceId, headers } = await register()
  const made = [await control.workspaces.create('second'), await control.workspaces.create('third')]
  const [second, third] = made.map((one) => (typeof one === 'string' ? '' : one.id))
  await ask('PUT', `${rules}/${DEFAULT_RULE_NAME}?${version}`, { body: ruleForMany(second ?? '') })
  const { body } = await ask('GET', `${resourceId}/agentConfigurations?api-version=2022-06-02`, { headers })
  const uri = new URL(body.configurations[0].content.channels[1].tokenEndpointUri)
  const tokenFor = async (workspace = '') =>
    await ask('GET', `${uri.pathname}${uri.search}`.replaceAll(second ?? '', workspace), { headers })
  expect((await tokenFor(second)).status).toBe(200)
  await ask('PUT', `${rules}/${DEFAULT_RULE_NAME}?${version}`, { body: defaultRule(undefined) })
  expect(await control.tokens.read((await tokenFor(second)).body.ingestionAuthToken)).toMatchObject({
    workspaceId: second,
  })
  await ask('DELETE', `${rules}/${DEFAULT_RULE_NAME}?${version}`)
  expect((await tokenFor(second)).status).toBe(200)
  expect((await tokenFor(third)).status).toBe(404)
  clock.advance(GRANT_MS)
  expect((await tokenFor(second)).status).toBe(404)
})

test.each([
  { wrong: { endpoint: 'http://x' }, target: 'destinations.logsIngestion[0].endpoint' },
  { wrong: { immutableId: 'dcr-1' }, target: 'destinations.logsIngestion[0].immutableId' },
  { wrong: { streams: { 'Microsoft-Other': 'Custom-X' } }, target: 'destinations.logsIngestion[0].streams' },
  { wrong: { streams: { 'Microsoft-Heartbeat': 'x' } }, target: 'logsIngestion[0].streams.Microsoft-Heartbeat' },
  { wrong: { name: 'not this' }, target: 'destinations.logsIngestion[0].name' },
])('a destination with $wrong is refused at $target', async ({ wrong, target }) => {
  const rule = ruleForMany('')
  Object.assign(rule.properties.destinations.logsIngestion[0], wrong)
  const { status, body } = await ask('PUT', `${rules}/mine?${version}`, { body: rule })
  expect([status, JSON.stringify(body.error.details)]).toEqual([400, expect.stringContaining(target)])
})

test('associations are made, listed by machine and by rule, and taken away', async () => {
  const { resourceId } = await register()
  const made = await ask('PUT', `${rules}/mine?${version}`, { body: defaultRule(undefined) })
  const association = `${resourceId}/providers/Microsoft.Insights/dataCollectionRuleAssociations/mine`
  const body = { properties: { dataCollectionRuleId: made.body.id } }
  expect((await ask('PUT', `${association}?${version}`, { body })).status).toBe(201)
  expect((await ask('GET', `${rules}/mine/associations?${version}`)).body.value).toHaveLength(1)
  expect((await ask('GET', '/api/machines')).body.machines[0]).toMatchObject({
    status: 'new',
    rules: expect.arrayContaining([DEFAULT_RULE_NAME, 'mine']),
  })
  expect((await ask('DELETE', `${association}?${version}`)).status).toBe(200)
  expect(
    (await ask('PUT', `${association}?${version}`, { body: { properties: { dataCollectionRuleId: '/no/rule' } } }))
      .status,
  ).toBe(400)
})

test('everything is there after a restart, and a deleted default rule stays deleted', async () => {
  const { resourceId, headers } = await register()
  const { workspaceId } = control
  await ask('DELETE', `${rules}/${DEFAULT_RULE_NAME}?${version}`)
  await app.close()
  await metadata[Symbol.asyncDispose]()
  await open()
  expect(control.workspaceId).toBe(workspaceId)
  expect((await ask('GET', `${rules}?${version}`)).body.value).toEqual([])
  expect((await ask('GET', `${resourceId}/agentConfigurations?api-version=2022-06-02`, { headers })).body).toEqual({
    configurations: [],
  })
})
