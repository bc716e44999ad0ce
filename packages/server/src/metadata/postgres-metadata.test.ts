// Goal: what was answered is there, once, whatever PostgreSQL does meanwhile. Method: a PostgreSQL of the test's own, which is
// ended like by a crash while writers of two servers are busy. It found that
// `pg_xact_status` in place of marks loses changes: a number that a crash took with it is given out again.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { newUuid, systemClock } from '@tidemark/base'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { StoreUnavailable } from '../ports.ts'
import { noPostgres, ThrowawayPostgres } from '../testing/throwaway-postgres.ts'
import { describeMetadata } from './metadata.contract.ts'
import { PostgresMetadata } from './postgres-metadata.ts'
import { postgresMigrations } from './postgres-schema.ts'
import { SqliteMetadata } from './sqlite-metadata.ts'

const options = { clock: systemClock, log: pino({ level: 'silent' }) }
const open = async (url: string, patienceMs = 60_000) => await PostgresMetadata.open(url, { ...options, patienceMs })

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ''}`, () => {
  let postgres: ThrowawayPostgres
  beforeAll(async () => {
    postgres = await ThrowawayPostgres.start()
  }, 60_000)
  afterAll(async () => await postgres?.[Symbol.asyncDispose]())

  describeMetadata('PostgreSQL', async () => {
    const url = await postgres.newDatabase()
    // Several servers begin at once.
    const [metadata, another] = await Promise.all([open(url), open(url)])
    return {
      metadata,
      another,
      reopen: async () => {
        await metadata[Symbol.asyncDispose]()
        return await open(url)
      },
    }
  })

  test('the tables have the columns that they have in SQLite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-columns-'))
    const url = await postgres.newDatabase()
    await using metadata = await open(url)
    await using sqlite = new SqliteMetadata(join(folder, 'metadata.db'))
    const ofSqlite = await Promise.all([
      sqlite.all({
        compile: () => ({
          sql: "SELECT m.name AS t, p.name AS c, p.type = 'INTEGER' AS n, p.\"notnull\" OR p.pk > 0 AS r FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY 1, 2",
          parameters: [],
          query: { kind: 'RawNode', sqlFragments: [], parameters: [] },
          queryId: { queryId: 'columns' },
        }),
      }),
      metadata.all({
        compile: () => ({
          sql: "SELECT table_name AS t, column_name AS c, (data_type = 'bigint')::int AS n, (is_nullable = 'NO')::int AS r FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'tidemark_%' ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\"",
          parameters: [],
          query: { kind: 'RawNode', sqlFragments: [], parameters: [] },
          queryId: { queryId: 'columns' },
        }),
      }),
    ])
    expect(ofSqlite[1]).toEqual(ofSqlite[0])
    rmSync(folder, { recursive: true })
  })

  test('a database of a later version, and an address where none is, are refused', async () => {
    const url = await postgres.newDatabase()
    await (await open(url))[Symbol.asyncDispose]()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(`UPDATE tidemark_schema SET version = ${postgresMigrations.length + 1}`)
    await client.end()
    await expect(open(url)).rejects.toThrow('it was written by a later version of Tidemark')
    const nowhere = open(url.replace(/host=.*/, 'host=/nowhere'), 50)
    await expect(nowhere).rejects.toMatchObject({ name: 'ServerError', code: 'state-unusable' })
  })

  test('a database that stays away makes a request fail as one that may come again', async () => {
    const url = await postgres.newDatabase()
    await using metadata = await open(url, 100)
    const ask = async () => await metadata.all(metadata.build.selectFrom('setting').selectAll())
    expect(await ask()).toEqual([])
    await postgres.restart(async () => {
      await expect(ask()).rejects.toThrow(StoreUnavailable)
      await expect(
        metadata.together(async (within) => await within.all(within.build.selectFrom('setting').selectAll())),
      ).rejects.toThrow(StoreUnavailable)
    })
    await using patient = await open(url)
    expect(await patient.all(patient.build.selectFrom('setting').selectAll())).toEqual([])
  }, 60_000)

  test('restarted in the middle: nothing is lost, nothing is twice', async () => {
    const url = await postgres.newDatabase()
    await using one = await open(url)
    await using other = await open(url)
    const servers = [one, other]
    await one.run(one.build.insertInto('setting').values({ name: 'count', value: '0' }))
    const answered: string[] = []
    let counted = 0
    const done = { restarts: 0 }
    const write = async (writer: number): Promise<void> => {
      const server = servers[writer % 2] ?? one
      while (done.restarts < 3) {
        const name = newUuid()
        await server.run(server.build.insertInto('setting').values({ name, value: String(writer) }))
        answered.push(name)
        await server.together(async (within) => {
          const question = within.build.selectFrom('setting').select('value').where('name', '=', 'count')
          const value = String(Number((await within.first(question))?.value) + 1)
          await within.run(within.build.updateTable('setting').set({ value }).where('name', '=', 'count'))
        })
        counted += 1
      }
    }
    const writing = Array.from({ length: 6 }, async (_, writer) => await write(writer))
    for (; done.restarts < 3; done.restarts += 1) {
      const wanted = answered.length + 30
      while (answered.length < wanted) await systemClock.sleep(5)
      await postgres.restart()
    }
    await Promise.all(writing)
    const rows = await one.all(one.build.selectFrom('setting').selectAll().where('name', '<>', 'count'))
    expect(rows.map(({ name }) => name).toSorted()).toEqual(answered.toSorted())
    const count = await one.first(one.build.selectFrom('setting').select('value').where('name', '=', 'count'))
    expect(count?.value).toBe(String(counted))
  }, 120_000)
})
