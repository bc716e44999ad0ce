// Goal: the whole server, from an upload to the answer of a query, over its socket and across a restart.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'

import { systemClock } from '@tidemark/base'
import { contentLink, contentRows, type ContentText, type RegisterMachineAnswer } from '@tidemark/model'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openServer, type Server } from './server.ts'
import { serverSettings } from './settings.ts'

let stateFolder: string
let server: Server
let token: string

const start = async () =>
  await openServer(serverSettings.parse({ stateFolder, port: 0 }), {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'tidemark-server-'))
  server = await start()
  token = (await readFile(server.adminTokenFile, 'utf8')).trim()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(stateFolder, { recursive: true, force: true })
})

const ask = async (path: string, { body, bearer = token }: { body?: object; bearer?: string } = {}) => {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return await fetch(path.startsWith('http') ? path : `${server.url}${path}`, init)
}

const rowsOf = async (query: string) => {
  const answer = await ask(`/v1/workspaces/${server.workspaceId}/query`, { body: { query } })
  return (await answer.json()) as { tables: { rows: unknown[][] }[] }
}

test('says without a token only that it is well, and what its API is', async () => {
  for (const path of ['/healthz', '/api/openapi.json']) expect((await fetch(`${server.url}${path}`)).status).toBe(200)
  for (const path of ['/api/machines', '/api/live', '/api/about'])
    expect((await fetch(`${server.url}${path}`)).status).toBe(401)
  expect((await stat(server.adminTokenFile)).mode & 0o777).toBe(0o600)
})

test('an uploaded batch is in the answers once, also after a restart', async () => {
  const machine = { computer: 'web-1', sourceComputerId: randomUUID() }
  const known = (await (await ask('/api/machines', { body: machine })).json()) as RegisterMachineAnswer
  const place = `/locations/${known.region}${known.resourceId}/agentConfigurations?platform=linux&api-version=2022-06-02`
  const rules = (await (await ask(place, { bearer: known.token })).json()) as {
    configurations: { content: { channels: { endpoint: string; tokenEndpointUri: string }[] } }[]
  }
  const channel = rules.configurations[0]!.content.channels[0]!
  const issued = await ask(channel.tokenEndpointUri, { bearer: known.token })
  const { ingestionAuthToken } = (await issued.json()) as { ingestionAuthToken: string }
  const batchId = randomUUID()
  const upload = async (endpoint: string) =>
    await fetch(`${endpoint}/OperationalData.svc/PostJsonDataItems?api-version=2016-04-01`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ingestionAuthToken}`,
        'content-type': 'application/json',
        'x-request-id': batchId,
        'x-ms-azureresourceid': known.resourceId,
      },
      body: JSON.stringify({
        DataType: 'CONFIG_CHANGE_BLOB_V2',
        DataItems: [
          { Computer: 'web-1', ConfigChangeType: 'Files', Size: 7, Colour: 'blue' },
          { Computer: 'web-1', Type: 'TidemarkVisibility', Reason: 'Restarted' },
        ],
      }),
    })
  expect([(await upload(channel.endpoint)).status, (await upload(channel.endpoint)).status]).toEqual([200, 200])
  const query = 'ConfigurationChange | project Computer, ConfigChangeType, Size, AdditionalFields'
  const rows = [['web-1', 'Files', 7, '{"Colour":"blue"}']]
  expect((await rowsOf(query)).tables[0]?.rows).toEqual(rows)

  await server[Symbol.asyncDispose]()
  server = await start()
  expect((await upload(`${server.url}/ods/${server.workspaceId}`)).status).toBe(200)
  expect((await rowsOf(query)).tables[0]?.rows).toEqual(rows)
  expect((await rowsOf('TidemarkVisibility | project Reason')).tables[0]?.rows).toEqual([['Restarted']])
})

test('a content that is uploaded in parts is given to who may read it, and to nobody else', async () => {
  const machine = { computer: 'web-2', sourceComputerId: randomUUID() }
  const known = (await (await ask('/api/machines', { body: machine })).json()) as RegisterMachineAnswer
  const place = `/locations/${known.region}${known.resourceId}/agentConfigurations?platform=linux&api-version=2022-06-02`
  const rules = (await (await ask(place, { bearer: known.token })).json()) as {
    configurations: { content: { channels: { tokenEndpointUri: string }[] } }[]
  }
  const issued = await ask(rules.configurations[0]!.content.channels[0]!.tokenEndpointUri, { bearer: known.token })
  const { ingestionAuthToken } = (await issued.json()) as { ingestionAuthToken: string }
  const upload = async (...rows: object[]) => {
    const url = `${server.url}/ods/${server.workspaceId}/OperationalData.svc/PostJsonDataItems?api-version=2016-04-01`
    const headers = { authorization: `Bearer ${ingestionAuthToken}`, 'x-request-id': randomUUID() }
    const body = JSON.stringify({ DataType: 'CONFIG_CHANGE_BLOB_V2', DataItems: rows })
    return (await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body }))
      .status
  }
  const whole = Buffer.from(`password=hunter2\n${randomBytes(400_000).toString('hex')}\n`)
  const hash = createHash('sha256').update(whole).digest('hex')
  const parts = contentRows(hash, zstdCompressSync(whole), { contentSize: whole.length })
  const change = { ConfigChangeType: 'Files', FileSystemPath: '/etc/kept', FileContentBlobLink: contentLink(hash) }
  expect(parts.length).toBeGreaterThan(1)
  expect(await upload(...parts.slice(1))).toBe(200)
  expect((await ask(contentLink(hash))).status).toBe(404)

  await server[Symbol.asyncDispose]()
  server = await start()
  expect(await upload(parts[0]!, change)).toBe(200)
  const [row] = (
    await rowsOf('ConfigurationChange | where FileSystemPath == "/etc/kept" | project FileContentBlobLink')
  ).tables[0]!.rows
  const link = String(row?.[0])
  expect(Buffer.from(await (await ask(link)).arrayBuffer()).equals(whole)).toBe(true)
  const text = (await (await ask(`${link}/text`)).json()) as ContentText
  expect(text.text.startsWith('password=[redacted ')).toBe(true)
  const [counted] = (await rowsOf('ConfigurationChange | where AdditionalFields has "ContentHash" | count')).tables[0]!
    .rows
  expect(counted).toEqual([0])
  const reader = (await readFile(server.readerTokenFile, 'utf8')).trim()
  for (const path of [link, `${link}/text`, `/v1/contents/diff?from=${hash}&to=${hash}`])
    expect([path, (await ask(path, { bearer: reader })).status]).toEqual([path, 403])
  expect((await stat(server.readerTokenFile)).mode & 0o777).toBe(0o600)
})

test('a port that is taken is an error that says what to do', async () => {
  const other = await mkdtemp(join(tmpdir(), 'tidemark-server-'))
  const port = Number(new URL(server.url).port)
  const second = openServer(serverSettings.parse({ stateFolder: other, port }), {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })
  await expect(second).rejects.toMatchObject({ code: 'address-in-use' })
  await rm(other, { recursive: true, force: true })
})
