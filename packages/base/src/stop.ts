/** One signal that says "stop", and the promise that it was said. */
export interface Stop {
  readonly signal: AbortSignal
  /** Resolves when `signal` aborts. */
  readonly done: Promise<void>
}

/** What a process emits; `node:process` is one, a test brings an EventEmitter. */
export interface SignalSource {
  once(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

/** Stops at the first SIGINT or SIGTERM. A second one then has its usual effect and ends the process. */
export function untilStopped(source: SignalSource): Stop {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (): void => {
    controller.abort(new Error('stopped'))
    resolve()
  }
  source.once('SIGINT', stop)
  source.once('SIGTERM', stop)
  return { signal: controller.signal, done: promise }
}

/** Whether an error is only the echo of an abort that was asked for. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
}
