import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { fastify, type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { Metadata } from '../metadata/metadata.ts'
import { People, SESSION_MS, WRONG_TOKENS_MAX } from './people.ts'

let folder = ''
let metadata: Metadata
let clock: ManualClock
let app: FastifyInstance

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-people-'))
  metadata = new Metadata(join(folder, 'metadata.db'))
  clock = new ManualClock()
  app = fastify()
  const people = new People({ admin: 'secret', reader: 'looking' }, metadata, clock)
  people.routes(app)
  app.post('/change', { preHandler: people.requires('rules:write') }, async () => await Promise.resolve('done'))
  app.get('/look', { preHandler: people.requires('read') }, async () => await Promise.resolve('seen'))
})
afterEach(async () => {
  await app.close()
  metadata[Symbol.dispose]()
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
    expect(answer.json()).toEqual({ isSignedIn: true, rights: ['read'] })
  }
})

test('a session whose holder is not known has no right', async () => {
  const session = { cookie: (await signIn('secret')).cookie.split(';')[0] ?? '' }
  metadata.run(metadata.build.updateTable('session').set({ holder: 'nobody' }))
  expect(await status('GET', '/look', session)).toBe(403)
})

test('signing out ends the session', async () => {
  const session = { cookie: (await signIn('secret')).cookie.split(';')[0] ?? '' }
  expect(await status('DELETE', '/api/session', session)).toBe(204)
  expect(await status('GET', '/look', session)).toBe(401)
})

test('guessing is stopped for a minute', async () => {
  for (let tries = 0; tries < WRONG_TOKENS_MAX; tries += 1) expect((await signIn('guess')).status).toBe(401)
  expect((await signIn('secret')).status).toBe(429)
  clock.advance(61_000)
  expect((await signIn('secret')).status).toBe(200)
})
