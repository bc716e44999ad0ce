import type { Clock } from '@tidemark/base'
import { type LiveRows, tableNames } from '@tidemark/model'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { apiPath } from './base-path.ts'
import { later, useClock } from '../view/clock.ts'

/** How long rows may gather before the pages ask anew, in milliseconds. */
const GATHER_MS = 300
/** How many times as long as the pages asked the last time they wait, so that a busy fleet does not keep a store busy. */
const REST_FACTOR = 3
/** How long to wait before a stream that the server refused is asked for again, in milliseconds. */
const REOPEN_MS = 5_000

/** Asks anew for what a page shows when rows arrive; tells whether the connection stands. */
export function useLive(): boolean {
  const client = useQueryClient()
  const clock = useClock()
  const [isConnected, setConnected] = useState(false)
  useEffect(() => {
    const stop = new AbortController()
    const refresh = gathered(client, clock, stop.signal)
    const open = (): void => {
      const source = new EventSource(apiPath('/api/live'))
      stop.signal.addEventListener('abort', () => source.close())
      source.addEventListener('open', () => {
        setConnected(true)
        // What arrived while there was no connection was told to nobody.
        refresh(tableNames)
      })
      source.addEventListener('rows', (event) => {
        const table = tableIn(event)
        refresh(table === undefined ? tableNames : [table])
      })
      source.addEventListener('error', () => {
        setConnected(false)
        // A browser tries again by itself when the line broke, but not when the server answered with an error.
        if (source.readyState === EventSource.CLOSED) later(clock, open, { afterMs: REOPEN_MS, signal: stop.signal })
      })
    }
    open()
    return () => stop.abort()
  }, [client, clock])
  return isConnected
}

/** What a page asks for begins with this, followed by the table behind it. */
export const LIVE = 'live'

/** A function that makes pages ask anew for a table soon: once for many calls, and never again while they still ask. */
function gathered(client: QueryClient, clock: Clock, signal: AbortSignal): (tables: readonly string[]) => void {
  const outdated = new Set<string>()
  let isBusy = false
  let lastMs = 0
  const ask = async (): Promise<void> => {
    const tables = [...outdated]
    outdated.clear()
    const startedMs = clock.monotonicMs()
    await Promise.all(tables.map(async (table) => await client.invalidateQueries({ queryKey: [LIVE, table] })))
    lastMs = clock.monotonicMs() - startedMs
  }
  const gather = (): void => {
    isBusy = true
    const goOn = (): void => {
      isBusy = false
      if (outdated.size > 0) gather()
    }
    later(clock, () => void ask().then(goOn, goOn), {
      afterMs: Math.max(GATHER_MS, lastMs * REST_FACTOR),
      signal,
    })
  }
  return (tables) => {
    for (const table of tables) outdated.add(table)
    if (!isBusy) gather()
  }
}

/** The table that an event names; undefined for what is no such event. */
function tableIn({ data }: MessageEvent<unknown>): string | undefined {
  try {
    const rows: Partial<LiveRows> = JSON.parse(String(data))
    return rows.table
  } catch {
    return undefined
  }
}
