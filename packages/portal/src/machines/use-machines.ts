import type { MachineView } from '@tidemark/model'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'

import { machines } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'

/** How often machines are asked for even when nothing arrives, in milliseconds: one that fell silent sends nothing. */
const REFRESH_MS = 10_000

/** Every machine that the server knows; those that need attention first. */
export function useMachines(): UseQueryResult<readonly MachineView[]> {
  return useQuery({ queryKey: [LIVE, 'Heartbeat'], queryFn: machines, refetchInterval: REFRESH_MS })
}
