import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { fastify, type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { People, SESSION_MS, WRONG_TOKENS } from './people.ts'

let folder = ''
let metadata: SqliteMetadata
let clock: ManualClock
let app: FastifyInstance
let people: People
const RATE = { burstMax: 30, perSecondMax: 10 }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-people-'))
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  clock = new ManualClock()
  app = fastify()
  people = new People({ admin: 'secret', reader: 'looking' }, metadata, clock, RATE)
  people.routes(app)
  app.post('/change', { preHandler: people.requires('rules:write') }, async () => await Promise.resolve('done'))
  app.get('/look', { preHandler: people.requires('read') }, async () => await Promise.resolve('seen'))
})
afterEach(async () => {
  await app.close()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function signIn(token: string) {
  const answer = await app.inject({ method: 'POST', url: '/api/session', payload: { token } })
  return { status: answer.statusCode, cookie: String(answer.headers['set-cookie'] ?? '') }
}

const status = async (method: 'GET' | 'POST' | 'DELETE', url: string, headers: Record<string, string> = {}) =>
  (await app.inject({ method, url, headers })).statusCode

test('the token opens everything, a wrong one nothing', async () => {
  expect(await status('POST', '/change', { authorization: 'Bearer secret' })).toBe(200)
  expect(await status('GET', '/look', { authorization: 'Bearer secret2' })).toBe(401)
  expect(await status('GET', '/look')).toBe(401)
})

test('a session looks, and changes only from our own pages', async () => {
  const { cookie } = await signIn('secret')
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
  const session = { cookie: cookie.split(';')[0] ?? '' }
  expect(await status('GET', '/look', session)).toBe(200)
  expect(await status('POST', '/change', session)).toBe(403)
  expect(await status('POST', '/change', { ...session, 'x-tidemark-portal': '1' })).toBe(200)
  clock.advance(SESSION_MS + 1)
  expect(await status('GET', '/look', session)).toBe(401)
})

test('a reader looks, as bearer and by a session, and does nothing else', async () => {
  const { cookie } = await signIn('looking')
  const session = { cookie: cookie.split(';')[0] ?? '', 'x-tidemark-portal': '1' }
  for (const headers of [session, { authorization: 'Bearer looking' }]) {
    expect(await status('GET', '/look', headers)).toBe(200)
    expect(await status('POST', '/change', headers)).toBe(403)
    const answer = await app.inject({ method: 'GET', url: '/api/session', headers })
    expect(answer.json()).toEqual({ isSignedIn: true, rights: ['read', 'rules:read'] })
  }
})

test('a session whose holder is not known is none', async () => {
  const session = { cookie: (await signIn('secret')).cookie.split(';')[0] ?? '' }
  await metadata.run(metadata.build.updateTable('session').set({ holder: 'nobody' }))
  expect(await status('GET', '/look', session)).toBe(401)
})

test('signing out ends the session', async () => {
  const session = { cookie: (await signIn('secret')).cookie.split(';')[0] ?? '' }
  expect(await status('DELETE', '/api/session', session)).toBe(204)
  expect(await status('GET', '/look', session)).toBe(401)
})

test('guessing is stopped for a while, and nobody who has a token is kept out by it', async () => {
  for (let tries = 0; tries < WRONG_TOKENS.burstMax; tries += 1) expect((await signIn('guess')).status).toBe(401)
  expect((await signIn('guess')).status).toBe(429)
  expect(await status('GET', '/look', { authorization: 'Bearer guess' })).toBe(429)
  expect((await signIn('secret')).status).toBe(200)
  clock.advance(61_000)
  expect((await signIn('guess')).status).toBe(401)
})

test('an API token does what its scopes allow, until it expires or is revoked, and so does its session', async () => {
  const wish = { name: 'ci', scopes: ['rules'], workspaces: [], expiresMs: clock.nowMs() + 1_000 }
  const made = await people.apiTokens.create(wish, 'admin')
  const bearer = { authorization: `Bearer ${made?.token}` }
  expect([await status('POST', '/change', bearer), await status('GET', '/look', bearer)]).toEqual([200, 403])
  const session = {
    cookie: (await signIn(made?.token ?? '')).cookie.split(';')[0] ?? '',
    'x-tidemark-portal': '1',
  }
  expect(await status('POST', '/change', session)).toBe(200)
  expect(await metadata.all(metadata.build.selectFrom('api_token').select('hash'))).not.toEqual([{ hash: made?.token }])
  clock.advance(1_000)
  for (const headers of [bearer, session]) expect(await status('POST', '/change', headers)).toBe(401)

  const other = await people.apiTokens.create({ name: 'other', scopes: ['read'], workspaces: [] }, 'admin')
  const headers = { authorization: `Bearer ${other?.token}` }
  expect(await status('GET', '/look', headers)).toBe(200)
  expect((await people.apiTokens.list()).map(({ name, lastUsedAt }) => [name, lastUsedAt !== null])).toEqual([
    ['ci', true],
    ['other', true],
  ])
  expect(await people.apiTokens.revoke(other?.view.id ?? '')).toBe(true)
  expect(await people.apiTokens.revoke(other?.view.id ?? '')).toBe(false)
  expect(await status('GET', '/look', headers)).toBe(401)
})

test('a token that asks for too much waits, and no other does', async () => {
  const made = await people.apiTokens.create({ name: 'busy', scopes: ['read'], workspaces: [] }, 'admin')
  const { token = '' } = made ?? {}
  const headers = { authorization: `Bearer ${token}` }
  const statuses: number[] = []
  for (let asks = 0; asks <= RATE.burstMax; asks += 1) statuses.push(await status('GET', '/look', headers))
  expect(statuses).toEqual([...Array.from({ length: RATE.burstMax }, () => 200), 429])
  expect(await status('GET', '/look', { authorization: 'Bearer secret' })).toBe(200)
  clock.advance(1_000)
  expect(await status('GET', '/look', headers)).toBe(200)
})
