// Goal: the description is the server: every address is in it, every example works, and every address refuses whoever lacks
// the right that it names. Method: a real server; cases are made from the description, for each scope and operation.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { rightsOfScopes, scopes } from '../access/rights.ts'
import { openServer, type Server } from '../server.ts'
import { serverSettings } from '../settings.ts'
import { openApi } from './open-api.ts'
import type { Operation } from './operation.ts'
import { operations } from './operations.ts'

let folder = ''
let server: Server
const tokens = new Map<string, string>()
const values: Record<string, string> = {
  region: 'local',
  subscription: '00000000-0000-0000-0000-000000000000',
  group: 'examples',
  name: 'mine',
  stream: 'Custom-Changes',
  table: 'ConfigurationChange',
  hash: '0'.repeat(64),
}

async function send(
  method: string,
  path: string,
  {
    bearer = '',
    body,
    headers = {},
  }: { bearer?: string; body?: unknown; headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return await fetch(`${server.url}${path}`, {
    method: method.toUpperCase(),
    headers: {
      ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function json<T>(answer: Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T
}

const filled = (text: string): string => text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? 'x')

/** The path of an operation with the values of this server; a rule is meant by who asks for it. */
function placeOf(path: string, query = ''): string {
  const rule = path.startsWith('/dataCollectionRules') ? values['direct'] : values['tracked']
  const place = filled(path.replace('{rule}', rule ?? 'x'))
  return `${place}${query === '' ? '' : `?${query}`}`
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-api-'))
  server = await openServer(serverSettings.parse({ stateFolder: folder, port: 0 }), {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })
  const admin = readFileSync(server.adminTokenFile, 'utf8').trim()
  tokens.set('admin', admin)
  values['workspaceId'] = server.workspaceId
  values['channel'] = `ods-${server.workspaceId}`
  const machine = { computer: 'web-1', sourceComputerId: '0b0e9a3c-7d2a-4a43-9f0b-000000000001' }
  const known = await json<{ resourceId: string; token: string }>(
    send('POST', '/api/machines', { bearer: admin, body: machine }),
  )
  tokens.set('machine', known.token)
  values['resourceId'] = values['resourceUri'] = known.resourceId.slice(1)
  const chunks = await json<{
    configurations: { configurationId: string; content: { channels: { tokenEndpointUri: string }[] } }[]
  }>(send('GET', `${known.resourceId}/agentConfigurations?api-version=2022-06-02`, { bearer: known.token }))
  values['tracked'] = chunks.configurations[0]?.configurationId ?? ''
  const uri = new URL(chunks.configurations[0]?.content.channels[0]?.tokenEndpointUri ?? '')
  const issued = await json<{ ingestionAuthToken: string }>(
    send('GET', `${uri.pathname}${uri.search}`, { bearer: known.token }),
  )
  tokens.set('uploader', issued.ingestionAuthToken)
  values['version'] = '1'
  for (const name of ['forecast', 'question'])
    values[name] = (
      await json<{ id: string }>(
        send('POST', '/api/forecasts', {
          bearer: admin,
          body: { extensionSettings: {}, machines: [known.resourceId] },
        }),
      )
    ).id
  const rulePath =
    '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Insights/dataCollectionRules/{name}'
  const direct = operations[rulePath]?.['put']?.example.body
  const place = filled(rulePath).replace('/mine', '/direct')
  const made = await json<{ id: string; properties: { immutableId: string } }>(
    send('PUT', `${place}?api-version=2022-06-01`, { bearer: admin, body: direct }),
  )
  values['direct'] = made.properties.immutableId
  values['ruleId'] = made.id
  const group = { name: 'web servers', query: 'Heartbeat' }
  values['machineGroup'] = (await json<{ id: string }>(send('POST', '/api/groups', { bearer: admin, body: group }))).id
  for (const scope of scopes) {
    const wish = { name: scope, scopes: [scope] }
    const { token, id } = await json<{ token: string; id: string }>(
      send('POST', '/api/tokens', { bearer: admin, body: wish }),
    )
    tokens.set(`scope ${scope}`, token)
    if (scope === 'ingest') values['scoped'] = id
  }
  const spare = { name: 'spare', scopes: ['read'] }
  values['id'] = (await json<{ id: string }>(send('POST', '/api/tokens', { bearer: admin, body: spare }))).id
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const all = Object.entries(operations).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** Whether an answer has what its example has, of the same types. */
function expectShape(actual: unknown, example: unknown, where: string): void {
  if (Array.isArray(example)) {
    expect(Array.isArray(actual), `${where} is an array`).toBe(true)
    const [first] = Array.isArray(actual) ? actual : []
    if (example.length > 0 && first !== undefined) expectShape(first, example[0], `${where}[0]`)
  } else if (typeof example === 'object' && example !== null) {
    expect(typeof actual, where).toBe('object')
    for (const [name, value] of Object.entries(example)) {
      const found = new Map(Object.entries(actual ?? {}))
      expect(found.has(name), `${where} has ${name}: ${JSON.stringify(actual)}`).toBe(true)
      expectShape(found.get(name), value, `${where}.${name}`)
    }
  } else expect(typeof actual, where).toBe(typeof example)
}

describe('the example of', () => {
  test.each(all)('$method $path', async ({ path, method, operation }) => {
    const { example, who = 'admin' } = operation
    const body: unknown = example.body === undefined ? undefined : JSON.parse(filled(JSON.stringify(example.body)))
    const bearer = tokens.get(who) ?? ''
    const answer = await send(method, placeOf(path, example.query), {
      bearer,
      body,
      ...(example.headers ? { headers: example.headers } : {}),
    })
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
    const text = isStream ? '' : await answer.text()
    if (isStream) await answer.body?.cancel()
    expect([answer.status, text.slice(0, 300)]).toEqual([example.status, text.slice(0, 300)])
    if (example.answer !== undefined) expectShape(JSON.parse(text), example.answer, 'answer')
    expect(Object.keys(operation.answers)).toContain(String(example.status))
  })
})

test('every address that the server has is described, with who may use it', () => {
  const described = new Map(
    all.map(({ path, method, operation }) => [
      `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, ':')}`,
      operation.who ?? operation.right ?? 'read',
    ]),
  )
  const byFunction = ['/subscriptions/*', '/locations/*']
  // The portal's own files; a resource in the middle of a path; and what fastify answers by itself.
  const others = ['/', '/*', '/v1/subscriptions/*']
  const found = server.routes.filter(
    ({ method, url }) => method !== 'HEAD' && !others.includes(url) && !byFunction.includes(url),
  )
  expect(found.length).toBeGreaterThan(20)
  for (const { method, url, access } of found)
    expect([method, url, described.get(`${method} ${url.replaceAll(/:\w+/g, ':')}`)]).toEqual([method, url, access])
  for (const { method, url, access } of server.routes)
    if (byFunction.includes(url)) expect([method, url, typeof access]).toEqual([method, url, 'function'])
})

test('the description is OpenAPI 3.1', () => {
  const { openapi, paths } = openApi() as {
    openapi: string
    paths: Record<string, Record<string, { parameters: { name: string; in: string }[] }>>
  }
  expect(openapi).toBe('3.1.0')
  for (const [path, methods] of Object.entries(paths))
    for (const { parameters } of Object.values(methods)) {
      const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name)
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    }
})

const guarded = all.filter(({ operation }) => operation.who === undefined)
const needed = ({ right = 'read' }: Operation) => right

describe.each(scopes)('a token with the scope %s', (scope) => {
  test.each(guarded)('at $method $path', async ({ path, method, operation }) => {
    const isAllowed = rightsOfScopes([scope]).includes(needed(operation))
    const body = method === 'get' || method === 'delete' ? undefined : {}
    const place = placeOf(path, 'api-version=2022-06-01')
      .replace(values['id'] ?? '', 'x')
      .replace('/mine', '/scoped')
    const answer = await send(method, place, { bearer: tokens.get(`scope ${scope}`) ?? '', body })
    await answer.body?.cancel()
    expect(answer.status === 403).toBe(!isAllowed)
    expect(answer.status).not.toBe(401)
  })
})

describe.each([
  ['no token', ''],
  ['a token of nobody', 'tm_api_0000000000000000000000000000000000000000000'],
])('with %s', (_what, bearer) => {
  test.each(all.filter(({ operation }) => operation.who !== 'anybody'))(
    'nothing is at $method $path',
    async ({ path, method }) => {
      const body = method === 'get' || method === 'delete' ? undefined : {}
      const answer = await send(method, placeOf(path, 'api-version=2022-06-01'), { bearer, body })
      await answer.body?.cancel()
      // After some wrong tokens one address is told to wait.
      expect(bearer === '' ? [401] : [401, 429]).toContain(answer.status)
    },
  )
})

test('a token of a machine, or of an upload, opens nothing of people', async () => {
  for (const who of ['machine', 'uploader'])
    for (const path of ['/api/machines', '/changes', '/api/tokens'])
      expect([401, 429]).toContain((await send('GET', path, { bearer: tokens.get(who) ?? '' })).status)
})

test('answers tell browsers to keep nothing and to show it nowhere else', async () => {
  const { headers } = await send('GET', '/api/about', { bearer: tokens.get('admin') ?? '' })
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  })
})
