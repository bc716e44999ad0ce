import { secureUrl } from '@tidemark/model'
import { z } from 'zod'

const azureCredential = z.discriminatedUnion('kind', [
  /** Of the virtual machine or the Arc machine; `clientId` of one that the user assigned, where there are several. */
  z.strictObject({ kind: z.literal('managed-identity'), clientId: z.string().min(1).optional() }),
  z.strictObject({
    kind: z.literal('client-secret'),
    tenantId: z.string().min(1),
    clientId: z.string().min(1),
    /** File with the secret, mode 0600. */
    secretFile: z.string().min(1),
    /** Of a sovereign cloud. */
    authorityHost: secureUrl.optional(),
  }),
  /** File with a bearer token, mode 0600, read for each call: for servers that give tokens which last. */
  z.strictObject({ kind: z.literal('token-file'), file: z.string().min(1) }),
])

const GIB = 1024 * 1024 * 1024
const MIB = 1024 * 1024

/** How the agent runs: what `agent.json` holds (docs/operating/agent.md). Times are milliseconds. */
export const agentSettings = z.strictObject({
  /** Below which config chunks, sink and logs are, by the paths of the described system. */
  root: z.string().min(1).default('/'),
  sockets: z
    .strictObject({
      /** Makes the sockets files in this folder, where abstract ones are not wanted. */
      directory: z.string().min(1).optional(),
      /** Who may connect besides root and the agent's own user: names or user ids. */
      users: z.array(z.union([z.string().min(1), z.number().int().min(0)])).default([]),
    })
    .prefault({}),
  upload: z
    .strictObject({
      /** How old rows may get before they are uploaded. */
      intervalMs: z.number().int().positive().default(20_000),
      /** Bytes on the wire in a second, on average, to each server. */
      bytesPerSecondMax: z
        .number()
        .int()
        .positive()
        .default(4 * MIB),
    })
    .prefault({}),
  /** As HTTP_PROXY, HTTPS_PROXY and NO_PROXY say it, which `tidemark agent` takes where nothing is said here. */
  proxy: z
    .strictObject({
      httpProxy: z.string().optional(),
      httpsProxy: z.string().optional(),
      noProxy: z.string().optional(),
    })
    .prefault({}),
  /** By what this machine shows itself to Azure, where a rule sends there (docs/operating/azure.md). */
  azure: z
    .strictObject({
      credential: azureCredential.default({ kind: 'managed-identity' }),
      /** Hosts beside Azure's own endpoints that tokens may be sent to: `name` or `name:port`. */
      hosts: z.array(z.string().min(1)).max(100).default([]),
      /** What the token is for; another one in sovereign clouds. */
      audience: secureUrl.default('https://monitor.azure.com'),
      /** PEM file of the authorities to believe besides the system's. */
      caFile: z.string().min(1).optional(),
    })
    .prefault({}),
  rules: z
    .strictObject({
      /** How often the server is asked for the rules. */
      refreshMs: z.number().int().positive().default(300_000),
    })
    .prefault({}),
  heartbeat: z.strictObject({ intervalMs: z.number().int().positive().default(60_000) }).prefault({}),
  diagnostics: z
    .strictObject({
      /** `127.0.0.1:9464` or the path of a unix socket: /metrics, /healthz and /status. Nothing listens where it is absent. */
      listen: z.string().min(1).optional(),
    })
    .prefault({}),
  log: z
    .strictObject({
      /** Also changed while the agent runs, when it gets SIGHUP. */
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
      /** Bytes of the log before the next file begins, and how many files are kept. */
      fileBytesMax: z
        .number()
        .int()
        .min(65_536)
        .default(10 * MIB),
      filesMax: z.number().int().min(1).max(100).default(5),
    })
    .prefault({}),
  sink: z
    .strictObject({
      /** Bytes of all sinks together. */
      bytesMax: z.number().int().positive().default(GIB),
      /** Bytes of one sink; those of all where nothing is said. */
      streamBytesMax: z.number().int().positive().optional(),
      /** The sink does not grow where the disk has less than this free. */
      diskFreeBytesMin: z
        .number()
        .int()
        .min(0)
        .default(128 * MIB),
    })
    .prefault({}),
})
export type AgentSettings = z.infer<typeof agentSettings>
/** What this machine says of Azure, and how it gets there. */
export type AzureSettings = Pick<AgentSettings, 'azure' | 'proxy'>
