// Goal: who follows the feed gets every row once, in whatever order rows are dated, whoever dies meanwhile. Method: the
// real store, killed while many senders store rows at once and repeat what was not answered; one reader goes page by page,
// one listens and reconnects with the last id that it saw. Mutants that it found: a cursor that goes to the number given
// out last (loses what is still under way); a cursor by TimeGenerated; `settled` read after the rows.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { newUuid, systemClock } from '@tidemark/base'
import { query as askClickhouse } from 'chdb'
import { fastify, type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ChdbStore } from '../clickhouse/chdb.ts'
import { Committer } from '../ingest/committer.ts'
import { storeRows } from '../ingest/store-rows.ts'
import { exportRoutes } from '../query/export.ts'
import { changesRoutes } from './changes-routes.ts'
import { LiveFeed } from './feed.ts'

const log = pino({ level: 'silent' })
const stop = new AbortController()
let folder = ''
let store: ChdbStore
let rows: Committer
let app: FastifyInstance
let url = ''
const live = new LiveFeed()
const workspaces = { ownId: 'w', find: async (text: string) => ['w', 'v'].find((id) => id === text) }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-feed-'))
  store = await ChdbStore.open(join(folder, 'store'), { clock: systemClock, log })
  rows = await Committer.open(store, log)
  app = fastify()
  const settled = () => rows.settled
  const callerOf = () => ({ holder: 'one', rights: ['read' as const], workspaces: ['w'] })
  changesRoutes(app, { store, settled, feed: live, clock: systemClock, workspaces, callerOf, signal: stop.signal })
  exportRoutes(app, { store, clock: systemClock, workspaces, callerOf, settled, pageRows: 500 })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  stop.abort()
  await app.close()
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const at = (minute: number) => new Date(Date.UTC(2026, 0, 31, 23, minute)).toISOString()

async function storeNamed(
  names: readonly string[],
  more: { computer?: string; workspaceId?: string; minuteOf?: (index: number) => number } = {},
): Promise<void> {
  const { computer = 'c', workspaceId = 'w', minuteOf = (index) => 90 - index } = more
  const items = names.map((Name, index) => ({
    Name,
    Computer: computer,
    ConfigChangeType: 'Files',
    TimeGenerated: at(minuteOf(index)),
  }))
  const stamp = { workspaceId, resourceId: `/${computer}` }
  const arrival = { table: 'ConfigurationChange', items, owner: `/${computer}`, batchId: newUuid(), stamp } as const
  for (;;) {
    const isStored = await storeRows({ rows, live, clock: systemClock }, arrival).then(
      () => true,
      () => false,
    )
    if (isStored) return
    await systemClock.sleep(20)
  }
}

interface Page {
  readonly changes: { readonly Name: string }[]
  readonly after: string
  readonly hasMore: boolean
}

const page = async (query: string): Promise<Page> => (await (await fetch(`${url}/changes?${query}`)).json()) as Page

/** Follows pages until `isOver` and nothing more came. */
async function follow(after: string, isOver: () => boolean): Promise<string[]> {
  const seen: string[] = []
  let cursor = after
  for (;;) {
    const wasOver = isOver()
    const answer = await fetch(`${url}/changes?after=${cursor}&limit=11`)
    if (answer.status !== 200) {
      await systemClock.sleep(20)
      continue
    }
    const { changes, after: next, hasMore } = (await answer.json()) as Page
    seen.push(...changes.map(({ Name }) => Name))
    cursor = next
    if (wasOver && !hasMore && changes.length === 0) return seen
  }
}

/** Listens, is cut off after every 40 rows, and comes back with the last id; until it has `count` rows. */
async function listen(after: string, count: number): Promise<string[]> {
  const seen: string[] = []
  let lastId = after
  while (seen.length < count) {
    const gone = new AbortController()
    const headers = { accept: 'text/event-stream', 'last-event-id': lastId }
    const { body } = await fetch(`${url}/changes`, { headers, signal: gone.signal })
    let text = ''
    let own = 0
    for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece
      for (let end = text.indexOf('\n\n'); end >= 0 && own < 40; end = text.indexOf('\n\n')) {
        const [, id, data] = /^id: (.+)\nevent: change\ndata: (.+)$/s.exec(text.slice(0, end)) ?? []
        text = text.slice(end + 2)
        if (id === undefined || data === undefined) continue
        lastId = id
        own += 1
        seen.push((JSON.parse(data) as { Name: string }).Name)
      }
      if (own >= 40 || seen.length >= count) break
    }
    gone.abort()
  }
  return seen
}

test('whoever follows gets every row once, while many store at once, dates go back, and the store is killed', async () => {
  const { after: start } = await page('after=latest')
  const expected: string[] = []
  const senders = Array.from({ length: 6 }, async (_, sender) => {
    for (let batch = 0; batch < 12; batch += 1) {
      const names = Array.from({ length: 1 + ((sender + batch) % 4) }, (_name, index) => `${sender}-${batch}-${index}`)
      expected.push(...names)
      // Later batches are dated earlier, and each is about two months.
      await storeNamed(names, { computer: `sender-${sender}`, minuteOf: (index) => 100 - batch - index * 20 })
    }
  })
  let isOver = false
  const following = follow(start, () => isOver)
  const total = Array.from({ length: 6 * 12 }, (_, index) => 1 + ((Math.floor(index / 12) + (index % 12)) % 4))
  const listening = listen(
    start,
    total.reduce((sum, one) => sum + one, 0),
  )
  while (rows.settled < 60) await systemClock.sleep(5)
  process.kill(store.pid, 'SIGKILL')
  await Promise.all(senders)
  isOver = true
  const seen = await following
  expect(seen.toSorted()).toEqual(expected.toSorted())
  const heard = await listening
  expect(heard).toEqual(seen)
  // Once more from the start, now that all is at rest: the same rows in the same order.
  expect(await follow(start, () => true)).toEqual(seen)
}, 120_000)

describe('a page', () => {
  test('is of one workspace and table, and of what the filters name', async () => {
    const { after } = await page('after=latest')
    await storeNamed(['mine'], { computer: 'filter-1' })
    await storeNamed(['other'], { computer: 'filter-2' })
    await storeNamed(['hidden'], { computer: 'filter-1', workspaceId: 'v' })
    const names = async (more: string) => (await page(`after=${after}${more}`)).changes.map(({ Name }) => Name)
    expect(await names('')).toEqual(['mine', 'other'])
    expect(await names('&computer=filter-2')).toEqual(['other'])
    expect(await names('&type=Software')).toEqual([])
    const past = await page(`after=${after}&computer=nobody`)
    expect((await page(`after=${past.after}`)).changes).toEqual([])
    expect((await fetch(`${url}/changes?workspace=v`)).status).toBe(404)
  })

  test.each(['after=nonsense', 'table=Nothing', 'limit=0', 'limit=10001', 'table=Heartbeat&type=Files'])(
    '%s is refused',
    async (query) => {
      expect((await fetch(`${url}/changes?${query}`)).status).toBe(400)
    },
  )

  test('a cursor is for its own table', async () => {
    const { after } = await page('table=Heartbeat')
    expect((await fetch(`${url}/changes?after=${after}`)).status).toBe(200)
    expect((await fetch(`${url}/changes?after=${after}&table=ConfigurationChange`)).status).toBe(400)
  })
})

describe('an export', () => {
  test('has every row once, over many pages and rows that are alike', async () => {
    const names = Array.from({ length: 1_700 }, (_, index) => `row-${index}`)
    for (let from = 0; from < names.length; from += 600)
      await storeNamed(names.slice(from, from + 600), { computer: 'export', minuteOf: () => 1 })
    await storeNamed(['hidden'], { computer: 'export', workspaceId: 'v' })
    const answer = await fetch(`${url}/v1/workspaces/w/tables/ConfigurationChange/export?timespan=${at(0)}/P40D`)
    const found = (await answer.text())
      .split('\n')
      .filter(Boolean)
      .map((line): { Name: string; Computer: string } => JSON.parse(line))
      .filter(({ Computer }) => Computer === 'export')
    expect(found.map(({ Name }) => Name).toSorted()).toEqual(names.toSorted())
  }, 60_000)

  test('in Arrow is read by ClickHouse as it was stored', async () => {
    const answer = await fetch(`${url}/v1/workspaces/w/tables/ConfigurationChange/export?format=arrow`)
    const path = join(folder, 'export.arrow')
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()))
    const facts =
      'count(), uniqExact(Name), toString(min(TimeGenerated)), toString(max(_TimeReceived)), any(Type), countIf(Size IS NULL)'
    const read: unknown = JSON.parse(
      askClickhouse(`SELECT ${facts} FROM file('${path}', ArrowStream)`, 'JSONCompactEachRow'),
    )
    const sql = `SELECT ${facts} FROM tidemark.ConfigurationChange WHERE TenantId = 'w'`
    const [kept] = await store.select({ sql, parameters: {}, timeMsMax: 60_000 })
    const plain = (row: unknown) =>
      (Array.isArray(row) ? row : []).map((cell) =>
        String(cell)
          .replace(/Z$/, '')
          .replace('T', ' ')
          .replace(/(\.\d+?)0+$/, '$1'),
      )
    expect(plain(read)).toEqual(plain(kept))
  }, 60_000)

  test.each([
    ['v/tables/ConfigurationChange', 404],
    ['w/tables/Nothing', 404],
    ['w/tables/Heartbeat/export?timespan=soon', 400],
    ['w/tables/Heartbeat/export?format=xml', 406],
  ])('%s: %i', async (path, status) => {
    const place = path.includes('export') ? path : `${path}/export`
    expect((await fetch(`${url}/v1/workspaces/${place}`)).status).toBe(status)
  })
})
