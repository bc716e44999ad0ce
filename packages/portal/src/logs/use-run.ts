import type { Clock } from '@tidemark/base'
import type { QueryProblem } from '@tidemark/model'
import { useCallback, useEffect, useRef, useState } from 'react'

import { ask, problemsIn } from '../api/query-table.ts'
import { useClock } from '../view/clock.ts'
import { type LogsSearch, renderOf, timespans } from './logs-view.ts'
import type { LogsAnswer } from './results.tsx'

/** What came of the query that was run last. */
export type Outcome =
  | { readonly kind: 'nothing' | 'running' | 'cancelled' }
  | { readonly kind: 'answered'; readonly answer: LogsAnswer }
  | { readonly kind: 'wrong'; readonly problems: readonly QueryProblem[] }
  | { readonly kind: 'failed'; readonly error: Error }

/** Runs a query; what it came to, and the function that stops waiting for it. */
export function useRun(): {
  readonly outcome: Outcome
  readonly run: (search: LogsSearch) => void
  readonly cancel: () => void
} {
  const clock = useClock()
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'nothing' })
  const asking = useRef<AbortController>(undefined)
  useEffect(() => () => asking.current?.abort(), [])
  const run = useCallback(
    ({ query = '', span }: LogsSearch): void => {
      asking.current?.abort()
      const stop = new AbortController()
      asking.current = stop
      setOutcome({ kind: 'running' })
      answered({ query, span }, { clock, signal: stop.signal })
        .catch(failure)
        .then((told) => (stop.signal.aborted ? undefined : setOutcome(told)))
        .catch(() => undefined)
    },
    [clock],
  )
  const cancel = useCallback((): void => {
    asking.current?.abort()
    setOutcome({ kind: 'cancelled' })
  }, [])
  return { outcome, run, cancel }
}

async function answered(
  { query, span }: { readonly query: string; readonly span: LogsSearch['span'] },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Outcome> {
  const startedMs = clock.monotonicMs()
  const { table, notice } = await ask(query, { signal, ...(span === undefined ? {} : { timespan: timespans[span] }) })
  const tookMs = clock.monotonicMs() - startedMs
  return { kind: 'answered', answer: { table, notice, tookMs, render: renderOf(query) } }
}

function failure(error: unknown): Outcome {
  const problems = problemsIn(error)
  if (problems.length > 0) return { kind: 'wrong', problems }
  return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
}
