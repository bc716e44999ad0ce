import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'

import type { AnswerRow } from '../api/answer-row.ts'
import { query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import { withGroups } from '../groups/narrowing.ts'
import { groupsFor, useGroups } from '../groups/use-groups.ts'
import { useClock } from '../view/clock.ts'
import { changeQuery, type ChangeSearch, countQuery, rangeOf } from './change-view.ts'
import { type Facet, facets, type FacetValue } from './facets.ts'
import { type Bar, barsOf, type TimeRange } from './span.ts'

/** What the filters let through, asked for in one go so that chart and table tell the same. */
export interface Changes {
  readonly rows: readonly AnswerRow[]
  /** How many rows were asked for. */
  readonly rowsMax: number
  readonly bars: readonly Bar[]
  readonly range: TimeRange
  /** The filters and the order that this answers, as text: what was shown before stays until the next answer is there. */
  readonly answers: string
  readonly notice: string
}

/** The changes that the filters let through, and again whenever rows arrive. */
export function useChanges(filters: ChangeSearch, rowsMax: number): UseQueryResult<Changes> {
  const clock = useClock()
  const client = useQueryClient()
  return useQuery({
    queryKey: [LIVE, 'ConfigurationChange', filters, rowsMax],
    queryFn: async ({ signal }): Promise<Changes> => {
      const nowMs = clock.nowMs()
      const range = rangeOf(filters, nowMs)
      const groups = await groupsFor(client, filters.group)
      const [table, counts] = await Promise.all(
        [changeQuery(filters, nowMs, rowsMax), countQuery(filters, nowMs)].map(
          async (kql) => await query(withGroups(kql, filters.group, groups), signal),
        ),
      )
      if (table === undefined || counts === undefined) throw new Error('two questions have two answers')
      const bars = barsOf(counts.rows.map(countedIn), range)
      return { rows: table.rows, rowsMax, bars, range, answers: JSON.stringify(filters), notice: table.notice }
    },
    placeholderData: keepPreviousData,
    // Comparing 100,000 rows with their successors takes longer than showing them.
    structuralSharing: false,
  })
}

function countedIn(row: AnswerRow): { atMs: number; type: string; count: number } {
  return { atMs: Date.parse(String(row['At'])), type: String(row['ConfigChangeType']), count: Number(row['Count']) }
}

/** The values of every facet, by its id. */
export type FacetValues = Readonly<Partial<Record<Facet['id'], readonly FacetValue[]>>>

/** What the view can be narrowed by, with counts; asked for apart, so that chart and table do not wait for it. */
export function useFacets(filters: ChangeSearch): UseQueryResult<FacetValues> {
  const clock = useClock()
  const { data: groups } = useGroups()
  return useQuery({
    queryKey: [LIVE, 'ConfigurationChange', 'facets', filters, groups],
    enabled: groups !== undefined,
    queryFn: async ({ signal }): Promise<FacetValues> => {
      const nowMs = clock.nowMs()
      const known = groups ?? []
      const asked = facets.map(async ({ id, query: kqlOf, valuesIn }) => {
        const kql = kqlOf(filters, nowMs, known)
        if (kql === '') return [id, []] as const
        // What counts groups has functions of its own before it.
        const { rows } = await query(id === 'group' ? kql : withGroups(kql, filters.group, known), signal)
        return [id, valuesIn(rows, known)] as const
      })
      return Object.fromEntries(await Promise.all(asked))
    },
    placeholderData: keepPreviousData,
    structuralSharing: false,
  })
}
