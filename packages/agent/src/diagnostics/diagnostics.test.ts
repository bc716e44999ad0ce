import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ManualClock } from '@tidemark/base/testing'
import { afterAll, expect, test } from 'vitest'

import type { AgentStatus } from '../status/status.ts'
import { openDiagnostics } from './diagnostics.ts'

const folder = mkdtempSync(join(tmpdir(), 'tm-diagnostics-'))
afterAll(() => rmSync(folder, { recursive: true }))

const clock = new ManualClock()
const at = new Date(clock.nowMs()).toISOString()
const stream = `dcr-${'a'.repeat(32)}:CTDataSource-Linux:CONFIG_CHANGE_BLOB_V2`
const well: AgentStatus = {
  pid: 1,
  version: '1',
  startedAt: at,
  writtenAt: at,
  server: { url: 'http://s', isReachable: true },
  rules: [{ id: 'dcr', eTag: '1' }],
  ruleProblems: [],
  streams: [
    {
      id: stream,
      backlogBytes: 7,
      storedBytes: 9,
      refusedCount: 2,
      isUploaded: true,
      hasUntoldDrops: false,
      destinations: [],
    },
  ],
  sockets: [],
  connections: 1,
  refusedMessages: 3,
  lastHeartbeatAt: at,
}

async function ask(
  to: { readonly socketPath: string } | { readonly host: string; readonly port: number },
  path: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return await new Promise((resolve, reject) => {
    request({ ...to, path, headers }, (answer) => {
      const parts: string[] = []
      answer.setEncoding('utf8').on('data', (part: string) => parts.push(part))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: parts.join('') }))
    })
      .on('error', reject)
      .end()
  })
}

test('a unix socket and loopback answer with figures, health and status', async () => {
  let status = well
  const socketPath = join(folder, 'd.socket')
  const options = { status: () => status, heartbeatMs: 60_000, clock }
  await using _one = await openDiagnostics({ ...options, listen: socketPath })
  await using other = await openDiagnostics({ ...options, listen: '127.0.0.1:0' })
  const port = Number(other.address.split(':')[1])
  const { text } = await ask({ socketPath }, '/metrics')
  expect(text).toContain('tidemark_agent_refused_messages_total 3\n')
  const labels = `rule="dcr-${'a'.repeat(32)}",source="CTDataSource-Linux",type="CONFIG_CHANGE_BLOB_V2"`
  expect(text).toContain(`tidemark_agent_stream_backlog_bytes{${labels}} 7\n`)
  expect(text).toContain('# TYPE tidemark_agent_stream_refused_batches_total counter\n')
  expect(await ask({ host: '127.0.0.1', port }, '/healthz')).toMatchObject({ status: 200 })
  status = { ...well, server: { url: 'http://s', isReachable: false, lastError: 'ECONNREFUSED' } }
  const sick = await ask({ socketPath }, '/healthz')
  expect([sick.status, JSON.parse(sick.text)]).toEqual([
    503,
    { isHealthy: false, problems: ['http://s does not answer: ECONNREFUSED'] },
  ])
  expect(JSON.parse((await ask({ socketPath }, '/status')).text)).toEqual(status)
  expect((await ask({ socketPath }, '/other')).status).toBe(404)
  expect((await ask({ host: '127.0.0.1', port }, '/status', { host: 'evil.example' })).status).toBe(403)
})

test('a silent server is told after three heartbeats', async () => {
  const socketPath = join(folder, 'e.socket')
  await using _one = await openDiagnostics({ listen: socketPath, status: () => well, heartbeatMs: 60_000, clock })
  clock.advance(181_000)
  expect((await ask({ socketPath }, '/healthz')).text).toContain('no heartbeat for 181 s')
})

test.each(['0.0.0.0:9464', '10.0.0.1:1', '127.0.0.1:99999', 'somewhere'])(
  'the address %s is refused',
  async (listen) => {
    const opened = openDiagnostics({ listen, status: () => well, heartbeatMs: 1, clock })
    await expect(opened).rejects.toMatchObject({ code: 'settings-invalid' })
  },
)
