// Goal: a backup that was written while rows came in is a server again, or is refused with its reason; rows go when they are
// too old and not before.
// Method: a real server whose store takes rows all the time, backups of it, and damage done to them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ChdbStore } from '../clickhouse/chdb.ts'
import { DATABASE } from '../clickhouse/layout.ts'
import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { writeBackup } from './backup.ts'
import { restoreBackup } from './restore.ts'

const options = { clock: systemClock, log: pino({ level: 'silent' }) }
const timeMsMax = 30_000
let folder: string
let store: ChdbStore
let metadata: SqliteMetadata
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-upkeep-'))
  metadata = new SqliteMetadata(join(folder, 'state', 'metadata.db'))
  await metadata.run(metadata.build.insertInto('setting').values({ name: 'workspace-id', value: 'w' }))
  writeFileSync(join(folder, 'state', 'admin.token'), 'tm_admin_x\n')
  store = await ChdbStore.open(join(folder, 'state', 'clickhouse'), options)
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await metadata[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const insert = async (token: string, rows: readonly object[]): Promise<void> => {
  const lines = rows.map((row) => JSON.stringify({ TenantId: 'w', ...row })).join('\n')
  await store.insert({ table: 'ConfigurationChange', token, lines })
}
const cell = async (of: ChdbStore, sql: string): Promise<unknown> =>
  (await of.select({ sql, parameters: {}, timeMsMax }))[0]?.[0]

describe('a backup', () => {
  const stateFolder = (): string => join(folder, 'state')
  const write = async (name: string): Promise<unknown> =>
    await writeBackup({ store, metadata, stateFolder: stateFolder() }, join(folder, name))

  test('of a store that takes rows is a state folder again, with each row once', async () => {
    const fed = { rows: 0, isOver: false }
    const feeding = (async () => {
      while (!fed.isOver) {
        await insert(`feed-${fed.rows}`, [
          { Computer: 'fed', TimeGenerated: '2026-01-01T00:00:00Z', _Arrival: fed.rows },
        ])
        fed.rows += 1
      }
    })()
    while (fed.rows < 3) await systemClock.sleep(5)
    const before = fed.rows
    expect(await write('good')).toMatchObject({ folder: join(folder, 'good'), hasContents: false })
    const after = fed.rows + 1
    fed.isOver = true
    await feeding
    await restoreBackup({ from: join(folder, 'good'), stateFolder: join(folder, 'again') }, options)
    await using again = await ChdbStore.open(join(folder, 'again', 'clickhouse'), options)
    const rows = Number(await cell(again, `SELECT count() FROM ${DATABASE}.ConfigurationChange`))
    expect(rows).toBeGreaterThanOrEqual(before)
    expect(rows).toBeLessThanOrEqual(after)
    expect(await cell(again, `SELECT uniqExact(_Arrival) FROM ${DATABASE}.ConfigurationChange`)).toBe(rows)
    // Tables are copied one after the other: what was derived from later rows must not count twice afterwards.
    expect(await cell(again, `SELECT sum(Count) FROM ${DATABASE}.TidemarkChangeHour`)).toBe(rows)
    expect(readFileSync(join(folder, 'again', 'admin.token'), 'utf8')).toBe('tm_admin_x\n')
    await using restored = new SqliteMetadata(join(folder, 'again', 'metadata.db'))
    expect(await restored.all(restored.build.selectFrom('setting').selectAll())).toEqual([
      { name: 'workspace-id', value: 'w' },
    ])
  }, 120_000)

  test('is written to no folder that has something in it, and restored to none', async () => {
    expect(await write('state')).toBe('something is in there already')
    const restoring = restoreBackup({ from: join(folder, 'good'), stateFolder: stateFolder() }, options)
    await expect(restoring).rejects.toMatchObject({
      code: 'backup-unusable',
      message: `${stateFolder()} cannot be restored to: something is in there already; take a new folder`,
    })
  })

  test.each([
    ['was cut off', 'manifest.json', '', 'is damaged'],
    ['lost a byte', 'metadata.db', 'x', 'metadata.db is not what was backed up: it is damaged or gone'],
    ['is of a later version', 'manifest.json', '{"store":99', 'was written by the later version 0.1.0 of Tidemark'],
  ])('that %s is refused, and nothing is written', async (_what, file, text, message) => {
    const path = join(folder, 'good', file)
    const whole = readFileSync(path)
    const later = whole.toString().replace(/\{\s*"store": \d+/, '{"store": 99')
    writeFileSync(path, text.startsWith('{') ? later : text)
    const stateless = join(folder, 'nothing')
    await expect(restoreBackup({ from: join(folder, 'good'), stateFolder: stateless }, options)).rejects.toThrow(
      message,
    )
    expect(() => readFileSync(stateless)).toThrow('ENOENT')
    writeFileSync(path, whole)
  })
})

describe('retention', () => {
  const gone = async (sql: string): Promise<void> => {
    while (Number(await cell(store, sql)) > 0) await systemClock.sleep(50)
  }

  test('is for ever at first; rows of old dates go with what was derived of them, others stay', async () => {
    expect(await store.retention()).toMatchObject({ ConfigurationChange: null, Heartbeat: null })
    const now = new Date().toISOString()
    await insert('ages', [
      { Computer: 'old', TimeGenerated: '2001-02-03T04:05:06Z' },
      { Computer: 'ancient', TimeGenerated: '1901-02-03T04:05:06Z' },
      { Computer: 'now', TimeGenerated: now },
      { Computer: 'later', TimeGenerated: '2250-01-01T00:00:00Z' },
    ])
    await store.retain({ ConfigurationChange: 40 })
    for (const table of ['ConfigurationChange', 'TidemarkChangeHour'])
      await gone(`SELECT count() FROM ${DATABASE}.${table} WHERE Computer IN ('old', 'ancient')`)
    const left = `SELECT count() FROM ${DATABASE}.ConfigurationChange WHERE Computer IN ('now', 'later')`
    expect(await cell(store, left)).toBe(2)
    expect(await store.retention()).toMatchObject({ ConfigurationChange: 40, ConfigurationData: null })
    await store.retain({ ConfigurationChange: null, Heartbeat: 30 })
    expect(await store.retention()).toMatchObject({ ConfigurationChange: null, Heartbeat: 30 })
    await insert('after', [{ Computer: 'old', TimeGenerated: '2001-02-03T04:05:06Z' }])
    expect(await cell(store, `SELECT count() FROM ${DATABASE}.ConfigurationChange WHERE Computer = 'old'`)).toBe(1)
  }, 60_000)
})
