import type { RuleDetail, RuleSummary } from '@tidemark/model'
import { type QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'

import { ownRights, ruleDetail, ruleList } from '../api/rules.ts'

const KEY = ['rules'] as const

/** Every rule. */
export function useRules(): UseQueryResult<readonly RuleSummary[]> {
  return useQuery({ queryKey: [...KEY, 'list'], queryFn: async ({ signal }) => await ruleList(signal) })
}

/** One rule as it was saved last. */
export function useRule(rule: string): UseQueryResult<RuleDetail> {
  return useQuery({ queryKey: [...KEY, 'one', rule], queryFn: async ({ signal }) => await ruleDetail(rule, signal) })
}

/** Whether whoever is signed in may change rules; undefined while that is not known. */
export function useMayWrite(): boolean | undefined {
  const { data } = useQuery({
    queryKey: ['rights'],
    queryFn: async ({ signal }) => await ownRights(signal),
    staleTime: 60_000,
  })
  return data?.includes('rules:write')
}

/** Asks anew for everything about rules. */
export async function forgetRules(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: KEY })
}
