// Goal: the agent uploads to Azure Monitor by Azure's own client, beside our server or instead of it, with each kind of credential,
// and loses or doubles nothing. Method: one server with TLS is both: the machine reports to it, and a rule sends to its Logs Ingestion
// API, which goes to another workspace. Tokens are API tokens of that server, given by a fake of what Azure's library asks.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { type Agent, agentSettings, openAgent } from '@tidemark/agent'
import { systemClock } from '@tidemark/base'
import { connectForward, forwardTime, socketAddress } from '@tidemark/forward'
import { agentPlaces, socketNames } from '@tidemark/model'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

import { AzureClients, SUBSCRIPTION } from './clients/azure-clients.ts'
import { FakeIdentity } from './clients/fake-identity.ts'

const STREAMS = ['Microsoft-ConfigurationChange', 'Microsoft-ConfigurationChangeV2', 'Microsoft-ConfigurationData']
const SCOPE = 'https://monitor.azure.com/.default'
const RULES = `/subscriptions/${SUBSCRIPTION}/resourceGroups/tidemark/providers/Microsoft.Insights/dataCollectionRules`
const VERSION = 'api-version=2022-06-01'
const stop = new AbortController()

let azure: AzureClients
let identity: FakeIdentity
let folder = ''
let second = ''
let there = ''
let count = 0
let agent: Agent | undefined

beforeAll(async () => {
  azure = await AzureClients.start()
  identity = await FakeIdentity.start()
  folder = mkdtempSync(join(tmpdir(), 'tidemark-azure-'))
  writeFileSync(join(folder, 'ca.pem'), `${azure.ca}\n${identity.ca}`)
  const workspace = await azure.api<{ id: string }>('POST', '/api/workspaces', { name: 'second' })
  second = workspace.id
  there = await putRule('there', directRule())
  const wish = { computer: 'web-1', sourceComputerId: '0b0e9a3c-7d2a-4a43-9f0b-000000000001' }
  const known = await azure.api<{ resourceId: string; region: string; token: string }>('POST', '/api/machines', wish)
  const { registration } = agentPlaces(folder)
  mkdirSync(dirname(registration), { recursive: true })
  const caFile = join(folder, 'ca.pem')
  writeFileSync(registration, JSON.stringify({ serverUrl: azure.server.url, ...known, caFile }))
})
afterEach(async () => {
  await agent?.[Symbol.asyncDispose]()
  agent = undefined
  vi.unstubAllEnvs()
})
afterAll(async () => {
  stop.abort()
  await identity[Symbol.asyncDispose]()
  await azure[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Where a rule in Azure would send: here, to the tables of the second workspace. */
const directRule = () => ({
  location: 'local',
  kind: 'Direct',
  properties: {
    destinations: { logAnalytics: [{ name: 'second', workspaceId: second }] },
    dataFlows: [
      ['Custom-Changes', 'Microsoft-ConfigurationChangeV2'],
      ['Custom-Inventory', 'Microsoft-ConfigurationData'],
      ['Custom-Beats', 'Microsoft-Heartbeat'],
    ].map(([stream, outputStream]) => ({ streams: [stream], destinations: ['second'], outputStream })),
  },
})

/** The machine's rule: to the own workspace and elsewhere, or only elsewhere. */
const trackingRule = (destinations: readonly string[]) => ({
  location: 'local',
  properties: {
    dataSources: {
      extensions: [{ name: 'CTDataSource-Linux', extensionName: 'ChangeTracking-Linux', streams: STREAMS }],
    },
    destinations: {
      logAnalytics: [{ name: 'own' }],
      logsIngestion: [
        {
          name: 'azure',
          endpoint: azure.server.url,
          immutableId: there,
          streams: {
            'Microsoft-ConfigurationChangeV2': 'Custom-Changes',
            'Microsoft-ConfigurationData': 'Custom-Inventory',
            'Microsoft-Heartbeat': 'Custom-Beats',
          },
        },
      ],
    },
    dataFlows: [{ streams: STREAMS, destinations }],
  },
})

async function putRule(name: string, body: object): Promise<string> {
  const made = await azure.api<{ properties: { immutableId: string } }>('PUT', `${RULES}/${name}?${VERSION}`, body)
  return made.properties.immutableId
}

async function start(credential: object, more: object = {}): Promise<Agent> {
  count += 1
  const settings = agentSettings.parse({
    root: folder,
    sockets: { directory: join(folder, `s${count}`) },
    upload: { intervalMs: 50 },
    rules: { refreshMs: 100 },
    heartbeat: { intervalMs: 500 },
    azure: { credential, hosts: [new URL(azure.server.url).host], caFile: join(folder, 'ca.pem'), ...more },
  })
  const log = pino({ level: 'silent' })
  agent = await openAgent(settings, { clock: systemClock, log, signal: stop.signal, chance: () => 0 })
  return agent
}

const poll = <T>(look: () => T) => expect.poll(look, { timeout: 15_000, interval: 200 })
const tokenFile = () => join(folder, 'azure.token')
const apiToken = async () => (await azure.credential(['ingest'])).token

/** Hands rows over as change tracking does. */
async function collect(values: readonly string[]): Promise<void> {
  const [rule] = agent?.status().rules ?? []
  await using client = await connectForward(socketAddress(socketNames.changeTrackingLinux, join(folder, `s${count}`)), {
    clock: systemClock,
    answerMsMax: 10_000,
  })
  const now = new Date().toISOString()
  const send = async (type: string, rows: readonly object[]): Promise<void> => {
    const entries = rows.map((row) => ({
      time: forwardTime(0),
      record: { TimeGenerated: now, Computer: 'web-1', ...row },
    }))
    const chunk = `${values.join()}${type}`
    expect(await client.send(`${rule?.id}:CTDataSource-Linux:${type}`, entries, { chunk })).toEqual({
      kind: 'accepted',
    })
  }
  const rows = values.map((SvcName) => ({ ConfigChangeType: 'Daemons', ChangeCategory: 'Added', SvcName }))
  const gap = { Type: 'TidemarkVisibility', ConfigChangeType: 'Files', Reason: 'unreadable', Detail: values.join() }
  await send('CONFIG_CHANGE_BLOB_V2', [...rows, gap])
  await send(
    'CONFIG_DATA_BLOB_V2',
    values.map((SvcName) => ({ ConfigDataType: 'Daemons', SvcName })),
  )
}

/** The names in a table of a workspace, sorted, doubles and all. */
async function names(workspace: string, table: string, of: readonly string[]): Promise<string> {
  const query = `${table} | where SvcName in (${of.map((name) => `"${name}"`).join()}) | project SvcName`
  const answer = await azure.api<{ tables: { rows: string[][] }[] }>('POST', `/v1/workspaces/${workspace}/query`, {
    query,
  })
  return (answer.tables[0]?.rows ?? []).flat().toSorted().join()
}

const expectEverywhere = async (of: readonly string[], workspaces: readonly string[]): Promise<void> => {
  for (const workspace of workspaces)
    for (const table of ['ConfigurationChange', 'ConfigurationData'])
      await poll(async () => await names(workspace, table, of)).toBe(of.join())
}

test('beside our server: each destination has each row once, also over a token that is good no more', async () => {
  await putRule('Microsoft-CT-DCR', trackingRule(['own', 'azure']))
  const { id, token } = await azure.credential(['ingest'])
  writeFileSync(tokenFile(), token, { mode: 0o600 })
  const running = await start({ kind: 'token-file', file: tokenFile() })
  await poll(() => running.status().rules.length).toBe(1)
  await collect(['a1', 'a2'])
  await expectEverywhere(['a1', 'a2'], [azure.server.workspaceId, second])
  await azure.api('DELETE', `/api/tokens/${id}`)
  await collect(['a3'])
  await expectEverywhere(['a3'], [azure.server.workspaceId])
  const waiting = () => running.status().streams.flatMap(({ destinations }) => destinations)
  await poll(() =>
    waiting()
      .filter(({ backlogBytes }) => backlogBytes > 0)
      .map(({ channel }) => channel.slice(0, 4)),
  ).toEqual(['logs', 'logs'])
  await poll(() =>
    running
      .status()
      .streams.map(({ lastError }) => lastError ?? '')
      .join(),
  ).toContain('status 401')
  const failing = waiting().filter(({ lastError }) => lastError !== undefined)
  expect(failing.map(({ channel }) => channel.slice(0, 4))).toContain('logs')
  expect(failing.map(({ channel }) => channel.slice(0, 4))).not.toContain('ods-')
  writeFileSync(tokenFile(), await apiToken(), { mode: 0o600 })
  await expectEverywhere(['a3'], [second])
  await expectEverywhere(['a1', 'a2'], [second])
  // What the rule names no stream for stays with our server.
  const gaps = await azure.api<{ tables: { rows: unknown[][] }[] }>('POST', `/v1/workspaces/${second}/query`, {
    query: 'TidemarkVisibility | count',
  })
  expect(gaps.tables[0]?.rows).toEqual([[0]])
  await poll(async () => {
    const query = 'Heartbeat | where Computer != "" | count'
    const beats = await azure.api<{ tables: { rows: number[][] }[] }>('POST', `/v1/workspaces/${second}/query`, {
      query,
    })
    return beats.tables[0]?.rows[0]?.[0] ?? 0
  }).toBeGreaterThan(0)
})

test('a file with a secret that others may read is refused, and so is a host that the settings do not name', async () => {
  writeFileSync(join(folder, 'open.token'), 'x', { mode: 0o644 })
  const errors = () =>
    agent
      ?.status()
      .streams.map(({ lastError }) => lastError ?? '')
      .join()
  await start({ kind: 'token-file', file: join(folder, 'open.token') })
  await poll(() => agent?.status().rules.length).toBe(1)
  await collect(['b1'])
  await poll(errors).toContain('make it mode 0600')
  await agent?.[Symbol.asyncDispose]()
  await start({ kind: 'token-file', file: tokenFile() }, { hosts: [] })
  await poll(errors).toContain('no token is sent there')
  await agent?.[Symbol.asyncDispose]()
  await start({ kind: 'token-file', file: tokenFile() })
  await expectEverywhere(['b1'], [azure.server.workspaceId, second])
})

test('instead of our server, with a client secret: the authority is asked as OAuth has it', async () => {
  await putRule('Microsoft-CT-DCR', trackingRule(['azure']))
  identity.token = await apiToken()
  const secretFile = join(folder, 'secret')
  writeFileSync(secretFile, 'hush', { mode: 0o600 })
  const tenantId = '11111111-1111-1111-1111-111111111111'
  const running = await start({
    kind: 'client-secret',
    tenantId,
    clientId: 'client',
    secretFile,
    authorityHost: identity.authority,
  })
  await poll(() =>
    running.status().streams.some(({ destinations }) => destinations.some(({ isDraining }) => isDraining)),
  ).toBe(true)
  await collect(['c1', 'c2'])
  await expectEverywhere(['c1', 'c2'], [second])
  expect(identity.asked.find(({ path }) => path.endsWith('/token'))).toMatchObject({
    method: 'POST',
    path: `/${tenantId}/oauth2/v2.0/token`,
    fields: {
      grant_type: 'client_credentials',
      client_id: 'client',
      client_secret: 'hush',
      scope: expect.stringContaining(SCOPE),
    },
  })
  // The machine is seen by our server still.
  await poll(() => running.status().lastHeartbeatAt).toBeDefined()
})

test('a virtual machine’s identity is asked of its metadata service, and never through a proxy', async () => {
  vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', identity.metadata)
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  vi.stubEnv('http_proxy', 'http://127.0.0.1:1')
  identity.token = await apiToken()
  await start({ kind: 'managed-identity', clientId: '22222222-2222-2222-2222-222222222222' })
  await poll(() => agent?.status().rules.length).toBe(1)
  await collect(['d1'])
  await expectEverywhere(['d1'], [second])
  expect(identity.asked.find(({ path }) => path.startsWith('/metadata'))).toMatchObject({
    method: 'GET',
    path: expect.stringMatching(/^\/metadata\/identity\/oauth2\/token\/?$/),
    headers: { metadata: 'true' },
    fields: {
      'api-version': '2018-02-01',
      resource: 'https://monitor.azure.com',
      client_id: '22222222-2222-2222-2222-222222222222',
    },
  })
})

test('an agent without such a rule loads nothing of it', () => {
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve: (name, context, next) => (name.startsWith('@azure/') && console.log(name), next(name, context)) })
    await import('@tidemark/agent')
    console.log('loaded')`
  const here = new URL('../packages/tidemark', import.meta.url).pathname
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: here, encoding: 'utf8' })
  expect(output).toBe('loaded\n')
})
