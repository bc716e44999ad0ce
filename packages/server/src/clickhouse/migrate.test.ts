// Goal: a store that any earlier version left is what a fresh one is, with all its rows, wherever the way there was cut off.
// Method: schemas of earlier versions as text, with rows in them, brought up to date in the real chDB, which may be stopped
// before any statement; then every table's definition is compared with that of a fresh store.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Session } from 'chdb'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { countItems } from './derived.ts'
import { bringUpToDate, type OpeningStore, SCHEMA_VERSION } from './migrate.ts'

let folder: string
let session: Session
let store: OpeningStore
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-migrate-'))
  session = new Session(folder)
  store = {
    run: (sql) => void session.query(sql),
    rows: (sql) =>
      session
        .query(sql, 'JSONCompactStringsEachRow')
        .split('\n')
        .filter(Boolean)
        .map((line): string[] => JSON.parse(line)),
  }
})
afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true, force: true })
})

const noWords = (): void => undefined
const empty = (): void => store.run('DROP DATABASE IF EXISTS tidemark SYNC')
const cell = (sql: string): string | undefined => store.rows(sql)[0]?.[0]

/** What is in the database: tables with their columns, orders and indexes, in whatever order columns were added. */
function present(): unknown {
  const tables = store.rows(
    "SELECT name, engine, sorting_key, partition_key, extract(engine_full, 'SETTINGS.*') FROM system.tables WHERE database = 'tidemark' ORDER BY name",
  )
  const columns = store.rows(
    "SELECT table, name, type, compression_codec, default_expression FROM system.columns WHERE database = 'tidemark' ORDER BY table, name",
  )
  const indexes = store.rows(
    "SELECT table, name, type_full, expr, granularity FROM system.data_skipping_indices WHERE database = 'tidemark' ORDER BY table, name",
  )
  return { tables, columns, indexes }
}

function makeOld(version: string): void {
  empty()
  const text = readFileSync(new URL(`fixtures/schema-${version}.sql`, import.meta.url), 'utf8')
  for (const statement of text.split(';\n').filter((one) => one.trim() !== '')) store.run(statement)
  store.run(
    `INSERT INTO tidemark.ConfigurationChange (TenantId, TimeGenerated, Computer, ConfigChangeType, ChangeCategory) SELECT 'w', addHours(toDateTime64('2026-01-01 00:00:00', 7, 'UTC'), number), concat('m', toString(number % 3)), 'Files', 'Added' FROM numbers(2000)`,
  )
  for (const day of [1, 2])
    store.run(
      `INSERT INTO tidemark.ConfigurationData (TenantId, TimeGenerated, Computer, ConfigDataType, SoftwareName, CurrentVersion) SELECT 'w', toDateTime64('2026-01-0${day} 00:00:00', 7, 'UTC'), concat('m', toString(number % 2)), 'Software', concat('p', toString(intDiv(number, 2))), '${day}' FROM numbers(${10 - day})`,
    )
  store.run(
    `INSERT INTO tidemark.Heartbeat (TenantId, TimeGenerated, Computer, _ResourceId, Version) SELECT 'w', addMinutes(toDateTime64('2026-01-01 00:00:00', 7, 'UTC'), number), 'm0', '/m0', toString(number) FROM numbers(5)`,
  )
}

function expectAllRows(): void {
  expect(cell('SELECT count() FROM tidemark.ConfigurationChange')).toBe('2000')
  expect(cell('SELECT sum(Count) FROM tidemark.TidemarkChangeHour')).toBe('2000')
  expect(
    store.rows(
      'SELECT Computer, count(), min(CurrentVersion), max(CurrentVersion) FROM tidemark.TidemarkInventory GROUP BY Computer ORDER BY Computer',
    ),
  ).toEqual([
    ['m0', '4', '2', '2'],
    ['m1', '4', '2', '2'],
  ])
  store.run('TRUNCATE TABLE tidemark.TidemarkItem')
  store.run(countItems('TidemarkItem'))
  expect(store.rows('SELECT SoftwareName, CurrentVersion, Machines FROM tidemark.TidemarkItem ORDER BY 1')).toEqual(
    ['p0', 'p1', 'p2', 'p3'].map((name) => [name, '2', '2']),
  )
  expect(cell('SELECT argMax(Version, TimeGenerated) FROM tidemark.heartbeat_latest')).toBe('4')
}

test.each(['first', '0.1.0'])(
  'a store of version %s becomes what a fresh one is, with its rows',
  (version) => {
    empty()
    bringUpToDate(store, noWords)
    const fresh = present()
    makeOld(version)
    const told: string[] = []
    bringUpToDate(store, (step) => void told.push(step))
    expect(present()).toEqual(fresh)
    expectAllRows()
    expect(told).toContain('rows of ConfigurationChange of 202601 are put into the order of time')
    // The second start has nothing to do.
    bringUpToDate(store, () => expect.unreachable('nothing is left to do'))
    expectAllRows()
  },
  60_000,
)

test('cut off before any statement, the next start ends the work', () => {
  makeOld('0.1.0')
  const cutting = (left: { count: number }): OpeningStore => ({
    rows: (sql) => store.rows(sql),
    run: (sql) => {
      left.count -= 1
      if (left.count < 0) throw new Error('cut off')
      store.run(sql)
    },
  })
  let tries = 0
  for (let count = 4; ; count += 9) {
    tries += 1
    try {
      bringUpToDate(cutting({ count }), noWords)
      break
    } catch (error) {
      expect(error).toMatchObject({ message: 'cut off' })
    }
  }
  expect(tries).toBeGreaterThan(2)
  expectAllRows()
}, 60_000)

test('what an insert that was cut off did not derive is derived at the next start, once', () => {
  empty()
  bringUpToDate(store, noWords)
  const add = (arrival: number): void =>
    store.run(
      `INSERT INTO tidemark.ConfigurationChange (TenantId, TimeGenerated, Computer, _Arrival) VALUES ('w', '2026-01-01 00:00:00', 'm', ${arrival})`,
    )
  add(1)
  store.run('DETACH TABLE tidemark.TidemarkChangeHour_filled')
  add(2)
  store.run('ATTACH TABLE tidemark.TidemarkChangeHour_filled')
  for (let start = 0; start < 2; start += 1) bringUpToDate(store, noWords)
  add(3)
  expect(cell('SELECT sum(Count) FROM tidemark.TidemarkChangeHour')).toBe('3')
})

test('a store of a later version is left alone', () => {
  store.run(`INSERT INTO tidemark.schema_version VALUES (${SCHEMA_VERSION + 1}, now())`)
  const before = present()
  expect(() => bringUpToDate(store, noWords)).toThrow(
    'written by a later version of Tidemark (schema 3, known up to 2)',
  )
  expect(present()).toEqual(before)
})
