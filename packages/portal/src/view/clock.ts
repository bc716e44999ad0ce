import { type Clock, systemClock } from '@tidemark/base'
import { createContext, useContext } from 'react'

/** The time that pages see. */
export const PageClock = createContext<Clock>(systemClock)

export function useClock(): Clock {
  return useContext(PageClock)
}

/** Runs the action after the delay, unless the signal aborts before. */
export function later(
  clock: Clock,
  action: () => void,
  { afterMs, signal }: { readonly afterMs: number; readonly signal: AbortSignal },
): void {
  clock.sleep(afterMs, signal).then(action, () => undefined)
}
