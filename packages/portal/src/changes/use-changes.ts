import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'

import { type AnswerRow, query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { useClock } from '../view/clock.ts'
import { accountQuery, changeQuery, type ChangeSearch, countQuery, rangeOf } from './change-view.ts'
import { type Bar, barsOf, type TimeRange } from './span.ts'

/** What the filters let through, asked for in one go so that chart and table tell the same. */
export interface Changes {
  readonly rows: readonly AnswerRow[]
  readonly bars: readonly Bar[]
  readonly range: TimeRange
  /** Accounts behind the changes that all filters but that of the account let through, in the order of the alphabet. */
  readonly accounts: readonly string[]
  /** The filters that this answers, as text: what was shown before stays until the next answer is there. */
  readonly answers: string
  readonly notice: string
}

/** The changes that the filters let through, and again whenever rows arrive. */
export function useChanges(filters: ChangeSearch): UseQueryResult<Changes> {
  const clock = useClock()
  return useQuery({
    queryKey: [LIVE, 'ConfigurationChange', filters],
    queryFn: async ({ signal }): Promise<Changes> => {
      const nowMs = clock.nowMs()
      const range = rangeOf(filters, nowMs)
      const [table, counts, accounts] = await Promise.all([
        query(changeQuery(filters, nowMs), signal),
        query(countQuery(filters, nowMs), signal),
        query(accountQuery(filters, nowMs), signal),
      ])
      const bars = barsOf(counts.rows.map(countedIn), range)
      return {
        rows: table.rows,
        bars,
        range,
        accounts: accountsIn(accounts.rows),
        answers: JSON.stringify(filters),
        notice: table.notice,
      }
    },
    placeholderData: keepPreviousData,
    // Comparing 100,000 rows with their successors takes longer than showing them.
    structuralSharing: false,
  })
}

function countedIn(row: AnswerRow): { atMs: number; type: string; count: number } {
  return { atMs: Date.parse(String(row['At'])), type: String(row['ConfigChangeType']), count: Number(row['Count']) }
}

function accountsIn(rows: readonly AnswerRow[]): string[] {
  const names = rows.flatMap((row) => [row['InitiatingProcessAccountName'], row['InitiatingProcessLoginName']])
  return [...new Set(names.map((name) => String(name ?? '')))].filter((name) => name !== '').sort()
}
