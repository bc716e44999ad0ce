// Goal: rows reach the listener at once, and a stream never outlives the listener or the server.
// Method: a real socket on the loopback, because a stream that is hijacked needs one.
import { systemClock } from '@tidemark/base'
import { fastify } from 'fastify'
import { afterEach, expect, test } from 'vitest'

import { LiveFeed } from './feed.ts'
import { LISTENERS_MAX, liveRoutes } from './routes.ts'

const callerOf = () => ({ holder: 'one', rights: ['read' as const], workspaces: ['w'] })
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function open(feed = new LiveFeed()) {
  const stop = new AbortController()
  const app = fastify()
  liveRoutes(app, { feed, clock: systemClock, signal: stop.signal, mayRead: async () => {}, callerOf })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/live`
  closing.push(async () => {
    stop.abort()
    await app.close()
  })
  return { url, feed, stop }
}

async function untilListeners(feed: LiveFeed, count: number): Promise<void> {
  while (feed.listenerCount !== count) await systemClock.sleep(2)
}

test('rows come as events, and the stream ends with the server', async () => {
  const { url, feed, stop } = await open()
  const answer = await fetch(url)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  await untilListeners(feed, 1)
  feed.publish('other', { table: 'Heartbeat', count: 9, at: '2024-01-01T00:00:00.000Z' })
  feed.publish('w', { table: 'Heartbeat', count: 3, at: '2024-01-01T00:00:00.000Z' })
  stop.abort()
  expect(await answer.text()).toBe(
    ': connected\n\nevent: rows\ndata: {"table":"Heartbeat","count":3,"at":"2024-01-01T00:00:00.000Z"}\n\n',
  )
  await untilListeners(feed, 0)
})

test('a listener that leaves is forgotten', async () => {
  const { url, feed } = await open()
  const leave = new AbortController()
  await fetch(url, { signal: leave.signal })
  await untilListeners(feed, 1)
  leave.abort()
  await untilListeners(feed, 0)
  expect(feed.listenerCount).toBe(0)
})

test('one listener too many is sent away', async () => {
  const feed = new LiveFeed()
  for (let count = 0; count < LISTENERS_MAX; count += 1) feed.listen(() => {})
  const { url } = await open(feed)
  expect((await fetch(url)).status).toBe(503)
})
