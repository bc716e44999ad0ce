import { query as askClickhouse } from 'chdb'
import { describe, expect, test } from 'vitest'

import { clusterStatements } from './cluster-schema.ts'
import { schemaStatements } from './schema.ts'

describe('the schema of a cluster', () => {
  const statements = clusterStatements('blue')

  test('is ClickHouse’s SQL, on every server, and nothing of it is of one node', () => {
    for (const statement of statements) {
      expect(statement).toContain('ON CLUSTER `blue`')
      expect(statement).not.toMatch(/non_replicated|fsync/)
      expect(askClickhouse(`EXPLAIN AST ${statement}`, 'TabSeparated').length).toBeGreaterThan(0)
    }
  })

  test('has each table once as a replicated one and once over all shards', () => {
    const tables = schemaStatements().flatMap(
      (one) => /^CREATE TABLE IF NOT EXISTS tidemark\.`(\w+)`/.exec(one)?.[1] ?? [],
    )
    expect(tables.length).toBeGreaterThan(3)
    for (const name of tables) {
      const local = statements.filter((one) => one.startsWith(`CREATE TABLE IF NOT EXISTS tidemark_local.\`${name}\` `))
      const all = statements.filter((one) => one.startsWith(`CREATE TABLE IF NOT EXISTS tidemark.\`${name}\` `))
      expect([local.length, all.length]).toEqual([1, 1])
      expect(local[0]).toContain(
        `ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/tidemark_local/${name}', '{replica}') PARTITION BY`,
      )
      expect(all[0]).toMatch(/ENGINE = Distributed\(`blue`, tidemark_local, `\w+`, cityHash64\(_Sender\)\)$/)
    }
  })
})

test.each([
  [
    'CREATE TABLE IF NOT EXISTS tidemark.`t` (`a` Int64 CODEC(ZSTD(1))) ENGINE = ReplacingMergeTree(a) ORDER BY a SETTINGS fsync_after_insert = 1, index_granularity = 1024',
    [
      "CREATE TABLE IF NOT EXISTS tidemark_local.`t` ON CLUSTER `c` (`a` Int64 CODEC(ZSTD(1))) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/tidemark_local/t', '{replica}', a) ORDER BY a SETTINGS index_granularity = 1024",
      'CREATE TABLE IF NOT EXISTS tidemark.`t` ON CLUSTER `c` AS tidemark_local.`t` ENGINE = Distributed(`c`, tidemark_local, `t`)',
    ],
  ],
  [
    'CREATE MATERIALIZED VIEW IF NOT EXISTS tidemark.`v` TO tidemark.`t` AS SELECT a FROM tidemark.`s`',
    [
      'CREATE MATERIALIZED VIEW IF NOT EXISTS tidemark_local.`v` ON CLUSTER `c` TO tidemark_local.`t` AS SELECT a FROM tidemark_local.`s`',
    ],
  ],
  [
    'CREATE OR REPLACE VIEW tidemark.v AS SELECT a FROM tidemark.t',
    ['CREATE OR REPLACE VIEW tidemark.v ON CLUSTER `c` AS SELECT a FROM tidemark.t'],
  ],
  [
    'ALTER TABLE tidemark.`t` ADD COLUMN IF NOT EXISTS `b` Int64 CODEC(Delta, ZSTD(1))',
    [
      'ALTER TABLE tidemark_local.`t` ON CLUSTER `c` ADD COLUMN IF NOT EXISTS `b` Int64 CODEC(Delta, ZSTD(1))',
      'ALTER TABLE tidemark.`t` ON CLUSTER `c` ADD COLUMN IF NOT EXISTS `b` Int64',
    ],
  ],
  [
    'ALTER TABLE tidemark.`t` ADD INDEX IF NOT EXISTS i a TYPE minmax GRANULARITY 1',
    ['ALTER TABLE tidemark_local.`t` ON CLUSTER `c` ADD INDEX IF NOT EXISTS i a TYPE minmax GRANULARITY 1'],
  ],
])('%s', (statement, expected) => {
  const [, ...found] = clusterStatements('c', [statement])
  expect(found).toEqual(expected)
  for (const one of found) expect(askClickhouse(`EXPLAIN AST ${one}`, 'TabSeparated').length).toBeGreaterThan(0)
})

test('a statement that it does not know keeps the server from starting', () => {
  expect(() => clusterStatements('c', ['DROP TABLE tidemark.t'])).toThrow(
    'no cluster knows what to do with: DROP TABLE',
  )
})
