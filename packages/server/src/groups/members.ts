import { compileKql } from '@tidemark/kql'
import { groupFunctionKql, type GroupMachine, membersKql, type QueryProblem, tables } from '@tidemark/model'

import { type Answer, type RunDeps, runQuery } from '../query/run.ts'

/** Who is asked for, and which rows may tell. */
export interface MemberQuestion {
  readonly query: string
  /** At least one. */
  readonly workspaceIds: readonly string[]
  readonly signal: AbortSignal
}

export interface MemberDeps extends RunDeps {
  /** Machines that are known here. */
  readonly machines: () => Promise<readonly { readonly computer: string; readonly resourceId: string }[]>
}

/** Machines by name, or why there is no answer. */
export type Members =
  | { readonly kind: 'members'; readonly machines: readonly GroupMachine[] }
  | { readonly kind: 'failed'; readonly answer: Answer }

const FUNCTION = 'MachineGroup'

/** The machines of a group as its query finds them now. Rejects where nobody waits any more. */
export async function membersOf(deps: MemberDeps, { query, ...question }: MemberQuestion): Promise<Members> {
  const answer = await runQuery(deps, {
    query: `${groupFunctionKql(FUNCTION, query)}\n${membersKql(FUNCTION)} | sort by Computer asc`,
    preferences: { hasStatistics: false, hasRender: false },
    ...question,
  })
  if (!('tables' in answer.body)) return { kind: 'failed', answer }
  const known = Map.groupBy(await deps.machines(), ({ computer }) => computer.toLowerCase())
  const machines = (answer.body.tables[0]?.rows ?? []).map(([cell]): GroupMachine => {
    const computer = String(cell)
    const named = known.get(computer.toLowerCase()) ?? []
    return { computer, resourceId: named.length === 1 ? (named[0]?.resourceId ?? null) : null }
  })
  return { kind: 'members', machines }
}

/**
 * Why a query makes no group: its mistakes with their places in it; or one that has none of its own, but answers nothing
 * that has a column `Computer`, or cannot stand within another query (`set`, `declare`). Empty where it does.
 */
export function groupProblems(query: string): readonly QueryProblem[] {
  const alone = compiled(query)
  if (alone.kind === 'rejected') return alone.problems
  const first = { line: 1, column: 1, offset: 0, length: 0 }
  const column = alone.columns.find(({ name }) => name === 'Computer')
  if (column?.type !== 'string')
    return [
      {
        ...first,
        code: 'semantics',
        message: 'the answer has no column Computer of type string; its values are the machines of the group',
      },
    ]
  const within = compiled(`${groupFunctionKql(FUNCTION, query)}\n${membersKql(FUNCTION)}`)
  if (within.kind === 'compiled') return []
  const message = `a group's query is one expression with its let statements, without set and declare: ${within.problems[0]?.message ?? ''}`
  return [{ ...first, code: 'unsupported', message }]
}

function compiled(query: string) {
  return compileKql(query, { tables, scope: [{ column: 'TenantId', anyOf: [] }], nowMs: 0, rowsMax: 1 })
}
