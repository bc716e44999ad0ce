import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { systemClock } from '@tidemark/base'
import { connectForward, forwardTime, socketAddress } from '@tidemark/forward'
import { agentPlaces, configResponse, extensionName, socketNames, streamsOfRule, taggedData } from '@tidemark/model'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Agent, openAgent } from './agent.ts'
import { replaceFile } from './host/files.ts'
import { agentSettings } from './settings.ts'

const dcr = `dcr-${'a'.repeat(32)}`
const resourceId = '/subscriptions/0/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m'
const changes = `${dcr}:CTDataSource-Linux:CONFIG_CHANGE_BLOB_V2`

/** What a server is to the agent, with answers that a test can turn. */
class FakeServer {
  readonly uploads: {
    readonly id: string
    readonly type: string
    readonly rows: readonly Record<string, unknown>[]
    readonly workspace: string
  }[] = []
  readonly tokensGiven: string[] = []
  settings: unknown = { marker: 1 }
  content: unknown
  channels: readonly string[] = ['ods-w']
  isRuleGone = false
  uploadStatus = 200
  /** What is answered to an upload, where it is not `uploadStatus`. */
  statusOf = (_rows: readonly Record<string, unknown>[]): number => this.uploadStatus
  #server: Server | undefined
  url = ''

  async open(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response))
    this.#server = server
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const path = request.url ?? ''
    if (path.includes('issueIngestionToken')) {
      this.tokensGiven.push('t')
      response
        .writeHead(200, { 'cache-control': 'max-age=1800' })
        .end(JSON.stringify({ configurationId: dcr, ingestionAuthToken: 't' }))
    } else if (path.includes('agentConfigurations')) {
      const content = this.content ?? chunk(this.url, this.settings, this.channels)
      const configurations = this.isRuleGone ? [] : [{ configurationId: dcr, eTag: '1', op: 'added', content }]
      const body = JSON.stringify({ configurations })
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    } else {
      const body = JSON.parse(gunzipSync(Buffer.concat(parts)).toString())
      const id = String(request.headers['x-request-id'])
      const workspace = /\/ods\/(\w+)/.exec(path)?.[1] ?? ''
      this.uploads.push({ id, type: body.DataType, rows: body.DataItems, workspace })
      const status = this.statusOf(body.DataItems)
      response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? '' : 'no')
    }
  }

  /** Rows of a data type, each batch id once. */
  rows(type: string): readonly Record<string, unknown>[] {
    const byId = new Map(this.uploads.filter((one) => one.type === type).map((one) => [one.id, one.rows]))
    return [...byId.values()].flat()
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }
}

function chunk(url: string, extensionSettings: unknown, channels: readonly string[]): unknown {
  const streams = ['CONFIG_CHANGE_BLOB', 'CONFIG_CHANGE_BLOB_V2', 'CONFIG_DATA_BLOB_V2']
  const source = (id: string) => ({
    id,
    kind: 'extension',
    configuration: { extensionName },
    streams: streams.map((stream) => ({ stream })),
    sendToChannels: channels,
  })
  return {
    dataSources: [source('CTDataSource-Linux'), source('CTDataSource-Windows')],
    channels: channels.map((id) => ({
      id,
      protocol: 'ods',
      endpoint: `${url}/ods/${id.slice(4)}`,
      tokenEndpointUri: `${url}/${id}/issueIngestionToken`,
    })),
    extensionConfigurations: {
      [extensionName]: [
        {
          id: `${dcr}:CTDataSource-Linux`,
          originIds: ['/r'],
          extensionSettings,
          outputStreams: { CONFIG_CHANGE_BLOB_V2: changes },
        },
      ],
    },
  }
}

/** However slow the machine is. */
const poll = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 })

let folder = ''
let server: FakeServer
const agents: Agent[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-agent-'))
  server = new FakeServer()
  await server.open()
  register({ serverUrl: server.url, resourceId, region: 'local', token: 'secret' })
})
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent[Symbol.asyncDispose]()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function register(registration: unknown): void {
  replaceFile(agentPlaces(folder).registration, JSON.stringify(registration))
}

async function start(): Promise<Agent> {
  const settings = agentSettings.parse({
    root: folder,
    sockets: { directory: join(folder, 's') },
    upload: { intervalMs: 20 },
    rules: { refreshMs: 50 },
    heartbeat: { intervalMs: 200 },
  })
  const agent = await openAgent(settings, {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    chance: () => 0,
  })
  agents.push(agent)
  return agent
}

async function stop(agent: Agent): Promise<void> {
  await agent[Symbol.asyncDispose]()
}

const connect = async (name: string) =>
  await connectForward(socketAddress(name, join(folder, 's')), { clock: systemClock, answerMsMax: 5_000 })
const entry = (record: Record<string, unknown>) => ({ time: forwardTime(0), record })

test('a rule becomes a chunk, six sinks and an answer on the config socket', async () => {
  const agent = await start()
  await poll(() => agent.status().rules.map(({ id }) => id)).toEqual([dcr])
  expect(existsSync(join(agentPlaces(folder).configChunks, `${dcr}.json`))).toBe(true)
  expect(readdirSync(agentPlaces(folder).events).sort()).toEqual(
    streamsOfRule(dcr)
      .map(({ dataSource, dataType }) => `${dcr}:${dataSource}:${dataType}`)
      .sort(),
  )
  await using client = await connect(socketNames.config)
  const request = { Request: 'AgentTaggedData', RequestId: 'r', Tag: extensionName, Version: '1' }
  const answer = configResponse.parse(JSON.parse(await client.request(JSON.stringify(request))))
  expect(answer).toMatchObject({ RequestId: 'r', Success: true })
  expect(taggedData.parse(JSON.parse(answer.TaggedData)).extensionConfigurations[0]?.extensionSettings).toEqual({
    marker: 1,
  })
  const unknown = configResponse.parse(JSON.parse(await client.request(JSON.stringify({ ...request, Tag: 'Nobody' }))))
  expect([unknown.Success, taggedData.parse(JSON.parse(unknown.TaggedData)).extensionConfigurations]).toEqual([
    false,
    [],
  ])
  const broken = configResponse.parse(JSON.parse(await client.request('{"Request":')))
  expect([broken.Success, broken.Description]).toEqual([false, expect.stringContaining('no JSON')])
})

test('rows go through the sink to the server once, also over a restart without a server', async () => {
  const agent = await start()
  await poll(() => agent.status().rules.length).toBe(1)
  server.uploadStatus = 503
  {
    await using client = await connect(socketNames.changeTrackingLinux)
    expect(await client.send(changes, [entry({ value: 1 }), entry({ value: 2 })], { chunk: 'c1' })).toEqual({
      kind: 'accepted',
    })
    expect(await client.send(changes, [entry({ value: 1 }), entry({ value: 2 })], { chunk: 'c1' })).toEqual({
      kind: 'accepted',
    })
  }
  await poll(() => server.rows('CONFIG_CHANGE_BLOB_V2').length).toBe(2)
  const [{ id } = { id: '' }] = server.uploads.filter(({ type }) => type === 'CONFIG_CHANGE_BLOB_V2')
  await stop(agent)
  server.uploadStatus = 200
  const again = await start()
  await poll(() => again.status().streams.every(({ backlogBytes }) => backlogBytes === 0)).toBe(true)
  expect(server.rows('CONFIG_CHANGE_BLOB_V2')).toEqual([{ value: 1 }, { value: 2 }])
  expect(new Set(server.uploads.filter(({ type }) => type === 'CONFIG_CHANGE_BLOB_V2').map((one) => one.id))).toEqual(
    new Set([id]),
  )
})

test('what the server refuses for good is set aside and told, and the rest goes on', async () => {
  const agent = await start()
  await poll(() => agent.status().rules.length).toBe(1)
  server.statusOf = (rows) => (rows.some(({ value }) => value === 1) ? 400 : 200)
  await using client = await connect(socketNames.changeTrackingLinux)
  await client.send(changes, [entry({ value: 1 })], { chunk: 'c1' })
  await poll(() => agent.status().streams.find(({ id }) => id === changes)?.refusedCount).toBe(1)
  const [name = ''] = readdirSync(agentPlaces(folder).refused)
  expect(JSON.parse(readFileSync(join(agentPlaces(folder).refused, name), 'utf8'))).toMatchObject({
    stream: changes,
    rows: [{ value: 1 }],
  })
  await client.send(changes, [entry({ value: 2 })], { chunk: 'c2' })
  await poll(() => server.rows('CONFIG_CHANGE_BLOB_V2').map((row) => row['value'])).toContain(2)
  await poll(() =>
    server.rows('CONFIG_CHANGE_BLOB_V2').find(({ Type }) => Type === 'TidemarkVisibility'),
  ).toMatchObject({
    Reason: 'upload-refused',
    ConfigChangeType: 'Agent',
    Subject: changes,
    Detail: expect.stringMatching(/^the server refused 1 rows .* for good: status 400: no; they are kept in /),
  })
})

test('a tag that is no stream, and records that are no rows, close their connection only', async () => {
  const agent = await start()
  await poll(() => agent.status().rules.length).toBe(1)
  for (const [tag, record] of [
    ['nobody', { value: 1 }],
    [changes, { value: { deep: 1 } }],
  ] as const) {
    await using client = await connect(socketNames.changeTrackingLinux)
    expect((await client.send(tag, [entry(record)], { chunk: 'x' })).kind).toBe('unavailable')
  }
  expect(agent.status().refusedMessages).toBe(2)
  await using client = await connect(socketNames.changeTrackingLinux)
  expect(await client.send(changes, [entry({ value: 1 })], { chunk: 'y' })).toEqual({ kind: 'accepted' })
})

test('a broken rule is told, and its last good version stays in force', async () => {
  const agent = await start()
  await poll(() => agent.status().rules.length).toBe(1)
  server.content = { channels: [{ id: 5 }] }
  await poll(() => agent.status().ruleProblems).toEqual([expect.stringContaining(`${dcr}: channels[0].id`)])
  expect(agent.status().rules).toEqual([{ id: dcr, eTag: '1' }])
})

test('rules on disk are in force without a server, and those of another machine are discarded', async () => {
  const first = await start()
  await poll(() => first.status().rules.length).toBe(1)
  await stop(first)
  await server.close()
  const second = await start()
  expect(second.status().rules).toEqual([{ id: dcr, eTag: '1' }])
  await poll(() => second.status().server).toMatchObject({ isReachable: false, lastError: expect.any(String) })
  await stop(second)
  register({ serverUrl: server.url, resourceId: `${resourceId}-clone`, region: 'local', token: 'secret' })
  expect((await start()).status().rules).toEqual([])
})

test('what waits for a rule that is gone is uploaded first, also after a restart', async () => {
  const agent = await start()
  await poll(() => agent.status().rules.length).toBe(1)
  server.statusOf = () => 503
  {
    await using client = await connect(socketNames.config)
    // Any socket takes data by its tag.
    expect((await client.send(changes, [entry({ value: 1 })], { chunk: 'c1' })).kind).toBe('accepted')
  }
  server.isRuleGone = true
  await poll(() => agent.status().rules.length).toBe(0)
  expect(agent.status().streams.find(({ id }) => id === changes)?.destinations).toMatchObject([
    { channel: 'ods-w', backlogBytes: expect.any(Number), isDraining: true },
  ])
  await stop(agent)
  const again = await start()
  server.statusOf = () => 200
  await poll(() => server.rows('CONFIG_CHANGE_BLOB_V2')).toEqual([{ value: 1 }])
  await poll(() => again.status().streams.find(({ id }) => id === changes)?.backlogBytes).toBe(0)
})

test('a stream with two destinations reaches both, each once', async () => {
  server.channels = ['ods-w', 'ods-v']
  const agent = await start()
  await poll(() => agent.status().rules.length).toBe(1)
  await using client = await connect(socketNames.changeTrackingLinux)
  await client.send(changes, [entry({ value: 1 })], { chunk: 'c1' })
  const arrived = () =>
    server.uploads.filter(({ rows }) => rows.some(({ value }) => value === 1)).map(({ workspace }) => workspace)
  await poll(() => arrived().sort()).toEqual(['v', 'w'])
})

test('a heartbeat tells the versions, and what the extension said', async () => {
  const agent = await start()
  await poll(() => agent.status().rules.length).toBe(1)
  await using client = await connect(socketNames.diagnostics)
  const status = { ExtensionName: extensionName, Version: '9', Status: 'Ready', Detail: '', Summary: '{}' }
  expect((await client.send('MaExtensionDiagnostics', [entry(status)])).kind).toBe('accepted')
  await poll(() => server.rows('HEALTH_ASSESSMENT_BLOB').at(-1)).toMatchObject({
    OSType: 'Linux',
    ExtensionVersion: '9',
    ExtensionStatus: 'Ready',
  })
})

test('it does not start where another agent holds the sockets, or without a registration', async () => {
  await start()
  await expect(start()).rejects.toMatchObject({ code: 'sockets-held' })
  writeFileSync(agentPlaces(folder).registration, '{"serverUrl": 5}')
  await expect(start()).rejects.toMatchObject({
    code: 'registration-invalid',
    message: expect.stringContaining('serverUrl'),
  })
  rmSync(agentPlaces(folder).registration)
  await expect(start()).rejects.toMatchObject({ code: 'not-registered' })
})
