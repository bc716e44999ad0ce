import { compileKql } from '@tidemark/kql'
import { type ApiError, tables } from '@tidemark/model'

import { columnsOf, type FakeRow } from './fake-rows.ts'

/** What a query is answered with: a status and a body. */
export interface FakeAnswer {
  readonly status: number
  readonly body: unknown
}

const NOTHING = { anyOf: [] as string[] }

/**
 * Answers the queries that the pages send, over rows in memory. Every one goes through the real compiler first, so a
 * query that the server would refuse is refused here. It then looks for the few conditions that the pages write.
 */
export function answerQuery(
  text: string,
  store: { readonly changes: readonly FakeRow[]; readonly inventory: readonly FakeRow[] },
): FakeAnswer {
  const compiled = compileKql(text, {
    tables,
    scope: [{ column: 'TenantId', ...NOTHING }],
    nowMs: 0,
    rowsMax: 500_000,
    storedAt: (table) => ({ database: 'tidemark', table }),
  })
  if (compiled.kind === 'rejected') {
    const [problem] = compiled.problems
    const error: ApiError['error'] = {
      code: 'BadArgumentError',
      message: problem?.message ?? '',
      innererror: { problems: compiled.problems },
    }
    return { status: 400, body: { error } }
  }
  const isChange = text.startsWith('ConfigurationChange')
  const rows = (isChange ? store.changes : store.inventory).filter((row) => isMeant(row, text))
  if (text.includes('summarize Count')) return answerOf(['At', 'ConfigChangeType', 'Count'], counted(rows, text))
  if (text.includes('summarize Changes')) return answerOf([...ACCOUNTS, 'Changes'], accountsOf(rows))
  const names = compiled.columns.map(({ name }) => name)
  const found = isChange ? rows : newestOfEach(rows)
  return answerOf(
    names,
    found
      .slice(0, Number(/(?:take|top) (\d+)/.exec(text)?.[1] ?? 500_000))
      .map((row) => names.map((name) => (name === 'HasContent' ? hasContent(row) : (row[name] ?? null)))),
  )
}

function answerOf(names: readonly string[], rows: readonly (readonly unknown[])[]): FakeAnswer {
  const types = new Map(
    [...columnsOf('ConfigurationChange'), ...columnsOf('ConfigurationData')].map(({ name, type }) => [name, type]),
  )
  return {
    status: 200,
    body: {
      tables: [
        { name: 'PrimaryResult', columns: names.map((name) => ({ name, type: types.get(name) ?? 'string' })), rows },
      ],
    },
  }
}

function isMeant(row: FakeRow, text: string): boolean {
  const time = String(row['TimeGenerated'])
  const from = /TimeGenerated >= datetime\(([^)]*)\)/.exec(text)?.[1]
  const to = /TimeGenerated < datetime\(([^)]*)\)/.exec(text)?.[1]
  if ((from !== undefined && time < from) || (to !== undefined && time >= to)) return false
  // A step may ask for one of several: `where A == "x" or B == "x"`, `where isnotempty(A) or isnotempty(B)`.
  const steps = text.split('\n').filter((step) => step.startsWith('| where '))
  const isMet = (step: string, pattern: RegExp, test: (cell: unknown, literal: string) => boolean): boolean => {
    const found = [...step.matchAll(pattern)]
    return found.length === 0 || found.some(([, name = '', literal = '']) => test(row[name] ?? '', literal))
  }
  if (
    !steps.every((step) =>
      isMet(step, /(\w+) == ("(?:[^"\\]|\\.)*")/g, (cell, literal) => cell === JSON.parse(literal)),
    )
  )
    return false
  if (!steps.every((step) => isMet(step, /isnotempty\((\w+)\)/g, (cell) => cell !== ''))) return false
  const contained = [...text.matchAll(/(\w+) contains ("(?:[^"\\]|\\.)*")/g)]
  return (
    contained.length === 0 ||
    contained.some(([, name = '', literal = '""']) =>
      String(row[name] ?? '')
        .toLowerCase()
        .includes(String(JSON.parse(literal)).toLowerCase()),
    )
  )
}

const ACCOUNTS = ['InitiatingProcessAccountName', 'InitiatingProcessLoginName'] as const

function accountsOf(rows: readonly FakeRow[]): unknown[][] {
  const counts = Map.groupBy(rows, (row) => JSON.stringify(ACCOUNTS.map((name) => row[name] ?? '')))
  return [...counts].map(([names, group]) => [...JSON.parse(names), group.length])
}

function hasContent(row: FakeRow): boolean {
  return Boolean(row['FileContentBlobLink'] || row['PreviousFileContentBlobLink'])
}

function counted(rows: readonly FakeRow[], text: string): unknown[][] {
  const sizeMs = Number(/bin\(TimeGenerated, (\d+)s\)/.exec(text)?.[1]) * 1_000
  const counts = new Map<string, number>()
  for (const row of rows) {
    const start = Math.floor(Date.parse(String(row['TimeGenerated'])) / sizeMs) * sizeMs
    const key = `${new Date(start).toISOString()} ${String(row['ConfigChangeType'])}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].map(([key, count]) => [...key.split(' '), count])
}

function newestOfEach(rows: readonly FakeRow[]): FakeRow[] {
  const newest = new Map<string, FakeRow>()
  for (const row of rows) {
    const key = [row['Computer'], row['SoftwareName'], row['FileSystemPath'], row['SvcName']].join('\n')
    if (String(row['TimeGenerated']) > String(newest.get(key)?.['TimeGenerated'] ?? '')) newest.set(key, row)
  }
  return [...newest.values()]
}
