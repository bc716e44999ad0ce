// Goal: on an Arc machine the identity is asked of its agent, with the proof that it wants. Method: Azure's own library against a
// fake of that agent; the judge is what the library asks. In a file of its own: the library decides once what machine it is on.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { afterEach, expect, test, vi } from 'vitest'

import { agentSettings } from '../settings.ts'
import { credentialOf } from './credential.ts'

/** The library reads challenges nowhere else. */
const TOKENS = '/var/opt/azcmagent/tokens'
const isRoot = process.getuid?.() === 0
const isOurs = !existsSync(dirname(TOKENS))
const path = join(TOKENS, `tidemark-${process.pid}.key`)

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(isOurs ? dirname(TOKENS) : path, { recursive: true, force: true })
})

test.skipIf(!isRoot)(`an Arc machine’s agent challenges${isRoot ? '' : ' (skipped: not root)'}`, async () => {
  mkdirSync(TOKENS, { recursive: true })
  writeFileSync(path, 'proof', { mode: 0o600 })
  const asked: IncomingMessage[] = []
  await using server = createServer((request, response) => {
    asked.push(request)
    if (request.headers.authorization !== 'Basic proof')
      return response.writeHead(401, { 'www-authenticate': `Basic realm=${path}` }).end()
    const document = { access_token: 'good', token_type: 'Bearer', expires_in: '3599', resource: 'r' }
    return response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ ...document, expires_on: String(Math.floor(Date.now() / 1_000) + 3_599) }))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  vi.stubEnv('IDENTITY_ENDPOINT', `${url}/metadata/identity/oauth2/token`)
  vi.stubEnv('IMDS_ENDPOINT', url)
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
  const credential = await credentialOf(agentSettings.parse({}), systemClock)
  expect(await credential.getToken('https://monitor.azure.com/.default')).toMatchObject({ token: 'good' })
  expect(asked.map(({ headers }) => [headers.metadata, headers.authorization])).toEqual([
    ['true', undefined],
    ['true', 'Basic proof'],
  ])
  const fields = new URL(asked[1]?.url ?? '', url).searchParams
  expect(Object.fromEntries(fields)).toEqual({ 'api-version': '2020-06-01', resource: 'https://monitor.azure.com' })
})
