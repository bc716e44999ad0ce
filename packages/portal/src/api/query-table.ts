import type { QueryProblem, QueryTable } from '@tidemark/model'

import { askQuery, RequestFailed } from './client.ts'

/** The first table of an answer as it came, and what the server says about it. */
export interface TableAnswer {
  readonly table: QueryTable
  readonly notice: string
}

/** Runs KQL for whoever wants columns with their types; `timespan` as the API takes it. */
export async function ask(
  text: string,
  asked: { readonly signal: AbortSignal; readonly timespan?: string },
): Promise<TableAnswer> {
  const { tables, error } = await askQuery(text, asked)
  return { table: tables[0] ?? { name: 'PrimaryResult', columns: [], rows: [] }, notice: error?.message ?? '' }
}

/** Where the mistakes of a query stand, as the server's refusal tells it; none where that was no refusal of a query. */
export function problemsIn(error: unknown): readonly QueryProblem[] {
  const inner = error instanceof RequestFailed ? error.inner : undefined
  if (typeof inner !== 'object' || inner === null || !('problems' in inner)) return []
  return Array.isArray(inner.problems) ? inner.problems.filter(isProblem) : []
}

function isProblem(value: unknown): value is QueryProblem {
  const isObject = typeof value === 'object' && value !== null
  return isObject && 'message' in value && 'offset' in value && 'line' in value && typeof value.message === 'string'
}
