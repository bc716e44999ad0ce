// Goal: the plumbing of a cluster: schema on every server, inserts that a quorum has, failover, a node that is lost and comes back
// amid inserts: nothing lost, nothing twice. Method: two ClickHouse servers and ZooKeeper from Debian (of 2018: a speaker in between
// reduces the DDL), the committer of production on top. It found rows twice where a
// group that was cut off was sent again and its batches were not known as whole.
import { newUuid, systemClock } from '@tidemark/base'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Committer } from '../ingest/committer.ts'
import { type ArrivedBatch, StoreUnavailable } from '../ports.ts'
import { batchLines } from '../testing/batch-lines.ts'
import { noCluster, ThrowawayCluster } from '../testing/throwaway-cluster.ts'
import { lastArrival } from './arrivals.ts'
import { ClusterStore } from './cluster-store.ts'
import { rowStorePlace } from './row-store-place.ts'

const options = { clock: systemClock, log: pino({ level: 'silent' }) }

test('a cluster that is not there keeps the server from starting, and says so', async () => {
  const place = rowStorePlace.parse({ servers: ['http://127.0.0.1:9'] })
  if (place === 'disk') throw new Error('no cluster')
  await expect(ClusterStore.open(place, options)).rejects.toMatchObject({ name: 'ServerError', code: 'store-failed' })
})

describe.skipIf(noCluster)(`two ClickHouse servers and ZooKeeper${noCluster ? ` (skipped: ${noCluster})` : ''}`, () => {
  let cluster: ThrowawayCluster
  let store: ClusterStore
  beforeAll(async () => {
    cluster = await ThrowawayCluster.start()
    const place = rowStorePlace.parse({ servers: cluster.urls, quorum: 2 })
    if (place !== 'disk') store = await ClusterStore.open(place, options)
  }, 180_000)
  afterAll(async () => {
    await store?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
  })

  const batchOf = (names: readonly string[]): ArrivedBatch => ({
    table: 'ConfigurationChange',
    owner: '/m',
    batchId: newUuid(),
    ...batchLines(
      names.map((Name) => ({
        month: 202_601,
        cells: { Name, TenantId: 'w', TimeGenerated: '2026-01-01T00:00:00Z' },
      })),
    ),
  })
  const namesOn = async (index: number): Promise<string[]> =>
    (await cluster.ask(index, 'SELECT Name FROM tidemark_local.ConfigurationChange ORDER BY Name'))
      .split('\n')
      .filter(Boolean)

  test('each has the tables, a second start changes nothing, and a row is on both before it counts', async () => {
    const tables = async (index: number) =>
      await cluster.ask(
        index,
        "SELECT database, name, engine FROM system.tables WHERE database LIKE 'tidemark%' ORDER BY database, name",
      )
    expect(await tables(0)).toBe(await tables(1))
    expect(await tables(0)).toContain('tidemark_local\tHeartbeat\tReplicatedMergeTree')
    expect(await tables(1)).toContain('tidemark\tHeartbeat\tDistributed')
    const place = rowStorePlace.parse({ servers: cluster.urls, quorum: 2 })
    if (place !== 'disk') await (await ClusterStore.open(place, options))[Symbol.asyncDispose]()
    const committer = await Committer.open(store, options.log)
    await committer.commit(batchOf(['first']))
    expect([await namesOn(0), await namesOn(1)]).toEqual([['first'], ['first']])
    expect(await lastArrival(store)).toBe(1)
    const row = await store.select({
      sql: 'SELECT Name FROM tidemark.ConfigurationChange WHERE TenantId = {w:String} AND _Arrival = {n:Int64}',
      parameters: { w: 'w', n: 1 },
      timeMsMax: 5_000,
      isExact: true,
    })
    expect(row).toEqual([['first']])
  }, 60_000)

  test('a node is lost amid inserts and comes back: what was answered is there, once, on both', async () => {
    const committer = await Committer.open(store, options.log)
    const names = await namesOn(0)
    const work = { isOver: false, answered: 0 }
    const senders = Array.from({ length: 3 }, async (_, sender) => {
      for (let count = 0; !work.isOver; count += 1) {
        const own = [`${sender}-${count}-a`, `${sender}-${count}-b`]
        names.push(...own)
        const batch = batchOf(own)
        for (let isStored = false; !isStored;) {
          isStored = await committer.commit(batch).then(
            () => true,
            (error: unknown) => {
              expect(error).toBeInstanceOf(StoreUnavailable)
              return false
            },
          )
          if (!isStored) await systemClock.sleep(50)
        }
        work.answered += 1
      }
    })
    const untilAnswered = async (more: number): Promise<void> => {
      const wanted = work.answered + more
      while (work.answered < wanted) await systemClock.sleep(10)
    }
    for (const node of [0]) {
      await untilAnswered(6)
      await cluster.killNode(node)
      // The other one still answers questions, of whichever was asked before.
      expect((await store.select({ sql: 'SELECT 1', parameters: {}, timeMsMax: 5_000 })).flat().map(Number)).toEqual([
        1,
      ])
      cluster.startNode(node)
      await cluster.untilNode(node)
    }
    await untilAnswered(6)
    work.isOver = true
    await Promise.all(senders)
    const expected = names.toSorted()
    for (const node of [0, 1]) {
      while ((await namesOn(node)).length < expected.length) await systemClock.sleep(50)
      expect((await namesOn(node)).toSorted()).toEqual(expected)
    }
    const numbers = await cluster.ask(0, 'SELECT uniqExact(_Arrival) FROM tidemark_local.ConfigurationChange')
    expect(Number(numbers)).toBe(expected.length)
  }, 180_000)
})
