/** Time as an argument. `systemClock` is the only place that asks the machine; tests bring a `ManualClock`. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump when the machine's clock is set. */
  nowMs(): number
  /** Milliseconds since some fixed moment. Never goes back; for measuring and for deadlines. */
  monotonicMs(): number
  /** Resolves after `durationMs`, or rejects with the signal's reason as soon as it aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
}

/** The machine's own time and timers. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: sleepOnTimer,
}

/** The longest delay that a timer takes (2^31-1 ms); a longer sleep is made of several. */
export const TIMER_MS_MAX = 2_147_483_647

async function sleepOnTimer(durationMs: number, signal?: AbortSignal): Promise<void> {
  let leftMs = durationMs
  while (leftMs > TIMER_MS_MAX) {
    await oneTimer(TIMER_MS_MAX, signal)
    leftMs -= TIMER_MS_MAX
  }
  await oneTimer(Math.max(0, leftMs), signal)
}

function oneTimer(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(asError(signal.reason))
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(asError(signal?.reason))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, durationMs)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(`aborted: ${String(reason)}`)
}
