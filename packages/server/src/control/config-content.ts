import {
  type ConfigChunk,
  dataSourceNames,
  dataTypeOfArmStream,
  extensionName,
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

/** The workspace that a rule's changes go to: that of the first destination of a flow that has any of its streams. */
export function changesGoTo({ properties }: Pick<ChunkSource, 'properties'>, ownWorkspaceId: string): string {
  const { dataSources, dataFlows, destinations } = properties
  const streams = dataSources.extensions.find((one) => one.extensionName === extensionName)?.streams ?? []
  const flow = dataFlows.find((one) => one.streams.some((stream) => streams.includes(stream)))
  const destination = destinations.logAnalytics.find(({ name }) => flow?.destinations.includes(name))
  return destination?.workspaceId ?? ownWorkspaceId
}

/** The config chunk of a rule for one machine (protocol: control plane); `undefined` where it tracks no changes. */
export function configContent(rule: ChunkSource, addresses: ChunkAddresses): ConfigChunk | undefined {
  const { dataSources, dataFlows, destinations } = rule.properties
  const extensions = dataSources.extensions.filter((one) => one.extensionName === extensionName)
  const extension = extensions[0]
  if (extension === undefined) return undefined
  const workspaceId = changesGoTo(rule, addresses.workspaceId)
  const channelId = `ods-${workspaceId}`
  const known = new Set(destinations.logAnalytics.map(({ name }) => name))
  const flowing = new Set(
    dataFlows.filter((flow) => flow.destinations.some((name) => known.has(name))).flatMap(({ streams }) => streams),
  )
  const dataTypes = extension.streams
    .filter((stream) => flowing.has(stream))
    .flatMap((stream) => dataTypeOfArmStream[stream] ?? [])
  const outputStreams = Object.fromEntries(
    dataTypes.map((dataType) => [
      dataType,
      streamId({ dcr: rule.immutableId, dataSource: 'CTDataSource-Linux', dataType }),
    ]),
  )
  return {
    dataSources: dataSourceNames.map((id) => ({
      configuration: { extensionName: id === 'CTDataSource-Linux' ? extensionName : 'ChangeTracking-Windows' },
      id,
      kind: 'extension',
      streams: dataTypes.map((stream) => ({ stream, solution: 'ChangeTracking' })),
      sendToChannels: [channelId],
    })),
    channels: [{ id: channelId, protocol: 'ods', ...channelAddresses(rule, { ...addresses, workspaceId, channelId }) }],
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
