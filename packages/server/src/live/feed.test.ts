import { expect, test } from 'vitest'

import { LiveFeed } from './feed.ts'

test('listeners hear what arrives until they leave', () => {
  const feed = new LiveFeed()
  const heard: string[] = []
  const leave = feed.listen(({ table }) => void heard.push(`one ${table}`))
  feed.listen(({ table }) => void heard.push(`other ${table}`))
  feed.publish('w', { table: 'Heartbeat', count: 1, at: '2024-01-01T00:00:00Z' })
  leave()
  leave()
  feed.publish('w', { table: 'ConfigurationData', count: 1, at: '2024-01-01T00:00:00Z' })
  expect(heard).toEqual(['one Heartbeat', 'other Heartbeat', 'other ConfigurationData'])
  expect(feed.listenerCount).toBe(1)
})
