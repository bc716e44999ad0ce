import { type Channel, channel as channelShape, heartbeatDataType, parseStreamId } from '@tidemark/model'

import type { Destination, RuleInForce } from './config-chunks.ts'

/** Where a rule sends each of its streams, and what is wrong with that. A stream may have several destinations. */
export function destinationsOf(rule: RuleInForce): {
  readonly destinations: readonly Destination[]
  readonly problems: readonly string[]
} {
  const destinations = new Map<string, Destination>()
  const problems = new Set<string>()
  for (const { id: dataSource, streams, sendToChannels } of rule.chunk.dataSources) {
    for (const channelId of sendToChannels) {
      const named = rule.chunk.channels.find(({ id }) => id === channelId)
      const channel = channelShape.safeParse(named).data
      if (channel === undefined) {
        const why = named ? `speaks ${named.protocol}, and this agent ods and logs-ingestion` : 'is not in its channels'
        problems.add(`${rule.id}: the destination ${channelId} of ${dataSource} ${why}`)
        continue
      }
      for (const { stream: dataType } of streams) {
        const stream = `${rule.id}:${dataSource}:${dataType}`
        const isTaken = parseStreamId(stream) !== undefined && takes(channel, dataType)
        if (isTaken) destinations.set(`${stream} ${channelId}`, { stream, channel })
      }
    }
  }
  return { destinations: [...destinations.values()], problems: [...problems] }
}

/**
 * Where heartbeats go by one protocol: to the first server of the rules, and to each rule of Azure's that has a stream for
 * them, once.
 */
export function heartbeatChannels(rules: readonly RuleInForce[], protocol: Channel['protocol']): Channel[] {
  const channels = rules
    .flatMap(({ chunk }) => chunk.channels)
    .flatMap((each) => channelShape.safeParse(each).data ?? [])
    .filter((each) => each.protocol === protocol)
  if (protocol === 'ods') return channels.slice(0, 1)
  const beating = channels.filter((each) => each.protocol === 'logs-ingestion' && heartbeatDataType in each.streams)
  return [...new Map(beating.map((each) => [each.id, each])).values()]
}

/** Rows that tell of gaps and operations travel with the changes. */
const AMONG_CHANGES = ['TidemarkVisibility', 'TidemarkOperation']

/** Whether a channel has a place for anything of a stream. */
function takes(channel: Channel, dataType: string): boolean {
  if (channel.protocol === 'ods') return true
  const others = dataType === 'CONFIG_CHANGE_BLOB_V2' ? AMONG_CHANGES : []
  return [dataType, ...others].some((name) => Object.hasOwn(channel.streams, name))
}
