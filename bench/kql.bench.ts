import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { compileKql, type Parameter } from '@tidemark/kql'
import { tables } from '@tidemark/model'
import { DATABASE, schemaStatements } from '@tidemark/server/testing'
import { Session } from 'chdb'

import { type Pair, pairs } from './kql/pairs.ts'
import { type Figure, isFull, isOnce, report } from './report.ts'

export const promise = 'A KQL query takes at most 1.15 times the CPU of SQL that is written by hand'

// Both run in this process, one after the other, on the same rows; CPU time of all threads, the least of some rounds.
const rows = isOnce ? 20_000 : isFull ? 5_000_000 : 1_000_000
const rounds = isOnce ? 1 : 5
const nowMs = Date.UTC(2026, 6, 1)
const SETTINGS =
  "SETTINGS date_time_output_format = 'iso', output_format_json_quote_64bit_integers = 0, join_use_nulls = 1"

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-kql-'))
const session = new Session(folder)
try {
  fill()
  const measured = pairs.map((pair) => ({ pair, ...measure(pair) }))
  const ratios = measured.map(({ kqlMs, sqlMs }) => kqlMs / sqlMs)
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
  const total = (of: 'kqlMs' | 'sqlMs'): number => measured.reduce((sum, one) => sum + one[of], 0)
  const each = measured.map(({ pair, kqlMs, sqlMs }): Figure => ({
    what: `${pair.kql.slice(0, 90)} (${sqlMs.toFixed(1)} ms by hand)`,
    value: kqlMs / sqlMs,
    unit: 'times',
  }))
  report(promise, [
    {
      what: `CPU of all ${pairs.length} beside hand-written SQL, ${rows.toLocaleString('en-GB')} rows`,
      value: total('kqlMs') / total('sqlMs'),
      unit: 'times',
    },
    { what: 'geometric mean of the ratios', value: mean, unit: 'times' },
    { what: 'compile, mean of all', value: compileMs(), unit: 'ms' },
    ...each,
  ])
} finally {
  session.close()
  rmSync(folder, { recursive: true, force: true })
}

function fill(): void {
  for (const statement of schemaStatements()) session.query(statement)
  const columns = {
    TenantId: "'w'",
    Computer: "concat('web-', toString(number % 200))",
    TimeGenerated: `toDateTime64(${nowMs / 1_000} - number * ${15_552_000 / rows}, 7, 'UTC')`,
    ConfigChangeType: "['Files', 'Software', 'Daemons'][number % 3 + 1]",
    ChangeCategory: "['Added', 'Removed', 'Modified', 'Modified'][number % 4 + 1]",
    FileSystemPath:
      "if(number % 3 = 0, concat('/etc/app', toString(number % 97), '/conf', toString(number % 9973), '.conf'), '')",
    SoftwareName: "if(number % 3 = 1, concat('package-', toString(number % 307)), '')",
    SvcName: "if(number % 3 = 2, concat('daemon-', toString(number % 41)), '')",
    SvcState: "if(number % 3 = 2, ['Running', 'Stopped'][number % 2 + 1], '')",
    SvcStartupType: "'Auto'",
    Size: 'if(number % 3 = 0, number % 10007, NULL)',
    FileContentChecksum: "if(number % 3 = 0, lower(hex(SHA1(toString(number)))), '')",
  }
  session.query(
    `INSERT INTO ${DATABASE}.ConfigurationChange (${Object.keys(columns).join(', ')}) SELECT ${Object.values(columns).join(', ')} FROM numbers(${rows})`,
  )
  session.query(`OPTIMIZE TABLE ${DATABASE}.ConfigurationChange FINAL`)
}

function compiled(pair: Pair): { readonly sql: string; readonly parameters: Readonly<Record<string, Parameter>> } {
  const outcome = compileKql(pair.kql, {
    tables,
    scope: [{ column: 'TenantId', anyOf: ['w'] }],
    nowMs,
    rowsMax: 500_000,
    storedAt: (table) => ({ database: DATABASE, table }),
  })
  if (outcome.kind === 'rejected') throw new Error(`${pair.kql}: ${outcome.problems[0]?.message}`)
  return outcome
}

function measure(pair: Pair): { readonly kqlMs: number; readonly sqlMs: number } {
  const { sql, parameters } = compiled(pair)
  const values = Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]))
  const byHand = pair.sql
    .replaceAll('{t}', `${DATABASE}.ConfigurationChange`)
    .replaceAll('{w}', "TenantId = 'w'")
    .replaceAll('{now}', `toDateTime64(${nowMs / 1_000}, 7, 'UTC')`)
  const kql = (): string => session.queryBind(`${sql} ${SETTINGS}`, values, 'JSONCompactEachRow')
  const hand = (): string => session.query(`${byHand} ${SETTINGS}`, 'JSONCompactEachRow')
  const [one, other] = [linesIn(kql()), linesIn(hand())]
  if (one !== other) throw new Error(`${pair.kql}: ${one} rows, by hand ${other}`)
  let [kqlMs, sqlMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < rounds; round++) {
    kqlMs = Math.min(kqlMs, cpuMs(kql))
    sqlMs = Math.min(sqlMs, cpuMs(hand))
  }
  return { kqlMs, sqlMs }
}

function linesIn(answer: string): number {
  return answer.split('\n').filter(Boolean).length
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function compileMs(): number {
  const startedMs = performance.now()
  for (const pair of pairs) compiled(pair)
  return (performance.now() - startedMs) / pairs.length
}
