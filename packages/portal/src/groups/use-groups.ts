import type { MachineGroupView } from '@tidemark/model'
import { type QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'

import { groupMachines, machineGroups } from '../api/groups.ts'
import { LIVE } from '../api/use-live.ts'

const KEY = ['groups'] as const
/** How long a list of groups is good, in milliseconds: others may change it meanwhile. */
const FRESH_MS = 30_000

const asked = {
  queryKey: KEY,
  queryFn: async ({ signal }: { readonly signal: AbortSignal }) => await machineGroups(signal),
  staleTime: FRESH_MS,
} as const

/** Every machine group, by name. */
export function useGroups(): UseQueryResult<readonly MachineGroupView[]> {
  return useQuery(asked)
}

/** The groups for a query that narrows by some of them, and for no other: nobody else waits for them. */
export async function groupsFor(
  client: QueryClient,
  names: readonly string[] | undefined,
): Promise<readonly MachineGroupView[]> {
  return names === undefined ? [] : await client.fetchQuery(asked)
}

/** Asks anew for the groups, and for everything that was narrowed by one. */
export async function forgetGroups(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: KEY })
  await client.invalidateQueries({ queryKey: [LIVE] })
}

/** Machines whose names are asked for: all that the page of machines can list. */
const MEMBERS_MAX = 100_000

/** How many machines are in a group now. */
export function useMemberCount({ id, etag }: MachineGroupView): UseQueryResult<number> {
  return useQuery({
    queryKey: [LIVE, 'Heartbeat', 'group', id, etag],
    queryFn: async ({ signal }) => (await groupMachines(id, 0, signal)).count,
    staleTime: FRESH_MS,
  })
}

/** Names of the machines of a group, in lower case; undefined while no group is named or its machines are not known. */
export function useMembers(name: string | undefined): UseQueryResult<ReadonlySet<string>> {
  return useQuery({
    queryKey: [LIVE, 'Heartbeat', 'members', name],
    enabled: name !== undefined,
    queryFn: async ({ signal }) => {
      const { machines } = await groupMachines(name ?? '', MEMBERS_MAX, signal)
      return new Set(machines.map(({ computer }) => computer.toLowerCase()))
    },
    structuralSharing: false,
  })
}
