import { tableNames } from '@tidemark/model'
import { useQuery } from '@tanstack/react-query'

import { query } from '../api/client.ts'
import { LIVE } from '../api/use-live.ts'
import type { ChangeLine } from './lines.ts'
import { type Operation, operationKey, operationQuery, OPERATIONS, operationsIn } from './operations.ts'

/** Operations that are asked for at a time: the first of the table. */
const OPERATIONS_MAX = 200

const knownTables: readonly string[] = tableNames
/** Whether servers of this version keep the table. */
const isKept = knownTables.includes(OPERATIONS)

const NONE: ReadonlyMap<string, Operation> = new Map()

/** What is recorded about the operations behind these lines; nothing where this server keeps no such table. */
export function useOperations(lines: readonly ChangeLine[]): ReadonlyMap<string, Operation> {
  const ids = [...new Set(lines.flatMap(operationOf))].slice(0, OPERATIONS_MAX)
  const { data } = useQuery({
    queryKey: [LIVE, OPERATIONS, ids],
    queryFn: async ({ signal }) => operationsIn((await query(operationQuery(ids), signal)).rows),
    enabled: isKept && ids.length > 0,
    structuralSharing: false,
  })
  return data ?? NONE
}

/** What is recorded about one operation; undefined where nothing is. */
export function useOperation(id: string, computer: string): Operation | undefined {
  const { data } = useQuery({
    queryKey: [LIVE, OPERATIONS, [id]],
    queryFn: async ({ signal }) => operationsIn((await query(operationQuery([id]), signal)).rows),
    enabled: id !== '' && isKept,
    structuralSharing: false,
  })
  return data?.get(operationKey(id, computer))
}

function operationOf(line: ChangeLine): string[] {
  if (line.kind !== 'group' || line.group.kind !== 'operation') return []
  return [String(line.group.rows[0]?.['OperationId'] ?? '')]
}
