import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { compileKql, type KqlTable, timespanText } from '@tidemark/kql'
import { azureTables, type ColumnType, tables as ownTables } from '@tidemark/model'
import { Session } from 'chdb'
import { afterAll, beforeAll } from 'vitest'

/** Two small tables with every type, and the tables of the product. */
export const tables: Record<string, KqlTable> = {
  ...ownTables,
  T: {
    name: 'T',
    columns: [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'Computer', type: 'string' },
      { name: 'Size', type: 'long' },
      { name: 'Share', type: 'real' },
      { name: 'Text', type: 'string' },
      { name: 'Bag', type: 'dynamic' },
      { name: 'Flag', type: 'bool' },
    ],
  },
  U: {
    name: 'U',
    columns: [
      { name: 'Computer', type: 'string' },
      { name: 'Owner', type: 'string' },
    ],
  },
}
const nowMs = Date.UTC(2026, 0, 2)

const STORED: Readonly<Record<ColumnType, string>> = {
  bool: 'Nullable(Bool)',
  datetime: "Nullable(DateTime64(7, 'UTC'))",
  decimal: 'Nullable(Float64)',
  dynamic: 'String',
  guid: 'String',
  int: 'Nullable(Int64)',
  long: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  string: 'String',
  timespan: 'Nullable(Int64)',
}

const folder = mkdtempSync(join(tmpdir(), 'tidemark-kql-'))
let session: Session
beforeAll(() => {
  session = new Session(folder)
  session.query('CREATE DATABASE d')
  session.query(
    "CREATE TABLE d.T (TenantId String, TimeGenerated DateTime64(7, 'UTC'), Computer LowCardinality(String), Size Nullable(Int64), Share Nullable(Float64), Text String, Bag String, Flag Nullable(Bool)) ENGINE = MergeTree ORDER BY TimeGenerated",
  )
  session.query(
    'CREATE TABLE d.U (TenantId String, Computer String, Owner String) ENGINE = MergeTree ORDER BY Computer',
  )
  for (const { name, columns } of Object.values(ownTables)) {
    const definitions = columns.map((column) => `\`${column.name}\` ${STORED[column.type]}`)
    session.query(`CREATE TABLE d.\`${name}\` (${definitions.join(', ')}) ENGINE = Memory`)
    session.query(
      `INSERT INTO d.\`${name}\` (TenantId, TimeGenerated, Computer) VALUES ('w', '2026-01-01 12:00:00', 'web-1')`,
    )
  }
  session.query(`INSERT INTO d.T VALUES
    ('w', '2026-01-01 00:10:00.1234567', 'web-1', 10, 0.5, '/etc/ssh/sshd_config', '{"a":{"b":7},"l":[1,"x"]}', true),
    ('w', '2026-01-01 00:50:00', 'web-1', 20, NULL, 'nginx was upgraded', '', false),
    ('w', '2026-01-01 01:10:00', 'Web-2', NULL, 1.5, '', '', NULL),
    ('w', '2026-01-01 02:00:00', 'db', 7, 2.5, 'it''s a \\\\ "quote"', '"s"', true),
    ('other', '2026-01-01 02:00:00', 'foreign', 1, 1, 'x', '', true)`)
  session.query("INSERT INTO d.U VALUES ('w', 'web-1', 'ann'), ('w', 'web-1', 'bob'), ('w', 'lost', 'cy')")
})
afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The answer of a real store, as the server would tell it. Throws where the query is refused. */
export function ask(text: string): { names: string[]; rows: unknown[][] } {
  const compiled = compileKql(text, {
    tables,
    emptyTables: azureTables,
    scope: [{ column: 'TenantId', anyOf: ['w'] }],
    nowMs,
    rowsMax: 100,
    storedAt: (table) => ({ database: 'd', table }),
  })
  if (compiled.kind === 'rejected') throw new Error(compiled.problems.map(({ message }) => message).join('; '))
  const parameters = Object.fromEntries(Object.entries(compiled.parameters).map(([name, { value }]) => [name, value]))
  const settings =
    "SETTINGS date_time_output_format = 'iso', output_format_json_quote_64bit_integers = 0, output_format_json_quote_denormals = 0, join_use_nulls = 1"
  const lines = session.queryBind(`${compiled.sql} ${settings}`, parameters, 'JSONCompactEachRow')
  const rows = lines
    .split('\n')
    .filter(Boolean)
    .map((line): unknown[] => JSON.parse(line))
  const types = compiled.columns.map(({ type }) => type)
  return {
    names: compiled.columns.map(({ name }) => name),
    rows: rows.map((row) => row.map((cell, index) => told(cell, types[index]))),
  }
}

/** The store's booleans may be numbers, its timespans are ticks. */
function told(cell: unknown, type: string | undefined): unknown {
  if (cell === null) return null
  if (type === 'bool') return Boolean(cell)
  return type === 'timespan' ? timespanText(Number(cell)) : cell
}
