// Goal: a batch is stored once and each number is given once, whichever server it comes to and whoever dies. Method: three
// servers over one store (chDB) and one database, with sockets between them; senders go to any of them and repeat what was not
// answered, while the one that stores is ended.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { newBytes, newUuid, systemClock } from '@tidemark/base'
import { fastify, type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ChdbStore } from '../clickhouse/chdb.ts'
import { Admission } from '../ingest/admission.ts'
import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { type ArrivedBatch, StoreRefused, StoreUnavailable } from '../ports.ts'
import { batchLines } from '../testing/batch-lines.ts'
import { Lease } from './lease.ts'
import { BATCHES_PATH, forwarder, serverRoutes } from './server-routes.ts'
import { SharedCommitter } from './shared-committer.ts'

const log = pino({ level: 'silent' })
const clock = systemClock
const key = newBytes(32)
const folder = mkdtempSync(join(tmpdir(), 'tidemark-shared-'))
let metadata: SqliteMetadata
let store: ChdbStore
const servers: Served[] = []

interface Served {
  readonly app: FastifyInstance
  readonly url: string
  readonly committer: SharedCommitter
}

async function start(): Promise<Served> {
  const app = fastify()
  const own: { committer?: SharedCommitter } = {}
  const take = async (batch: ArrivedBatch): Promise<void> => {
    if (own.committer === undefined) throw new StoreUnavailable('it starts')
    await own.committer.take(batch)
  }
  serverRoutes(app, { key, clock, log, admission: new Admission(), take })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const lease = new Lease(metadata, { name: 'rows', url, clock })
  const committer = await SharedCommitter.open({ store, lease, forward: forwarder({ key, clock }), clock, log })
  own.committer = committer
  return { app, url, committer }
}

async function end({ app, committer }: Served): Promise<void> {
  await committer[Symbol.asyncDispose]()
  await app.close()
}

beforeAll(async () => {
  metadata = new SqliteMetadata(join(folder, 'metadata.db'))
  store = await ChdbStore.open(join(folder, 'store'), { clock, log })
  for (let count = 0; count < 3; count += 1) servers.push(await start())
}, 60_000)
afterAll(async () => {
  for (const server of servers) await end(server)
  await store[Symbol.asyncDispose]()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const batchOf = (names: readonly string[], batchId = newUuid()): ArrivedBatch => ({
  table: 'ConfigurationChange',
  owner: '/subscriptions/é/m',
  batchId,
  ...batchLines(
    names.map((Name, index) => {
      const month = 202_601 + (index % 2)
      return {
        month,
        cells: { Name, TenantId: 'w', TimeGenerated: index % 2 ? '2026-02-01T00:00:00Z' : '2026-01-01T00:00:00Z' },
      }
    }),
  ),
})

/** To any server, again until it was answered; now and then to two at once, and once more afterwards. */
async function send(batch: ArrivedBatch, seed: number): Promise<void> {
  for (let tries = seed; ; tries += 1) {
    const [one, other] = [servers[tries % servers.length], servers[(tries + 1) % servers.length]]
    const asked = [one?.committer.commit(batch), seed % 3 === 0 ? other?.committer.commit(batch) : undefined]
    const outcomes = await Promise.allSettled(asked.filter((each) => each !== undefined))
    if (outcomes.every(({ status }) => status === 'fulfilled')) return
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreUnavailable)
    await clock.sleep(20)
  }
}

test('each batch is stored once, with a number of its own, while the one that stores goes and comes back', async () => {
  expect(servers.filter(({ committer }) => committer.isLeading)).toHaveLength(1)
  const names: string[] = []
  const work = { isOver: false }
  const senders = Array.from({ length: 5 }, async (_, sender) => {
    for (let count = 0; !work.isOver; count += 1) {
      const own = Array.from({ length: 1 + (count % 3) }, (_name, index) => `${sender}-${count}-${index}`)
      names.push(...own)
      await send(batchOf(own), sender + count)
    }
  })
  for (let ended = 0; ended < 3; ended += 1) {
    const wanted = names.length + 30
    while (names.length < wanted) await clock.sleep(5)
    const leading = servers.findIndex(({ committer }) => committer.isLeading)
    const [old] = leading < 0 ? [] : servers.splice(leading, 1, await start())
    if (old !== undefined) await end(old)
  }
  work.isOver = true
  await Promise.all(senders)
  const rows = await store.select({
    sql: 'SELECT Name, _Arrival FROM tidemark.ConfigurationChange',
    parameters: {},
    timeMsMax: 60_000,
  })
  expect(rows.map(([name]) => String(name)).toSorted()).toEqual(names.toSorted())
  expect(new Set(rows.map(([, arrival]) => Number(arrival))).size).toBe(rows.length)
  const last = Math.max(...rows.map(([, arrival]) => Number(arrival)))
  for (const { committer } of servers) while (committer.settled < last) await clock.sleep(20)
  expect(servers.map(({ committer }) => committer.settled)).toEqual(servers.map(() => last))
  // Whoever is so slow that it loses its lease lets the others wait 20 seconds.
}, 300_000)

test('rows of no use are refused also where another server stores, and strangers store nothing', async () => {
  const away = servers.find(({ committer }) => !committer.isLeading)
  while (!servers.some(({ committer }) => committer.isLeading)) await clock.sleep(20)
  const bad: ArrivedBatch = {
    ...batchOf(['x']),
    ...batchLines([{ month: 202_601, cells: { Size: 'no number', TimeGenerated: '2026-01-01T00:00:00Z' } }]),
  }
  await expect(away?.committer.commit(bad)).rejects.toThrow(StoreRefused)
  const url = `${away?.url}${BATCHES_PATH}`
  const body = JSON.stringify(batchOf(['stranger']))
  const statusOf = async (bearer: string): Promise<number> =>
    (await fetch(url, { method: 'POST', body, headers: { authorization: `Bearer ${bearer}` } })).status
  expect([await statusOf(''), await statusOf('eyJhbGciOiJub25lIn0.e30.')]).toEqual([401, 401])
  const other = forwarder({ key: newBytes(32), clock })
  await expect(other(away?.url ?? '', batchOf(['stranger']))).rejects.toThrow('answered 401')
})
