// Goal: what was confirmed stays, a batch that comes again counts once, and no row that ingest makes is refused.
// Method: the real chDB in its own process, killed with SIGKILL under load, as a power cut without the disk would.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Clock, systemClock } from '@tidemark/base'
import { tableNames, tables } from '@tidemark/model'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { storedRow } from '../ingest/coercion.ts'
import { StoreRefused, StoreUnavailable } from '../ports.ts'
import { ChdbStore } from './chdb.ts'
import { DATABASE } from './layout.ts'

const log = pino({ level: 'silent' })
const timeMsMax = 10_000
const stamp = {
  workspaceId: 'w',
  resourceId: '/subscriptions/s/resourceGroups/g/x',
  receivedAt: '2026-01-02T03:04:05.678Z',
}
let folder: string
let store: ChdbStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-chdb-'))
  store = await ChdbStore.open(join(folder, 'store'), { clock: systemClock, log })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const lines = (...rows: readonly Record<string, unknown>[]) =>
  rows.map((row) => JSON.stringify(storedRow('Heartbeat', row, stamp))).join('\n')

async function count(computer: string): Promise<unknown> {
  const sql = `SELECT count() FROM ${DATABASE}.Heartbeat WHERE Computer = {computer:String}`
  return (await store.select({ sql, parameters: { computer }, timeMsMax }))[0]?.[0]
}

async function untilReady(): Promise<void> {
  while (!store.isReady) await systemClock.sleep(20)
}

describe('a batch', () => {
  test('counts once under its token, and again under another', async () => {
    const batch = { table: 'Heartbeat', lines: lines({ Computer: 'once' }, { Computer: 'once' }) } as const
    for (const token of ['a', 'a', 'b']) await store.insert({ ...batch, token })
    expect(await count('once')).toBe(4)
  })

  test('counts once also with rows of 105 months', async () => {
    const rows = Array.from({ length: 105 }, (_, index) => ({
      Computer: 'months',
      TimeGenerated: new Date(Date.UTC(1990, index)).toISOString(),
    }))
    for (const token of ['m', 'm']) await store.insert({ table: 'Heartbeat', token, lines: lines(...rows) })
    expect(await count('months')).toBe(105)
  })

  test('a row that no table holds is refused for good', async () => {
    const refused = store.insert({ table: 'Heartbeat', token: 'x', lines: '{"TimeGenerated":"tomorrow"}' })
    await expect(refused).rejects.toMatchObject({ name: 'StoreRefused', fault: 'rows' })
  })

  test('any row that ingest makes is taken', async () => {
    let token = 0
    const field = fc.tuple(
      fc.nat().map((index) => index),
      fc.oneof(
        fc.jsonValue(),
        fc.string({ unit: 'binary' }),
        fc.date().map(String),
        fc.double(),
        fc.constant('\ud800'),
      ),
    )
    const batch = fc.tuple(
      fc.constantFrom(...tableNames),
      fc.array(fc.array(field, { maxLength: 20 }), { minLength: 1 }),
    )
    await fc.assert(
      fc.asyncProperty(batch, async ([table, rows]) => {
        const { columns } = tables[table]
        const arrived = rows.map((fields) =>
          Object.fromEntries(fields.map(([index, value]) => [columns[index % columns.length]?.name ?? '', value])),
        )
        token += 1
        const text = arrived.map((row) => JSON.stringify(storedRow(table, row, stamp))).join('\n')
        await store.insert({ table, token: `any-${token}`, lines: text })
      }),
      { numRuns: 60 },
    )
  })
})

describe('a question', () => {
  test('gets cells as JSON values, times with seven digits', async () => {
    const row = {
      Computer: 'cells',
      TimeGenerated: '2024-02-03T04:05:06.1234567Z',
      BacklogBytes: 2 ** 40,
      Solutions: '\0"',
    }
    await store.insert({ table: 'Heartbeat', token: 'cells', lines: lines(row) })
    const sql = `SELECT TimeGenerated, BacklogBytes, IsGatewayInstalled, Solutions FROM ${DATABASE}.Heartbeat WHERE Computer = 'cells'`
    expect(await store.select({ sql, parameters: {}, timeMsMax })).toEqual([
      ['2024-02-03T04:05:06.1234567Z', 2 ** 40, null, '\0"'],
    ])
  })

  test('cannot write', async () => {
    const question = store.select({ sql: `DROP TABLE ${DATABASE}.Heartbeat`, parameters: {}, timeMsMax })
    await expect(question).rejects.toThrow(StoreRefused)
    expect(await count('nobody')).toBe(0)
  })

  test.each([
    ['too-long', 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1'],
    ['too-large', 'SELECT repeat(toString(1000000000 + number), 1000000) FROM numbers(30)'],
    // A constant counts once in ClickHouse's own limit, and 30 times in the answer.
    ['too-large', "SELECT repeat('0123456789', 1000000) FROM numbers(30)"],
    ['other', 'SELECT nonsense'],
  ])('is refused because it is %s', async (fault, sql) => {
    // A busy machine needs a while for what is too large.
    const patienceMs = fault === 'too-long' ? 1_000 : 15_000
    const question = store.select({ sql, parameters: {}, timeMsMax: patienceMs })
    await expect(question).rejects.toMatchObject({ name: 'StoreRefused', fault })
  })

  test('is not waited for when nobody wants it any more', async () => {
    const gone = new AbortController()
    const sql = 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1'
    const question = store.select({ sql, parameters: {}, timeMsMax: 2_000, signal: gone.signal })
    gone.abort()
    await expect(question).rejects.toThrow('nobody waits')
  })
})

describe('when its process is killed', () => {
  test('confirmed rows stay, the rest is unavailable, and it starts again', async () => {
    const confirmed: number[] = []
    const insertAll = async () => {
      for (let index = 0; ; index += 1) {
        await store.insert({ table: 'Heartbeat', token: `kill-${index}`, lines: lines({ Computer: 'killed' }) })
        confirmed.push(index)
      }
    }
    const inserting = insertAll()
    while (confirmed.length < 10) await systemClock.sleep(1)
    process.kill(store.pid, 'SIGKILL')
    await expect(inserting).rejects.toThrow(StoreUnavailable)
    expect(store.isReady).toBe(false)
    await untilReady()
    const kept = Number(await count('killed'))
    // The one under way may have reached the disk unconfirmed.
    expect([confirmed.length, confirmed.length + 1]).toContain(kept)
  })

  test('tokens are remembered: a batch that comes again counts once', async () => {
    const batch = { table: 'Heartbeat', token: 'over-death', lines: lines({ Computer: 'again' }) } as const
    await store.insert(batch)
    process.kill(store.pid, 'SIGKILL')
    while (store.isReady) await systemClock.sleep(1)
    await expect(store.insert(batch)).rejects.toThrow(StoreUnavailable)
    await untilReady()
    await store.insert(batch)
    expect(await count('again')).toBe(1)
  })
})

test('a folder that cannot be opened is an error, not a loop', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, '')
  const hasty: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() * 1_000 }
  await expect(ChdbStore.open(file, { clock: hasty, log })).rejects.toMatchObject({ code: 'store-failed' })
})

test('a second process does not get the folder', async () => {
  const hasty: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() * 1_000 }
  const second = ChdbStore.open(join(folder, 'store'), { clock: hasty, log })
  await expect(second).rejects.toMatchObject({ code: 'store-failed' })
  expect(await count('nobody')).toBe(0)
})

test('closing twice is legal, and afterwards nothing is taken', async () => {
  const other = await ChdbStore.open(join(folder, 'other'), { clock: systemClock, log })
  await other[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await expect(other.insert({ table: 'Heartbeat', token: 'late', lines: lines({}) })).rejects.toThrow(StoreUnavailable)
})
