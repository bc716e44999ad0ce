// Goal: on a cluster, names of derived tables answer as the tables do that one server keeps. Method: the same rows in a store
// with derived tables and in one with a cluster's views, and the same questions to both.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { derivedTables } from '@tidemark/model'
import { Session } from 'chdb'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { clusterViews } from './cluster-views.ts'
import { countItems, REMADE } from './derived.ts'
import { schemaStatements } from './layout.ts'
import { bringUpToDate } from './migrate.ts'

let folder: string
let session: Session
const run = (sql: string): void => void session.query(sql)
const rows = (sql: string): string[] => session.query(sql, 'JSONCompactStringsEachRow').split('\n').filter(Boolean)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-views-'))
  session = new Session(folder)
})
afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true, force: true })
})

const questions: readonly string[] = [
  ...Object.values(derivedTables).map(({ name, columns: told }) => {
    const columns = told.map((column) => `toString(\`${column.name}\`)`)
    return `SELECT ${columns.join(', ')} FROM tidemark.${name} ORDER BY ALL`
  }),
  'SELECT _ResourceId, max(TimeGenerated), argMax(Version, TimeGenerated), argMax(RuleVersions, TimeGenerated) FROM tidemark.heartbeat_latest GROUP BY 1 ORDER BY ALL',
]

function addRows(): void {
  run(
    "INSERT INTO tidemark.ConfigurationChange (TenantId, TimeGenerated, Computer, ConfigChangeType, ChangeCategory, FileSystemPath, _Arrival) SELECT 'w', addMinutes(toDateTime64('1950-01-01 00:00:00', 7, 'UTC'), number * 17), concat('m', toString(number % 3)), 'Files', 'Added', concat('/etc/', toString(number % 5), '/x'), number FROM numbers(500)",
  )
  // Each machine loses an item with each of its snapshots.
  for (const day of [1, 2, 3])
    run(
      `INSERT INTO tidemark.ConfigurationData (TenantId, TimeGenerated, Computer, ConfigDataType, SoftwareName, CurrentVersion, _ResourceId) SELECT 'w', toDateTime64('2026-01-0${day} 00:00:00', 7, 'UTC'), concat('m', toString(number % 4)), 'Software', concat('p', toString(intDiv(number, 4))), '${day}', concat('/m', toString(number % 4)) FROM numbers(${40 - day * 4 - (day === 3 ? 2 : 0)})`,
    )
  run(
    `INSERT INTO tidemark.Heartbeat (TenantId, TimeGenerated, Computer, _ResourceId, Version, RuleVersions) SELECT 'w', addMinutes(toDateTime64('2026-01-01 00:00:00', 7, 'UTC'), number), 'm', concat('/m', toString(number % 2)), toString(number), concat('{"r":"', toString(number), '"}') FROM numbers(9)`,
  )
}

test('views of a cluster answer as the derived tables do, with all their columns', () => {
  bringUpToDate({ run, rows: (sql) => rows(sql).map((line): string[] => JSON.parse(line)) }, () => undefined)
  addRows()
  run(countItems('TidemarkItem'))
  const kept = questions.map(rows)
  for (const name of REMADE) run(`DROP TABLE IF EXISTS tidemark.\`${name}\` SYNC`)
  // Every server of a cluster says them at its start.
  for (let start = 0; start < 2; start += 1)
    for (const statement of [...schemaStatements(), ...clusterViews()]) run(statement)
  expect(questions.map(rows)).toEqual(kept)
  expect(kept.map((one) => one.length)).toEqual([expect.any(Number), 4, 26, 7, 2])
})
