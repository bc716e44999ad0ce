// Goal: slow, endless, oversized and packed requests take neither connections nor memory for long. Method: a real server
// with short limits, and sockets that misbehave.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { systemClock } from '@tidemark/base'
import { UPLOAD_BYTES_MAX } from '@tidemark/model'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openServer, type Server } from '../server.ts'
import { serverSettings } from '../settings.ts'
import { HEADER_BYTES_MAX } from './listener.ts'

let folder = ''
let server: Server
let upload = ''
const open: Socket[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-listener-'))
  const listener = { headersMsMax: 400, requestMsMax: 800, checkMs: 50 }
  server = await openServer(serverSettings.parse({ stateFolder: folder, port: 0, listener }), {
    clock: systemClock,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  })
  const admin = readFileSync(server.adminTokenFile, 'utf8').trim()
  const ask = async (path: string, bearer: string, body?: object): Promise<string> => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
    return await (await fetch(path.startsWith('http') ? path : `${server.url}${path}`, init)).text()
  }
  const machine = { computer: 'slow', sourceComputerId: '0b0e9a3c-7d2a-4a43-9f0b-000000000002' }
  const known = JSON.parse(await ask('/api/machines', admin, machine)) as { resourceId: string; token: string }
  const text = await ask(`${known.resourceId}/agentConfigurations?api-version=2022-06-02`, known.token)
  const uri = /"tokenEndpointUri":"([^"]+)"/.exec(text)?.[1] ?? ''
  const { ingestionAuthToken } = JSON.parse(await ask(uri, known.token)) as { ingestionAuthToken: string }
  upload = [
    `POST /ods/${server.workspaceId}/OperationalData.svc/PostJsonDataItems HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${ingestionAuthToken}`,
    'X-Request-ID: 0b0e9a3c-7d2a-4a43-9f0b-0123456789ab',
    'Content-Type: application/json',
    '',
  ].join('\r\n')
})
afterAll(async () => {
  for (const socket of open) socket.destroy()
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Sends bytes and gives what came until the connection ended; `more` is sent whenever there is time. */
async function talk(first: string | Uint8Array, more?: () => string | undefined): Promise<string> {
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1')
  open.push(socket)
  let heard = ''
  socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  socket.write(first)
  const drip = async () => {
    for (let piece = more?.(); piece !== undefined && !socket.destroyed; piece = more?.()) {
      socket.write(piece)
      await systemClock.sleep(20)
    }
  }
  await Promise.all([closed, drip()])
  return heard
}

test.each([
  ['headers that never end', 'GET /healthz HTTP/1.1\r\nHost: x\r\n', () => 'X-A: b\r\n'],
  ['nothing at all', '', () => ''],
])('%s end the connection', async (_what, first, more) => {
  expect(await talk(first, more)).toMatch(/^(HTTP\/1\.1 408|$)/)
})

test('a body that comes byte by byte is cut off, and its room is free again', async () => {
  const heard = await talk(`${upload}Content-Length: 1000000\r\n\r\n{`, () => ' ')
  expect(heard).toMatch(/^HTTP\/1\.1 (408|400)|^$/)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

test.each([
  ['headers', `GET /healthz HTTP/1.1\r\nX: ${'x'.repeat(HEADER_BYTES_MAX)}\r\n\r\n`, 431],
  ['an address', `GET /${'x'.repeat(HEADER_BYTES_MAX)} HTTP/1.1\r\n\r\n`, 431],
  [
    'a body of people',
    `POST /api/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n`,
    413,
  ],
])('%s that are too large are refused unread', async (_what, request, status) => {
  expect(await talk(request)).toMatch(new RegExp(`^HTTP/1.1 ${status}`))
})

test('an upload that says to be too large is refused unread', async () => {
  const heard = await talk(`${upload}Connection: close\r\nContent-Length: ${UPLOAD_BYTES_MAX + 1}\r\n\r\n`)
  expect(heard).toMatch(/^HTTP\/1\.1 413/)
})

test('a bomb is refused, and the server lives', async () => {
  const bomb = gzipSync(Buffer.alloc(UPLOAD_BYTES_MAX * 4))
  const head = `${upload}Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`
  expect(await talk(Buffer.concat([Buffer.from(head), bomb]))).toMatch(/^HTTP\/1\.1 413/)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})
