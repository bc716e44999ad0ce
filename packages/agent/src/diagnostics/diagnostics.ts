import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import type { Clock } from '@tidemark/base'

import { AgentError } from '../agent-error.ts'
import { residentBytes } from '../host/machine.ts'
import { makeReachable, removeStale } from '../host/socket-path.ts'
import type { AgentStatus } from '../status/status.ts'
import { healthOf } from './health.ts'
import { metricsText } from './metrics.ts'

export interface DiagnosticsOptions {
  /** `127.0.0.1:9464`, `[::1]:9464`, or the path of a unix socket. */
  readonly listen: string
  readonly status: () => AgentStatus
  readonly heartbeatMs: number
  readonly clock: Clock
}

/** Where diagnostics are to be had. */
export interface Diagnostics extends AsyncDisposable {
  /** The address with the port that was taken. */
  readonly address: string
}

/** Connections at a time. */
const CONNECTIONS_MAX = 16
const REQUEST_MS_MAX = 10_000

/**
 * Listens on loopback or on a unix socket: `/metrics` (Prometheus), `/healthz` (200 or 503, with what is wrong) and
 * `/status`. Throws `AgentError` `settings-invalid` for an address that others could reach, or that is taken.
 */
export async function openDiagnostics(options: DiagnosticsOptions): Promise<Diagnostics> {
  const server = createServer((request, response) => void answer(options, request, response))
  server.maxConnections = CONNECTIONS_MAX
  server.requestTimeout = REQUEST_MS_MAX
  server.headersTimeout = REQUEST_MS_MAX
  const address = await listening(server, options.listen)
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listening(server: Server, listen: string): Promise<string> {
  const place = placeOf(listen)
  if ('path' in place) await removeStale(place.path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new AgentError('settings-invalid', `diagnostics.listen ${listen}: ${cause.message}`, { cause })),
    )
    server.listen(place, resolve)
  })
  if ('path' in place) {
    makeReachable(place.path)
    return place.path
  }
  const bound = server.address()
  return `${place.host}:${typeof bound === 'object' && bound !== null ? bound.port : place.port}`
}

function placeOf(listen: string): { readonly path: string } | { readonly host: string; readonly port: number } {
  if (listen.startsWith('/')) return { path: listen }
  const [, host = '', port = ''] = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost):(\d{1,5})$/.exec(listen) ?? []
  if (host === '' || Number(port) > 65_535)
    throw new AgentError(
      'settings-invalid',
      `diagnostics.listen "${listen}" is neither an address of this machine only (127.0.0.1:9464, [::1]:9464) nor a path`,
    )
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

async function answer(options: DiagnosticsOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock, status, heartbeatMs } = options
  const nowMs = clock.nowMs()
  const path = (request.url ?? '').split('?')[0]
  const send = (code: number, type: string, text: string): void =>
    void response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
  // A page in a browser of this machine must not read along by a name that points here (DNS rebinding).
  const host = (request.headers.host ?? 'localhost').replace(/:\d+$/, '')
  if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(host)) return send(403, 'text/plain', 'ask localhost\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'text/plain', 'ask with GET\n')
  switch (path) {
    case '/metrics':
      return send(200, 'text/plain; version=0.0.4; charset=utf-8', await metricsText(status(), nowMs, residentBytes()))
    case '/healthz': {
      const health = healthOf(status(), { nowMs, heartbeatMs })
      return send(health.isHealthy ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`)
    }
    case '/status':
      return send(200, 'application/json', `${JSON.stringify(status())}\n`)
    default:
      return send(404, 'text/plain', 'there are /metrics, /healthz and /status\n')
  }
}
