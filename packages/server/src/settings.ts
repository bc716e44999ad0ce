import { UPLOAD_BYTES_MAX } from '@tidemark/model'
import { z } from 'zod'

import { MACHINE_RATE, TOKEN_RATE } from './access/rate-limits.ts'
import { rowStorePlace } from './clickhouse/row-store-place.ts'
import { contentPlace } from './content/store/place.ts'
import { LISTENER_LIMITS } from './http/listener.ts'
import { UPLOAD_BYTES_IN_FLIGHT } from './ingest/admission.ts'

const rate = z.object({ perSecondMax: z.number().positive(), burstMax: z.number().int().positive() })

/** How the server runs. */
export const serverSettings = z.object({
  /** Where everything is kept; made with mode 0700. */
  stateFolder: z.string().min(1),
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any port that is free. */
  port: z.number().int().min(0).max(65_535).default(8437),
  /** Under which machines and browsers reach it, where that differs from host and port. */
  publicUrl: z.url().optional(),
  /**
   * `auto`: TLS unless it listens on the loopback; or always, never, or with a certificate (PEM, the chain behind it) and its
   * key (PEM). Without files the first start makes a certificate that signs itself.
   */
  tls: z
    .union([z.enum(['auto', 'on', 'off']), z.object({ certificate: z.string().min(1), key: z.string().min(1) })])
    .default('auto'),
  /** What one token, and one machine, may ask for: on average in a second, and at once after it was quiet. */
  rates: z.object({ token: rate.default(TOKEN_RATE), machine: rate.default(MACHINE_RATE) }).prefault({}),
  /** How slow a client may be. */
  listener: z
    .object({
      headersMsMax: z.number().int().positive().default(LISTENER_LIMITS.headersMsMax),
      requestMsMax: z.number().int().positive().default(LISTENER_LIMITS.requestMsMax),
      checkMs: z.number().int().positive().default(LISTENER_LIMITS.checkMs),
      connectionsMax: z.number().int().positive().default(LISTENER_LIMITS.connectionsMax),
    })
    .prefault({}),
  /** Bytes of uploads under way that may be in memory at a time; what comes beyond is asked to come again. */
  uploadBytesInFlightMax: z.number().int().min(UPLOAD_BYTES_MAX).default(UPLOAD_BYTES_IN_FLIGHT),
  /** The built portal; without it a page says how to build it. */
  portalFolder: z.string().optional(),
  /** Frequencies of the default rule in seconds; Azure's where nothing is said. Used when the rule is created. */
  defaultRule: z
    .object({
      fileSeconds: z.number().int().positive(),
      softwareSeconds: z.number().int().positive(),
      serviceSeconds: z.number().int().positive(),
      inventorySeconds: z.number().int().positive(),
    })
    .optional(),
  /** A machine without a heartbeat for so long is silent, in milliseconds. */
  silentAfterMs: z.number().int().positive().default(300_000),
  /** Where rules, machines, tokens and sessions are kept: `disk`, or `postgres://…` of a database that several servers share. */
  metadata: z
    .string()
    .regex(/^(disk$|postgres(ql)?:\/\/)/, 'is disk or postgres://…')
    .default('disk'),
  /** Where rows are kept. */
  store: rowStorePlace.default('disk'),
  /** One of several servers before one cluster and one database: under which address the others reach this one. */
  serverUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Where contents of files are kept. */
  contents: contentPlace,
})
export type ServerSettings = z.infer<typeof serverSettings>
