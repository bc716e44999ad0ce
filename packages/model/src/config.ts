import { z } from 'zod'

import { isImmutableId } from './stream.ts'

/** One extension's configuration in a chunk and in `TaggedData` (protocol.md §1). */
export const extensionConfiguration = z.looseObject({
  /** `<dcr immutable id>:CTDataSource-Linux`. */
  id: z.string(),
  originIds: z.array(z.string()).default([]),
  extensionSettings: z.unknown(),
  inputStreams: z.unknown().optional(),
  /** Data type to stream id, `CONFIG_CHANGE_BLOB_V2` → `dcr-…:CTDataSource-Linux:CONFIG_CHANGE_BLOB_V2`. */
  outputStreams: z.record(z.string(), z.string()),
})
export type ExtensionConfiguration = z.infer<typeof extensionConfiguration>

/** A server that takes uploads (protocol.md §4). */
export const odsChannel = z.looseObject({
  id: z.string(),
  protocol: z.literal('ods'),
  /** The agent posts to `<endpoint>/OperationalData.svc/PostJsonDataItems`. */
  endpoint: z.url(),
  tokenEndpointUri: z.url(),
})
export type OdsChannel = z.infer<typeof odsChannel>

/** A stream as a rule for direct ingestion declares it: `Custom-Changes`, `Microsoft-ConfigurationChange`. */
export const ingestionStreamName = z
  .string()
  .regex(/^(Custom|Microsoft)-[A-Za-z0-9_-]{1,100}$/, 'is no name of a stream')
/** An address that tokens may be sent to. */
export const secureUrl = z.url({ protocol: /^https$/, error: 'must be an address that begins with https://' })

/** Azure Monitor, or what speaks as it does: the Logs Ingestion API (protocol.md §7). */
export const logsIngestionChannel = z.looseObject({
  id: z.string(),
  protocol: z.literal('logs-ingestion'),
  /** The data collection endpoint. */
  endpoint: secureUrl,
  /** Of the rule there, which says which table each stream goes to. */
  immutableId: z.string().refine(isImmutableId, 'is no immutable id of a rule'),
  /**
   * Data type to the stream there. Rows with a `Type` of their own (`TidemarkVisibility`, `TidemarkOperation`) go to the
   * stream of that name; rows for which there is none do not go there.
   */
  streams: z.record(z.string(), ingestionStreamName),
})
export type LogsIngestionChannel = z.infer<typeof logsIngestionChannel>

/** Where data go, as this version understands it. */
export const channel = z.discriminatedUnion('protocol', [odsChannel, logsIngestionChannel])
export type Channel = z.infer<typeof channel>

const channelProtocols: ReadonlySet<string> = new Set(['ods', 'logs-ingestion'])

/** A channel of a chunk: one of a protocol that this version does not know is kept, and not used. */
const chunkChannel = z.looseObject({ id: z.string(), protocol: z.string() }).superRefine((value, context) => {
  if (!channelProtocols.has(value.protocol)) return
  const read = channel.safeParse(value)
  for (const { path, message } of read.error?.issues ?? []) context.addIssue({ code: 'custom', path, message })
})

const chunkDataSource = z.looseObject({
  configuration: z.looseObject({ extensionName: z.string().optional() }),
  id: z.string(),
  kind: z.string(),
  streams: z.array(z.looseObject({ stream: z.string(), solution: z.string().optional() })),
  sendToChannels: z.array(z.string()),
})

/** What the agent keeps of one rule, `<configurationId>.json` in its config chunks (protocol.md §3). */
export const configChunk = z.looseObject({
  dataSources: z.array(chunkDataSource).default([]),
  channels: z.array(chunkChannel).default([]),
  extensionConfigurations: z.record(z.string(), z.array(extensionConfiguration)).default({}),
})
export type ConfigChunk = z.infer<typeof configChunk>

/** The control plane's answer to `agentConfigurations`. */
export const agentConfigurations = z.looseObject({
  configurations: z.array(
    z.looseObject({ configurationId: z.string(), eTag: z.string(), op: z.string(), content: z.unknown() }),
  ),
})
export type AgentConfigurations = z.infer<typeof agentConfigurations>

/** What an extension asks on the config socket. */
export const configRequest = z.looseObject({
  Request: z.literal('AgentTaggedData'),
  RequestId: z.string(),
  Tag: z.string(),
  Version: z.string(),
})
export type ConfigRequest = z.infer<typeof configRequest>

/** What it is answered: plain JSON in one write. `TaggedData` is a JSON document in a string, see `taggedData`. */
export const configResponse = z.looseObject({
  Request: z.string(),
  RequestId: z.string(),
  Version: z.string(),
  Success: z.boolean(),
  Description: z.string(),
  TaggedData: z.string(),
})
export type ConfigResponse = z.infer<typeof configResponse>

/** The document inside `TaggedData`: one configuration for each rule that targets the extension. */
export const taggedData = z.looseObject({
  schemaVersion: z.coerce.number().default(1),
  version: z.coerce.string().default('1'),
  extensionName: z.string(),
  extensionConfigurations: z.array(extensionConfiguration).default([]),
  outputStreamDefinitions: z.unknown().optional(),
})
export type TaggedData = z.infer<typeof taggedData>

/** The ingestion token's answer; `Cache-Control: max-age` tells how long it lasts. */
export const ingestionToken = z.looseObject({ configurationId: z.string(), ingestionAuthToken: z.string() })
