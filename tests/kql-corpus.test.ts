import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Clock, systemClock } from '@tidemark/base'
import { openServer, type Server, serverSettings } from '@tidemark/server'
import { ChdbStore } from '@tidemark/server/testing'
import type { QueryResponse } from '@tidemark/model'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { changeQueries } from './kql/corpus/changes.ts'
import { heartbeatQueries } from './kql/corpus/heartbeats.ts'
import { inventoryQueries } from './kql/corpus/inventory.ts'
import { languageQueries } from './kql/corpus/language.ts'
import { makeWorld, type Published, type StoredRow } from './kql/corpus/world.ts'

// Goal: what people publish for change tracking, inventory and heartbeats is answered as it is meant. Method: a real
// server with its own schema, a week of rows of four machines, each query over HTTP; most answers are calculated a second
// time from the rows, by hand and without SQL, the others have to have the right columns, or to be refused as is said.

const nowMs = Date.UTC(2026, 2, 10, 12)
const world = makeWorld(nowMs)
const clock: Clock = {
  nowMs: () => nowMs,
  monotonicMs: () => systemClock.monotonicMs(),
  sleep: async (ms, signal) => await systemClock.sleep(ms, signal),
}
const log = pino({ level: 'silent' })

let stateFolder: string
let server: Server
let token: string

const start = async (): Promise<Server> =>
  await openServer(serverSettings.parse({ stateFolder, port: 0 }), { clock, log, signal: new AbortController().signal })

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'tidemark-corpus-'))
  // The first start makes the workspace that the rows belong to.
  const first = await start()
  const { workspaceId } = first
  await first[Symbol.asyncDispose]()
  const store = await ChdbStore.open(join(stateFolder, 'clickhouse'), { clock: systemClock, log })
  const lines = (rows: readonly StoredRow[]): string =>
    rows.map((row) => JSON.stringify({ ...row, TenantId: workspaceId })).join('\n')
  await store.insert({ table: 'ConfigurationChange', token: '', lines: lines(world.changes) })
  await store.insert({ table: 'ConfigurationData', token: '', lines: lines(world.inventory) })
  await store.insert({ table: 'Heartbeat', token: '', lines: lines(world.beats) })
  await store[Symbol.asyncDispose]()
  server = await start()
  token = (await readFile(server.adminTokenFile, 'utf8')).trim()
}, 120_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(stateFolder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly body: QueryResponse & {
    readonly hints?: readonly { readonly code: string }[]
    readonly error?: {
      readonly innererror?: { readonly problems: readonly { code: string; message: string; line: number }[] }
    }
  }
}

async function ask(query: string): Promise<Answer> {
  const answer = await fetch(`${server.url}/v1/workspaces/${server.workspaceId}/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

const published: readonly Published[] = [...changeQueries, ...inventoryQueries, ...heartbeatQueries, ...languageQueries]

test('the corpus is large, and most of its answers are calculated twice', () => {
  expect(published.length).toBeGreaterThanOrEqual(140)
  expect(new Set(published.map(({ text }) => text)).size).toBe(published.length)
  expect(published.filter(({ rows }) => rows !== undefined).length).toBeGreaterThan(published.length / 2)
  expect(published.every(({ rows, columns, refused }) => (rows ?? columns ?? refused) !== undefined)).toBe(true)
})

test.each(published.map((one) => [one.text.replaceAll(/\s+/g, ' ').slice(0, 120), one] as const))(
  '%s',
  async (_, one) => {
    const { status, body } = await ask(one.text)
    if (one.refused) {
      const [code, message] = one.refused
      const [problem] = body.error?.innererror?.problems ?? []
      expect(status).toBe(400)
      expect(problem).toMatchObject({ code, message: expect.stringContaining(message), line: expect.any(Number) })
      return
    }
    expect({ status, error: body.error }).toEqual({ status: 200, error: undefined })
    const [table] = body.tables
    if (one.columns !== undefined)
      expect(table?.columns.map(({ name, type }) => `${name}:${type}`).join(' ')).toBe(one.columns)
    if (one.rows) {
      const [told, expected] = [table?.rows ?? [], one.rows(world)]
      expect(one.isOrdered ? told : sorted(told)).toEqual(one.isOrdered ? expected : sorted(expected))
    }
    expect((body.hints ?? []).map(({ code }) => code).filter((code) => one.hints?.includes(code) ?? true)).toEqual(
      one.hints ?? [],
    )
  },
)

function sorted(rows: readonly (readonly unknown[])[]): unknown[][] {
  return rows.map((row) => [...row]).toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}
