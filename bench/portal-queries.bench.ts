import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { compileKql } from '@tidemark/kql'
import { type QueryResponse, tablesFor } from '@tidemark/model'
import { openServer, serverSettings } from '@tidemark/server'
import { ChdbStore, DATABASE } from '@tidemark/server/testing'
import { pino } from 'pino'

import { fleetIn } from './fleet/state-folder.ts'
import { type Asked, askedByPages, type Opened } from './portal/asked.ts'
import { handWritten } from './portal/hand-written.ts'
import { isFull, isOnce, report } from './report.ts'

export const promise = 'The portal’s own queries answer in 500 ms (p95) on a fleet of 100,000 machines'

/** A fleet that was made before (bench/fleet/make.ts), to be measured again; its rows stay. */
const made = process.env['TIDEMARK_FLEET']
const scale = isOnce ? 0.0002 : isFull ? 1 : 0.01
const rounds = Number(process.env['TIDEMARK_ROUNDS'] ?? (isOnce ? 1 : 5))
const log = pino({ level: 'silent' })
const folder = made ?? mkdtempSync(join(tmpdir(), 'tidemark-bench-portal-'))
try {
  if (made === undefined) await fleetIn(folder, { scale, nowMs: Date.now() }, () => undefined)
  const settings = serverSettings.parse({ stateFolder: folder, port: 0 })
  const life = { clock: systemClock, log, signal: new AbortController().signal }
  const server = await openServer(settings, life)
  const token = readFileSync(server.readerTokenFile, 'utf8').trim()
  const ask = async (query: string): Promise<QueryResponse['tables'][number]> => {
    const answer = await fetch(`${server.url}/v1/workspaces/${server.workspaceId}/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    if (!answer.ok) throw new Error(`${await answer.text()}\n${query}`)
    const { tables }: QueryResponse = JSON.parse(await answer.text())
    const [table] = tables
    if (table === undefined) throw new Error(`no table for ${query}`)
    return table
  }
  const { opened, nowMs } = await openedThings(ask)
  const asked = askedByPages(opened, nowMs)
  const took = new Map<Asked, number[]>(asked.map((one) => [one, []]))
  for (let round = 0; round < rounds; round += 1)
    for (const one of asked) {
      const startedMs = performance.now()
      await ask(one.kql)
      took.get(one)?.push(performance.now() - startedMs)
    }
  const peakMib = storeMemoryMib()
  const recoveryMs = await recovered(server.url)
  await server[Symbol.asyncDispose]()
  await reportAll({ took, recoveryMs, peakMib, workspaceId: server.workspaceId, nowMs, opened })
} finally {
  if (made === undefined) rmSync(folder, { recursive: true, force: true })
}

/** A change of an operation, and the moment that the fleet is looked at: a second after its last change. */
async function openedThings(
  ask: (query: string) => Promise<QueryResponse['tables'][number]>,
): Promise<{ opened: Opened; nowMs: number }> {
  const { columns, rows } = await ask(
    'ConfigurationChange | where isnotempty(OperationId) and ConfigChangeType == "Files" and ChangeCategory == "Modified" | top 1 by TimeGenerated desc',
  )
  const change = Object.fromEntries(columns.map(({ name }, index) => [name, rows[0]?.[index] ?? null]))
  const nowMs =
    Date.parse(String((await ask('ConfigurationChange | summarize max(TimeGenerated)')).rows[0]?.[0])) + 1_000
  const [operation, machine] = [String(change['OperationId']), String(change['Computer'])]
  const items = await ask(
    'TidemarkInventory | where ConfigDataType == "Software" | take 1 | project SoftwareName, CurrentVersion, Computer',
  )
  const [packageName = '', packageVersion = '', holder = ''] = (items.rows[0] ?? []).map(String)
  return { opened: { change, operation, machine, packageName, packageVersion, holder }, nowMs }
}

/** From the end of the store's process by SIGKILL until a query is answered again, in milliseconds. */
async function recovered(url: string): Promise<number> {
  const startedMs = performance.now()
  const killed = storePid()
  process.kill(killed, 'SIGKILL')
  // The first answers may still come from before the server knows.
  while (storePid() === killed || storePid() === 0) await systemClock.sleep(5)
  while ((await fetch(`${url}/healthz`)).status !== 200) await systemClock.sleep(20)
  return performance.now() - startedMs
}

function storePid(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')[0])
}

/** The most memory that the store's process had, proc_pid_status(5). */
function storeMemoryMib(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${storePid()}/status`, 'utf8'))?.[1]) / 1_024
}

interface Measured {
  readonly took: ReadonlyMap<Asked, readonly number[]>
  readonly recoveryMs: number
  readonly peakMib: number
  readonly workspaceId: string
  readonly nowMs: number
  readonly opened: Opened
}

async function reportAll({ took, recoveryMs, peakMib, workspaceId, nowMs, opened }: Measured): Promise<void> {
  const store = await ChdbStore.open(join(folder, 'clickhouse'), { clock: systemClock, log })
  const select = async (sql: string, parameters: Readonly<Record<string, unknown>> = {}) =>
    await store.select({ sql, parameters, timeMsMax: 180_000 })
  const sizes = await select(
    `SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE database = '${DATABASE}' AND active GROUP BY table`,
  )
  const rowsOf = (table: string): number => Number(sizes.find(([name]) => name === table)?.[1] ?? 0)
  const bytesEach = (table: string): number =>
    Number(sizes.find(([name]) => name === table)?.[2] ?? 0) / Math.max(1, rowsOf(table))
  const ratios = await ratiosOf(select, { workspaceId, nowMs, opened })
  await store[Symbol.asyncDispose]()
  const all = [...took.values()].flat()
  const slowest = [...took].map(([one, ms]) => ({ ...one, ms: at(ms, 0.5) })).sort((one, other) => other.ms - one.ms)
  const bytes = bytesBelow(join(folder, 'clickhouse'))
  report(
    promise,
    [
      { what: 'changes', value: rowsOf('ConfigurationChange'), unit: 'rows' },
      { what: 'inventory', value: rowsOf('ConfigurationData'), unit: 'rows' },
      { what: `a query of the portal over HTTP, p50 of ${took.size} queries`, value: at(all, 0.5), unit: 'ms' },
      { what: 'the same, p95', value: at(all, 0.95), unit: 'ms' },
      { what: 'queries whose median is above 500 ms', value: slowest.filter(({ ms }) => ms > 500).length, unit: '' },
      ...slowest
        .slice(0, 8)
        .map(({ page, what, ms }) => ({ what: `slow: ${page}: ${what}, median`, value: ms, unit: 'ms' })),
      { what: 'KQL ÷ SQL by hand, median of ratios', value: at(ratios, 0.5), unit: '' },
      { what: 'KQL ÷ SQL by hand, the worst', value: Math.max(...ratios), unit: '' },
      { what: 'a stored change', value: bytesEach('ConfigurationChange'), unit: 'bytes' },
      { what: 'a stored row of inventory', value: bytesEach('ConfigurationData'), unit: 'bytes' },
      { what: 'the whole store', value: bytes / 1e9, unit: 'GB' },
      { what: 'from kill -9 of the store to its next answer', value: recoveryMs, unit: 'ms' },
      { what: 'memory of the store meanwhile, at most', value: peakMib, unit: 'MiB' },
    ],
    { queries: slowest.map(({ page, what, ms }) => ({ page, what, medianMs: Math.round(ms) })) },
  )
}

/** How many times as long as SQL by hand the same question takes in KQL: the least time of each. */
async function ratiosOf(
  select: (sql: string, parameters?: Readonly<Record<string, unknown>>) => Promise<unknown[][]>,
  { workspaceId, nowMs, opened }: Pick<Measured, 'workspaceId' | 'nowMs' | 'opened'>,
): Promise<number[]> {
  const ratios: number[] = []
  for (const { kql, sql } of handWritten({ workspaceId, nowMs, machine: opened.machine })) {
    const compiled = compileKql(kql, {
      tables: tablesFor(kql),
      scope: [{ column: 'TenantId', anyOf: [workspaceId] }],
      nowMs,
      rowsMax: 500_000,
      storedAt: (table) => ({ database: DATABASE, table }),
    })
    if (compiled.kind === 'rejected') throw new Error(JSON.stringify(compiled.problems))
    const bound = Object.fromEntries(Object.entries(compiled.parameters).map(([name, { value }]) => [name, value]))
    const least = { kql: Infinity, sql: Infinity }
    for (let round = 0; round < rounds * 2; round += 1)
      for (const way of ['kql', 'sql'] as const) {
        const startedMs = performance.now()
        await (way === 'kql' ? select(compiled.sql, bound) : select(sql))
        least[way] = Math.min(least[way], performance.now() - startedMs)
      }
    ratios.push(least.kql / least.sql)
  }
  return ratios
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function bytesBelow(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
