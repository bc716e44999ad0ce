import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'

import type { CertifiedKey } from './tls/certificate.ts'

/** How slow a client may be. */
export interface ListenerLimits {
  /** Until its headers are here, in milliseconds. */
  readonly headersMsMax: number
  /** Until its whole request is here, in milliseconds. */
  readonly requestMsMax: number
  /** How often that is looked at, in milliseconds. */
  readonly checkMs: number
  readonly connectionsMax: number
}

/** 32 MiB within two minutes is 2.2 Mbit/s; whoever is slower sends smaller uploads. */
export const LISTENER_LIMITS: ListenerLimits = {
  headersMsMax: 15_000,
  requestMsMax: 120_000,
  checkMs: 2_000,
  connectionsMax: 20_000,
}
/** Bytes of a request's headers. */
export const HEADER_BYTES_MAX = 16_384
/** How long a connection may rest between two requests, in milliseconds: longer than agents' upload intervals. */
const REST_MS_MAX = 75_000

/**
 * The server's HTTP listener, with TLS (1.2 or later) where there is a certificate. Whoever sends too slowly is answered
 * 408 and disconnected.
 */
export function httpListener(handler: RequestListener, tls: CertifiedKey | undefined, limits: ListenerLimits): Server {
  const options = {
    headersTimeout: limits.headersMsMax,
    requestTimeout: limits.requestMsMax,
    connectionsCheckingInterval: limits.checkMs,
    keepAliveTimeout: REST_MS_MAX,
    maxHeaderSize: HEADER_BYTES_MAX,
  }
  const server =
    tls === undefined
      ? createServer(options, handler)
      : createTlsServer({ ...options, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, handler)
  server.maxConnections = limits.connectionsMax
  return server
}
