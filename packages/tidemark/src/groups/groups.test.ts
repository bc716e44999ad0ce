// Goal: a group that the command makes holds the machines that its query finds, and mistakes are told with a mark.
// Method: the commands as a person types them, against a real server with rows that came over its API.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { openServer, type Server, serverSettings } from '@tidemark/server'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runProgram } from '../program.ts'

let folder = ''
let server: Server

async function post(
  path: string,
  bearer: string,
  body: object,
  headers = {},
): Promise<{ token: string; resourceId: string }> {
  const sent = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers }
  const answer = await fetch(path.startsWith('http') ? path : `${server.url}${path}`, {
    method: 'POST',
    headers: sent,
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  expect([answer.ok, text]).toEqual([true, text])
  return JSON.parse(text === '' ? '{}' : text) as { token: string; resourceId: string }
}

/** A machine that says who it is by one heartbeat. */
async function report(computer: string, number: number): Promise<void> {
  const admin = readFileSync(server.adminTokenFile, 'utf8').trim()
  const sourceComputerId = `0b0e9a3c-7d2a-4a43-9f0b-00000000000${number}`
  const { token, resourceId } = await post('/api/machines', admin, { computer, sourceComputerId })
  const place = `${server.url}/locations/local${resourceId}/agentConfigurations?platform=linux&api-version=2022-06-02`
  const rules = (await (await fetch(place, { headers: { authorization: `Bearer ${token}` } })).json()) as {
    configurations: { content: { channels: { endpoint: string; tokenEndpointUri: string }[] } }[]
  }
  const { endpoint, tokenEndpointUri } = rules.configurations[0]!.content.channels[0]!
  const issued = await fetch(tokenEndpointUri, { headers: { authorization: `Bearer ${token}` } })
  const { ingestionAuthToken } = (await issued.json()) as { ingestionAuthToken: string }
  const url = `${endpoint}/OperationalData.svc/PostJsonDataItems?api-version=2016-04-01`
  const body = { DataType: 'HEALTH_ASSESSMENT_BLOB', DataItems: [{ Computer: computer, OSType: 'Linux' }] }
  await post(url, ingestionAuthToken, body, { 'x-request-id': sourceComputerId, 'x-ms-azureresourceid': resourceId })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-groups-'))
  server = await openServer(serverSettings.parse({ stateFolder: folder, port: 0 }), {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })
  for (const [index, computer] of ['web-1', 'web-2', 'db-1'].entries()) await report(computer, index)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function command(...words: readonly string[]): Promise<{ output: string; errors: string; code: number }> {
  const said = { output: '', errors: '', code: 0 }
  await runProgram(['groups', ...words, '--server', server.url, '--token-file', server.adminTokenFile], {
    terminal: {
      isInteractive: false,
      isColoured: false,
      columns: 100,
      write: (text: string) => void (said.output += text),
      writeError: (text: string) => void (said.errors += text),
    },
    environment: {},
    folder,
    signal: new AbortController().signal,
    setExitCode: (code) => void (said.code = code),
  })
  return said
}

test('a group is made, asked who is in it, changed, cloned and deleted', async () => {
  const query = 'let prefix = "web";\nHeartbeat | where Computer startswith prefix // both'
  expect(await command('validate', query)).toEqual({ output: 'web-1\nweb-2\n', errors: '2 machines\n', code: 0 })
  const made = await command('create', 'web servers', '--query', query, '--description', 'the shop')
  expect(made).toMatchObject({ code: 0, errors: expect.stringMatching(/^web servers is made \([0-9a-f-]{36}\)\n$/) })
  expect((await command('machines', 'Web Servers')).output).toBe('web-1\nweb-2\n')
  const [first] = (await command('machines', 'web servers', '--json')).output.split('\n')
  expect(JSON.parse(first ?? '')).toMatchObject({ computer: 'web-1', resourceId: expect.stringContaining('/web-1') })
  expect((await command('show', 'web servers')).output).toBe(`${query}\n`)

  expect((await command('clone', 'web servers')).errors).toContain('web servers (copy) is made')
  const other = 'Heartbeat | where Computer == "db-1"'
  const changed = await command('change', 'web servers (copy)', '--name', 'databases', '--query', other)
  expect(changed.errors).toContain('databases is changed')
  expect((await command('machines', 'databases')).errors).toBe('1 machine\n')
  const listed = (await command('list')).output
  expect(listed).toMatch(/databases +the shop +Heartbeat/)
  expect(listed).toMatch(/web servers +the shop +let prefix = "web"; Heartbeat/)

  expect((await command('delete', 'databases')).code).toBe(0)
  expect(await command('show', 'databases')).toMatchObject({
    code: 1,
    errors: expect.stringContaining('there is no machine group databases'),
  })
})

test('mistakes are told with their line and a mark', async () => {
  const query = 'Heartbeat\n| where Colour == 1'
  const mark = 'line 2, column 9: '
  for (const words of [
    ['validate', query],
    ['create', 'colours', '--query', query],
  ])
    expect(await command(...words)).toMatchObject({
      code: words[0] === 'validate' ? 1 : 2,
      errors: expect.stringMatching(new RegExp(`${mark}[^\\n]*\\n {2}\\| where Colour == 1\\n {10}\\^{6}\\n$`)),
    })
  expect((await command('create', 'x')).code).toBe(2)
})
