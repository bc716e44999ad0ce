import { type Parsed, type Problem } from '@tidemark/base'
import { z } from 'zod'

import { ingestionStreamName, secureUrl } from './config.ts'
import { pathText } from './json-path.ts'
import { type ExtensionSettings, parseExtensionSettings } from './settings.ts'
import { dataTypeOfArmStream, extensionName, heartbeatDataType, isImmutableId } from './stream.ts'

/** A data collection rule as ARM writes it, with what Tidemark reads of it checked and everything else kept. */
export interface DataCollectionRule {
  readonly name: string
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
  readonly properties: RuleProperties
}

/** `properties` of a rule; keys that Tidemark does not know are kept. */
export type RuleProperties = z.infer<typeof ruleProperties>

const ruleExtension = z.looseObject({
  name: z.string().min(1),
  extensionName: z.string().min(1),
  streams: z.array(z.string()).min(1),
  extensionSettings: z.looseObject({}).optional(),
})

/** Destinations of one rule to which agents send by the Logs Ingestion API. */
export const LOGS_INGESTION_DESTINATIONS_MAX = 10

/** What may be sent to another system, and under which name a channel has it: rows by their data type, or their `Type`. */
export const logsIngestionSources: Readonly<Record<string, string>> = {
  ...dataTypeOfArmStream,
  'Microsoft-Heartbeat': heartbeatDataType,
  TidemarkVisibility: 'TidemarkVisibility',
  TidemarkOperation: 'TidemarkOperation',
}

/** Ours: the agent itself sends to Azure Monitor (docs/operating/azure.md). */
const logsIngestionDestination = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
  /** The data collection endpoint. */
  endpoint: secureUrl,
  /** Of the rule there. */
  immutableId: z.string().refine(isImmutableId, 'must be dcr- and 32 hexadecimal digits'),
  /** A stream of this rule, or one of the other names of `logsIngestionSources`, to the stream of the rule there. */
  streams: z.partialRecord(z.enum(Object.keys(logsIngestionSources)), ingestionStreamName),
})

const ruleProperties = z.looseObject({
  description: z.string().optional(),
  immutableId: z.string().optional(),
  dataSources: z.looseObject({ extensions: z.array(ruleExtension).default([]) }).prefault({}),
  destinations: z
    .looseObject({
      logAnalytics: z
        .array(
          z.looseObject({
            name: z.string().min(1),
            workspaceResourceId: z.string().optional(),
            workspaceId: z.string().optional(),
          }),
        )
        .default([]),
      logsIngestion: z.array(logsIngestionDestination).max(LOGS_INGESTION_DESTINATIONS_MAX).optional(),
    })
    .prefault({}),
  dataFlows: z.array(z.looseObject({ streams: z.array(z.string()), destinations: z.array(z.string()) })).default([]),
})

const ruleDocument = z.looseObject({
  name: z.string().min(1).optional(),
  location: z.string().default('local'),
  tags: z.record(z.string(), z.string()).default({}),
  properties: ruleProperties,
})

/**
 * Reads a rule as exported from Azure (`properties` with data sources, destinations and flows). The problems name the
 * JSON path of each mistake, `properties.dataSources.extensions[0].streams`. `name` stands in where the document has none.
 */
export function parseRule(document: unknown, name: string): Parsed<DataCollectionRule> {
  const read = ruleDocument.safeParse(document)
  if (!read.success) return { kind: 'rejected', problems: read.error.issues.map(problemOf) }
  const problems = [...extensionProblems(read.data.properties), ...flowProblems(read.data.properties)]
  if (problems.length > 0) return { kind: 'rejected', problems }
  const { location, tags, properties } = read.data
  return { kind: 'parsed', value: { name: read.data.name ?? name, location, tags, properties } }
}

/** The change tracking settings of a rule, `undefined` where it has no change tracking data source for Linux. */
export function trackingSettings(rule: DataCollectionRule): ExtensionSettings | undefined {
  const extension = rule.properties.dataSources.extensions.find((one) => one.extensionName === extensionName)
  return extension && parseExtensionSettings(extension.extensionSettings ?? {}).settings
}

/** Where, in a document, zod found what: `properties.dataFlows[0].streams`. */
export function problemOf(issue: { readonly path: readonly PropertyKey[]; readonly message: string }): Problem {
  return { where: pathText(issue.path), message: issue.message }
}

function extensionProblems(properties: RuleProperties): Problem[] {
  return properties.dataSources.extensions.flatMap((extension, index) => {
    if (extension.extensionName !== extensionName) return []
    const at = `properties.dataSources.extensions[${index}]`
    const unknown = extension.streams.flatMap((stream, position) =>
      dataTypeOfArmStream[stream] === undefined
        ? [
            {
              where: `${at}.streams[${position}]`,
              message: `unknown stream "${stream}"; known: ${Object.keys(dataTypeOfArmStream).join(', ')}`,
            },
          ]
        : [],
    )
    const { problems } = parseExtensionSettings(extension.extensionSettings ?? {})
    return [
      ...unknown,
      ...problems.map((one) => ({
        ...one,
        where: `${at}.extensionSettings${one.where === '' ? '' : `.${one.where}`}`,
      })),
    ]
  })
}

function flowProblems(properties: RuleProperties): Problem[] {
  const { logAnalytics, logsIngestion = [] } = properties.destinations
  const known = new Set([...logAnalytics, ...logsIngestion].map((destination) => destination.name))
  return properties.dataFlows.flatMap((flow, index) =>
    flow.destinations.flatMap((name, position) =>
      known.has(name)
        ? []
        : [
            {
              where: `properties.dataFlows[${index}].destinations[${position}]`,
              message: `no destination is named "${name}"`,
            },
          ],
    ),
  )
}
