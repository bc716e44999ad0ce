import {
  type ConfigChunk,
  dataSourceNames,
  dataTypeOfArmStream,
  extensionName,
  logsIngestionSources,
  type RuleProperties,
  streamId,
} from '@tidemark/model'

/** What a machine's agent needs to know of a rule to make its chunk. */
export interface ChunkSource {
  readonly id: string
  readonly immutableId: string
  readonly properties: RuleProperties
}

export interface ChunkAddresses {
  readonly publicUrl: string
  readonly workspaceId: string
  readonly region: string
  readonly resourceId: string
}

/**
 * The workspaces that a rule's changes go to, in the order of its destinations: those of the flows that have any of its
 * streams. The server's own where it names none.
 */
export function changesGoTo({ properties }: Pick<ChunkSource, 'properties'>, ownWorkspaceId: string): string[] {
  const named = namesOfFlows(properties, streamsOf(properties))
  const destinations = properties.destinations.logAnalytics.filter(({ name }) => named.has(name))
  const ids = destinations.map(({ workspaceId }) => workspaceId ?? ownWorkspaceId)
  return ids.length === 0 ? [ownWorkspaceId] : [...new Set(ids)]
}

/** The config chunk of a rule for one machine (protocol: control plane); `undefined` where it tracks no changes. */
export function configContent(rule: ChunkSource, addresses: ChunkAddresses): ConfigChunk | undefined {
  const { properties } = rule
  const extension = properties.dataSources.extensions.find((one) => one.extensionName === extensionName)
  if (extension === undefined) return undefined
  const channels = channelsOf(rule, addresses)
  const flows = flowsByType(rule, channels)
  const outputStreams = Object.fromEntries(
    [...flows.keys()].map((dataType) => [
      dataType,
      streamId({ dcr: rule.immutableId, dataSource: 'CTDataSource-Linux', dataType }),
    ]),
  )
  return {
    dataSources: dataSourceNames.flatMap((id) =>
      groupsOf(flows).map(({ dataTypes, sendToChannels }) => ({
        configuration: { extensionName: id === 'CTDataSource-Linux' ? extensionName : 'ChangeTracking-Windows' },
        id,
        kind: 'extension',
        streams: dataTypes.map((stream) => ({ stream, solution: 'ChangeTracking' })),
        sendToChannels: [...sendToChannels],
      })),
    ),
    channels: channels.map(({ channel }) => channel),
    extensionConfigurations: {
      [extensionName]: [
        {
          id: `${rule.immutableId}:CTDataSource-Linux`,
          originIds: [rule.id],
          extensionSettings: extension.extensionSettings ?? {},
          outputStreams,
        },
      ],
    },
  }
}

type DataType = (typeof dataTypeOfArmStream)[string]

/** A channel, and the destinations of the rule that it is for. */
interface NamedChannel {
  readonly names: ReadonlySet<string>
  readonly channel: ConfigChunk['channels'][number]
}

function streamsOf({ dataSources }: RuleProperties): readonly string[] {
  return dataSources.extensions.find((one) => one.extensionName === extensionName)?.streams ?? []
}

/** The destinations of the flows that have any of these streams. */
function namesOfFlows({ dataFlows }: RuleProperties, streams: readonly string[]): ReadonlySet<string> {
  const flows = dataFlows.filter((flow) => flow.streams.some((stream) => streams.includes(stream)))
  return new Set(flows.flatMap(({ destinations }) => destinations))
}

/** One for each workspace, and one for each destination at Azure; where no workspace is meant, heartbeats go to the server's. */
function channelsOf(rule: ChunkSource, addresses: ChunkAddresses): NamedChannel[] {
  const { logAnalytics, logsIngestion = [] } = rule.properties.destinations
  const workspaces = changesGoTo(rule, addresses.workspaceId).map((workspaceId): NamedChannel => {
    const id = `ods-${workspaceId}`
    const meant = logAnalytics.filter((one) => (one.workspaceId ?? addresses.workspaceId) === workspaceId)
    return {
      names: new Set(meant.map(({ name }) => name)),
      channel: { id, protocol: 'ods', ...channelAddresses(rule, { ...addresses, workspaceId, channelId: id }) },
    }
  })
  const named = namesOfFlows(rule.properties, streamsOf(rule.properties))
  const elsewhere = logsIngestion
    .filter(({ name }) => named.has(name))
    .map(({ name, endpoint, immutableId, streams }): NamedChannel => ({
      names: new Set([name]),
      channel: {
        id: `logs-${name}-${immutableId}`,
        protocol: 'logs-ingestion',
        endpoint,
        immutableId,
        streams: Object.fromEntries(
          Object.entries(streams).map(([source, stream]) => [logsIngestionSources[source], stream]),
        ),
      },
    }))
  return [...workspaces, ...elsewhere]
}

/** Which channels each data type goes to; types that go nowhere are left out. */
function flowsByType({ properties }: ChunkSource, channels: readonly NamedChannel[]): Map<DataType, readonly string[]> {
  return new Map(
    streamsOf(properties).flatMap((stream): [DataType, readonly string[]][] => {
      const dataType = dataTypeOfArmStream[stream]
      const named = namesOfFlows(properties, [stream])
      const ids = channels
        .filter(({ names }) => [...names].some((name) => named.has(name)))
        .map(({ channel }) => channel.id)
      return dataType === undefined || ids.length === 0 ? [] : [[dataType, ids]]
    }),
  )
}

/** Data types that go to the same channels, together: one element of `dataSources` says one set of channels for all its streams. */
function groupsOf(flows: ReadonlyMap<DataType, readonly string[]>) {
  const groups = new Map<string, { readonly dataTypes: DataType[]; readonly sendToChannels: readonly string[] }>()
  for (const [dataType, sendToChannels] of flows) {
    const key = sendToChannels.join(' ')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { dataTypes: [dataType], sendToChannels })
    else group.dataTypes.push(dataType)
  }
  return [...groups.values()]
}

function channelAddresses(
  rule: ChunkSource,
  { publicUrl, workspaceId, region, resourceId, channelId }: ChunkAddresses & { readonly channelId: string },
): { readonly endpoint: string; readonly tokenEndpointUri: string } {
  const token = `${resourceId}/agentConfigurations/${rule.immutableId}/channels/${channelId}/issueIngestionToken`
  return {
    endpoint: `${publicUrl}/ods/${workspaceId}`,
    tokenEndpointUri: `${publicUrl}/locations/${region}${token}?operatingLocation=${region}&platform=linux&api-version=2022-06-02`,
  }
}
