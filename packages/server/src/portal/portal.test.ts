import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { fastify } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { securityHeaders } from '../http/security-headers.ts'
import { portalRoutes } from './portal.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-portal-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html>page')
  writeFileSync(join(folder, 'assets', 'a-1.js'), 'code')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function ask(url: string, options: { folder?: string; accept?: string } = {}) {
  const app = fastify()
  portalRoutes(app, 'folder' in options ? options.folder : folder)
  const answer = await app.inject({ url, headers: { accept: options.accept ?? 'text/html' } })
  await app.close()
  return { status: answer.statusCode, headers: answer.headers, body: answer.body }
}

test('pages are one file, its parts may be kept, and nothing is loaded from elsewhere', async () => {
  for (const url of ['/', '/inventory?tab=files'])
    expect(await ask(url)).toMatchObject({ status: 200, body: '<!doctype html>page' })
  expect((await ask('/')).headers['content-security-policy']).toContain("default-src 'self'")
  expect((await ask('/assets/a-1.js')).headers['cache-control']).toContain('immutable')
})

test('a page that the browser has already keeps its policy, or it would be blank when it is loaded again', async () => {
  const app = fastify()
  securityHeaders(app, { isSecure: false })
  portalRoutes(app, folder)
  for (const url of ['/', '/inventory']) {
    const first = await app.inject({ url, headers: { accept: 'text/html' } })
    const again = await app.inject({
      url,
      headers: { accept: 'text/html', 'if-none-match': String(first.headers['etag']) },
    })
    expect([url, again.statusCode]).toEqual([url, 304])
    expect(again.headers['content-security-policy']).toBe(first.headers['content-security-policy'])
    expect(again.headers['content-security-policy']).toContain("default-src 'self'")
  }
  await app.close()
})

test('what is no page is told as such, and nothing outside of the folder is served', async () => {
  expect((await ask('/api/nothing')).body).toContain('"NotFound"')
  expect((await ask('/missing.js', { accept: '*/*' })).status).toBe(404)
  expect((await ask('/../../../etc/passwd', { accept: '*/*' })).status).toBe(404)
})

test('without a built portal the page says what to do', async () => {
  expect(await ask('/', { folder: join(folder, 'none') })).toMatchObject({
    status: 503,
    body: expect.stringContaining('npm start'),
  })
})
