import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '@tidemark/base'
import { compileKql } from '@tidemark/kql'
import { type ApiError, type QueryResponse, type TableName, tables, tablesFor } from '@tidemark/model'
import { ChdbStore, DATABASE, StoreRefused } from '@tidemark/server/testing'
import { pino } from 'pino'

import type { FakeRow } from './fake-rows.ts'

/** What a query is answered with: a status and a body. */
export interface FakeAnswer {
  readonly status: number
  readonly body: unknown
}

/** Rows by the table that they belong to; tables that are left out are empty. */
export type FakeTables = { readonly [Name in TableName]?: readonly FakeRow[] }

/**
 * A real chDB in a folder that goes with it. Each set of tables is a workspace of its own, written when it is asked for
 * first, so that tests share one process and see nothing of each other.
 */
export class FakeStore implements AsyncDisposable {
  readonly #folder: string
  readonly #store: ChdbStore
  #written: { readonly key: readonly unknown[]; readonly workspace: Promise<string> } | undefined
  #lastWorkspace = 0

  private constructor(folder: string, store: ChdbStore) {
    this.#folder = folder
    this.#store = store
  }

  static async open(): Promise<FakeStore> {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-portal-'))
    return new FakeStore(folder, await ChdbStore.open(folder, { clock: systemClock, log: pino({ level: 'silent' }) }))
  }

  /** Compiles and runs a query over these tables, as the server does. */
  async answer(text: string, over: FakeTables): Promise<FakeAnswer> {
    const workspace = await this.#workspaceOf(over)
    const compiled = compileKql(text, {
      tables: tablesFor(text),
      scope: [{ column: 'TenantId', anyOf: [workspace] }],
      nowMs: Date.now(),
      rowsMax: 500_000,
      storedAt: (table) => ({ database: DATABASE, table }),
    })
    if (compiled.kind === 'rejected') {
      const { problems } = compiled
      return refused('BadArgumentError', problems[0]?.message ?? '', { problems })
    }
    const parameters = Object.fromEntries(Object.entries(compiled.parameters).map(([name, { value }]) => [name, value]))
    try {
      const rows = await this.#store.select({ sql: compiled.sql, parameters, timeMsMax: 60_000 })
      const body: QueryResponse = {
        tables: [{ name: 'PrimaryResult', columns: compiled.columns, rows: rows.map(cellsOf(compiled.columns)) }],
      }
      return { status: 200, body }
    } catch (error) {
      if (!(error instanceof StoreRefused)) throw error
      return refused('SemanticError', `${error.message} in ${compiled.sql}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #workspaceOf(over: FakeTables): Promise<string> {
    const key = Object.values(over)
    const last = this.#written
    if (last?.key.length === key.length && key.every((rows, index) => rows === last.key[index]))
      return await last.workspace
    this.#lastWorkspace += 1
    const workspace = this.#write(`workspace-${this.#lastWorkspace}`, over)
    this.#written = { key, workspace }
    return await workspace
  }

  async #write(workspace: string, over: FakeTables): Promise<string> {
    const names = Object.keys(over).filter((name): name is TableName => Object.hasOwn(tables, name))
    for (const table of names) {
      const lines = (over[table] ?? []).map((row) => JSON.stringify({ ...row, TenantId: workspace, Type: table }))
      if (lines.length > 0) await this.#store.insert({ table, token: `${workspace} ${table}`, lines: lines.join('\n') })
    }
    return workspace
  }
}

function refused(code: string, message: string, innererror?: unknown): FakeAnswer {
  const error: ApiError['error'] = { code, message, ...(innererror === undefined ? {} : { innererror }) }
  return { status: 400, body: { error } }
}

function cellsOf(
  columns: readonly { readonly type: string }[],
): (row: readonly unknown[]) => QueryResponse['tables'][number]['rows'][number] {
  return (row) =>
    columns.map(({ type }, index) => {
      const cell = row[index] ?? null
      if (type === 'bool' && cell !== null) return Boolean(cell)
      if (type === 'dynamic')
        return cell === '' || cell === null ? null : typeof cell === 'string' ? cell : JSON.stringify(cell)
      return typeof cell === 'number' || typeof cell === 'boolean' || cell === null
        ? cell
        : typeof cell === 'string'
          ? cell
          : JSON.stringify(cell)
    })
}
