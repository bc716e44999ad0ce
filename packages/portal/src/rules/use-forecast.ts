import type { ForecastView } from '@tidemark/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { askForecast, cancelForecast, forecastOf } from '../api/rules.ts'

/** How often it is looked whether machines have answered, in milliseconds. */
const POLL_MS = 1_000

/** What was asked, and how far it is. */
export interface Asking {
  readonly view: ForecastView | undefined
  /** The settings that were asked about, as JSON. */
  readonly settings: string | undefined
  readonly isAsking: boolean
  readonly failed: Error | undefined
  readonly ask: (settings: unknown, machines: readonly string[]) => void
  readonly stop: () => void
}

interface Asked {
  readonly id: string
  readonly settings: string
}

/** Asks machines for a forecast and follows their answers. A server that is away is asked again; its answers wait there. */
export function useForecast(): Asking {
  const [asked, setAsked] = useState<Asked | undefined>(lastAsked)
  const [failed, setFailed] = useState<Error>()
  const [isSending, setSending] = useState(false)
  const { data, error } = useQuery({
    queryKey: ['forecast', asked?.id],
    queryFn: async ({ signal }) => await forecastOf(asked?.id ?? '', signal),
    enabled: asked !== undefined,
    refetchInterval: ({ state }) => (state.data?.isDone === true ? false : POLL_MS),
    retry: 1,
  })
  const ask = async (settings: unknown, machines: readonly string[]): Promise<void> => {
    setSending(true)
    setFailed(undefined)
    try {
      const { id } = await askForecast(settings, machines)
      lastAsked = { id, settings: JSON.stringify(settings) }
      setAsked(lastAsked)
    } catch (cause) {
      setFailed(cause instanceof Error ? cause : new Error(String(cause)))
    }
    setSending(false)
  }
  const stop = (): void => {
    if (asked) void cancelForecast(asked.id).catch(() => undefined)
    lastAsked = undefined
    setAsked(undefined)
  }
  return {
    view: asked === undefined ? undefined : data,
    settings: asked?.settings,
    isAsking: isSending || (asked !== undefined && data?.isDone !== true && error === null),
    failed: failed ?? (asked === undefined ? undefined : (error ?? undefined)),
    ask: (settings, machines) => void ask(settings, machines),
    stop,
  }
}

/** Whoever looks at another part of the page meanwhile comes back to what was asked. */
let lastAsked: Asked | undefined
