// Goal: a machine comes in by a token, is known by its key alone, and a copy of it is found out. Method: a real server, the
// real agent with its own files, the commands as people type them.
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { agentSettings, openAgent } from '@tidemark/agent'
import { systemClock } from '@tidemark/base'
import { agentPlaces } from '@tidemark/model'
import { openServer, serverSettings } from '@tidemark/server'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { runProgram } from '../program.ts'
import { terminalOf } from '../terminal/terminal.ts'

const log = pino({ level: 'silent' })
const stop = new AbortController()
const stack = new AsyncDisposableStack()
let folder = ''
let url = ''
let tokenFile = ''
let root = ''
let count = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tm-'))
  const settings = serverSettings.parse({ stateFolder: join(folder, 'server'), port: 0 })
  const server = stack.use(await openServer(settings, { clock: systemClock, log, signal: stop.signal }))
  url = server.url
  tokenFile = server.adminTokenFile
}, 120_000)
afterAll(async () => {
  stop.abort()
  await stack.disposeAsync()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  count += 1
  root = join(folder, `machine-${count}`)
})

async function run(...words: readonly string[]): Promise<{ output: string; errors: string; code: number }> {
  const [output, errors]: string[][] = [[], []]
  let code = 0
  const stream = (to: string[] | undefined) => ({ write: (text: string) => to?.push(text), isTTY: false })
  await runProgram(words, {
    terminal: terminalOf({ out: stream(output), error: stream(errors), environment: {} }),
    environment: {},
    folder,
    signal: stop.signal,
    setExitCode: (one) => (code = one),
  })
  return { output: (output ?? []).join(''), errors: (errors ?? []).join(''), code }
}

const asAdmin = () => ['--server', url, '--token-file', tokenFile]
const newToken = async (...words: readonly string[]): Promise<string> =>
  (await run('enroll-token', 'create', ...words, ...asAdmin())).output.trim()
const enroll = async (...words: readonly string[]) => await run('enroll', '--server', url, '--root', root, ...words)

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; json: never }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, json: (text === '' ? undefined : JSON.parse(text)) as never }
}

function startAgent(at = root, name = 's') {
  const settings = agentSettings.parse({
    root: at,
    sockets: { directory: join(folder, `${count}${name}`) },
    upload: { intervalMs: 50 },
    rules: { refreshMs: 100 },
    heartbeat: { intervalMs: 500 },
  })
  return openAgent(settings, { clock: systemClock, log, signal: stop.signal, chance: () => 0 })
}

const poll = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 })
const keyFile = (at = root) => agentPlaces(at).key
const keyIn = (at = root): { ticket: string; key: { keyId: string; madeMs: number } } =>
  JSON.parse(readFileSync(keyFile(at), 'utf8'))

test('a token enrols one machine; its key is its own, and the agent works by it', async () => {
  const token = await newToken()
  expect(token).toMatch(/^tm_enrol_/)
  const done = await enroll('--token', token)
  expect([done.errors, done.code]).toEqual(['', 0])
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600)
  expect(readFileSync(agentPlaces(root).registration, 'utf8')).not.toContain('token')
  {
    await using agent = await startAgent()
    await poll(() => agent.status().rules.length).toBe(1)
    await poll(() => agent.status().lastHeartbeatAt).toBeDefined()
  }
  // A token that was used up lets nobody in, and a machine that is there is not taken over by chance.
  expect(await enroll('--token', token, '--replace')).toMatchObject({
    code: 3,
    errors: expect.stringContaining('used up or too old'),
  })
  const again = await enroll('--token', await newToken())
  expect(again).toMatchObject({ code: 3, errors: expect.stringContaining('--replace') })
})

test('a copy of a machine is refused from the moment on at which both ask, and the server tells', async () => {
  expect((await enroll('--token', await newToken(), '--replace')).code).toBe(0)
  const copy = join(folder, 'copy')
  cpSync(root, copy, { recursive: true })
  {
    await using agent = await startAgent()
    await poll(() => agent.status().server.isReachable).toBe(true)
  }
  {
    // What it says next was written down before it was copied, and is the same once: then they part.
    await using agent = await startAgent(copy)
    await poll(() => agent.status().server.isReachable || agent.status().server.lastError?.includes('copy')).toBe(true)
  }
  {
    await using agent = await startAgent()
    await poll(() => agent.status().server.isReachable).toBe(true)
  }
  await using agent = await startAgent(copy)
  await poll(() => agent.status().server.lastError ?? '').toContain('this one is a copy of it')
  const { json } = await ask('GET', '/api/machine-keys')
  expect(json['machineKeys'][0]).toMatchObject({ cloneSeenAt: expect.any(String), revokedAt: null })
})

test('a revoked machine is let in nowhere, until it is enrolled again', async () => {
  expect((await enroll('--token', await newToken(), '--replace')).code).toBe(0)
  await using agent = await startAgent()
  await poll(() => agent.status().rules.length).toBe(1)
  const { resourceId } = JSON.parse(readFileSync(agentPlaces(root).registration, 'utf8'))
  expect((await ask('POST', '/api/machine-keys/revocations', { resourceId })).status).toBe(204)
  await poll(() => agent.status().server.lastError ?? '').toContain('was revoked')
  expect(agent.status().rules).toHaveLength(1)
  expect((await enroll('--token', await newToken())).code).toBe(0)
})

test('a machine is revoked and taken in again by name, and who did it is told', async () => {
  expect((await enroll('--token', await newToken(), '--replace')).code).toBe(0)
  const { resourceId } = JSON.parse(readFileSync(agentPlaces(root).registration, 'utf8'))
  const name = resourceId.split('/').at(-1)
  await using agent = await startAgent()
  await poll(() => agent.status().lastHeartbeatAt).toBeDefined()
  const act = async (what: string, ...words: readonly string[]) =>
    await run('machines', what, name, ...words, ...asAdmin())
  expect(await act('revoke', '--reason', 'stolen')).toMatchObject({ code: 0, errors: expect.stringContaining(name) })
  await poll(() => agent.status().server.lastError ?? '').toContain('was revoked')
  const line = async () =>
    JSON.parse(
      (await run('machines', 'list', '--json', ...asAdmin())).output.split('\n').find((one) => one.includes(name)) ??
        '',
    )
  expect(await line()).toMatchObject({
    status: 'revoked',
    statusDetail: expect.stringContaining('by admin: stolen'),
    revokedAt: expect.any(String),
    revokedBy: 'admin',
    revokedReason: 'stolen',
  })
  expect((await run('machines', 'list', ...asAdmin())).output).toContain('revoked')
  expect((await act('restore')).code).toBe(0)
  await poll(() => agent.status().server.isReachable).toBe(true)
  await expect.poll(async () => (await line()).rulesInForce, { timeout: 15_000 }).toMatchObject([{ isCurrent: true }])
  expect(await line()).toMatchObject({ revokedAt: null, rulesInForce: [{ name: 'Microsoft-CT-DCR' }] })
  const actions = (await run('machines', 'actions', '--json', ...asAdmin())).output.trim().split('\n')
  expect(actions.map((one) => JSON.parse(one)).slice(0, 2)).toMatchObject([
    { what: 'restore', who: 'admin', resourceId: resourceId.toLowerCase() },
    { what: 'revoke', who: 'admin', reason: 'stolen' },
  ])
  expect(await run('machines', 'revoke', 'nobody', ...asAdmin())).toMatchObject({ code: 1 })
})

test('a machine makes another key when somebody wishes it', async () => {
  expect((await enroll('--token', await newToken(), '--replace')).code).toBe(0)
  const { resourceId } = JSON.parse(readFileSync(agentPlaces(root).registration, 'utf8'))
  const before = keyIn().key.keyId
  expect((await run('machines', 'rotate-key', resourceId, ...asAdmin())).code).toBe(0)
  {
    await using agent = await startAgent()
    await poll(() => agent.status().rules.length).toBe(1)
    await poll(() => keyIn().key.keyId).not.toBe(before)
  }
  // The wish was for one key.
  const after = keyIn().key.keyId
  await using agent = await startAgent()
  await poll(() => agent.status().server.isReachable).toBe(true)
  expect(keyIn().key.keyId).toBe(after)
})

test('an old key is replaced, also where the answer of before was lost', async () => {
  expect((await enroll('--token', await newToken(), '--replace')).code).toBe(0)
  const before = keyIn()
  const old = { ...before, key: { ...before.key, madeMs: 0 } }
  writeFileSync(keyFile(), JSON.stringify(old))
  {
    await using agent = await startAgent()
    await poll(() => agent.status().rules.length).toBe(1)
  }
  expect(keyIn().key.keyId).not.toBe(before.key.keyId)
  // As after a power cut between the server's answer and the file.
  const now = keyIn()
  writeFileSync(keyFile(), JSON.stringify({ ...old, pending: now.key, ticket: now.ticket }))
  rmSync(agentPlaces(root).configChunks, { recursive: true })
  await using agent = await startAgent()
  await poll(() => agent.status().rules.length).toBe(1)
  expect(keyIn().key.keyId).toBe(now.key.keyId)
})

test('tokens are listed and revoked; wrong words are told', async () => {
  const token = await newToken('--uses', '2', '--expires', '2h', '--description', 'rack 7')
  const listed = JSON.parse((await run('enroll-token', 'list', '--json', ...asAdmin())).output)
  const one = listed.find(({ description }: { description: string }) => description === 'rack 7')
  expect(one).toMatchObject({ uses: 0, usesMax: 2 })
  expect((await run('enroll-token', 'revoke', one.id, ...asAdmin())).code).toBe(0)
  expect(await enroll('--token', token, '--replace')).toMatchObject({ code: 3 })
  expect(await enroll()).toMatchObject({ code: 2, errors: expect.stringContaining('TIDEMARK_ENROL_TOKEN') })
  expect(await run('enroll-token', 'create', '--expires', 'soon', ...asAdmin())).toMatchObject({ code: 2 })
  expect(await run('enroll', '--server', 'http://127.0.0.1:1', '--root', root, '--token', 'x')).toMatchObject({
    code: 3,
    errors: expect.stringContaining('could not be asked'),
  })
})
