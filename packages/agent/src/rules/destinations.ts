import { parseStreamId } from '@tidemark/model'

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
      const channel = rule.chunk.channels.find(({ id }) => id === channelId)
      if (channel?.protocol !== 'ods') {
        const why = channel ? `speaks ${channel.protocol}, and this agent only ods` : 'is not in its channels'
        problems.add(`${rule.id}: the destination ${channelId} of ${dataSource} ${why}`)
        continue
      }
      for (const { stream: dataType } of streams) {
        const stream = `${rule.id}:${dataSource}:${dataType}`
        if (parseStreamId(stream)) destinations.set(`${stream} ${channelId}`, { stream, channel })
      }
    }
  }
  return { destinations: [...destinations.values()], problems: [...problems] }
}
