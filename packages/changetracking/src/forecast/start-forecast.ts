import { Worker } from 'node:worker_threads'

import type { Forecast, ForecastJob, ForecastProgress } from './forecast.ts'

/** What the thread says. */
export type ForecastMessage =
  | { readonly kind: 'progress'; readonly progress: ForecastProgress }
  | { readonly kind: 'done'; readonly forecast: Forecast }

/** What the thread is given. */
export interface ForecastOrder {
  readonly job: ForecastJob
  readonly isInBackground: boolean
}

/** How often progress is told, in milliseconds. */
export const PROGRESS_MS = 100

/**
 * Forecasts what a rule will track on this machine and what that costs, in a thread of its own: as `forecastFiles`, and
 * the caller's process goes on. Rejects with the signal's reason as soon as it aborts, and with the
 * thread's error where the kernel cannot be asked. Nothing is written.
 */
export async function startForecast(
  job: ForecastJob,
  life: {
    readonly signal: AbortSignal
    readonly onProgress: (progress: ForecastProgress) => void
    /** Whether the thread yields to others as the job's budget says; it does not where nothing is said. */
    readonly isInBackground?: boolean
  },
): Promise<Forecast> {
  life.signal.throwIfAborted()
  const order: ForecastOrder = { job, isInBackground: life.isInBackground ?? false }
  const worker = new Worker(new URL('./forecast-thread.ts', import.meta.url), { workerData: order })
  const { promise, resolve, reject } = Promise.withResolvers<Forecast>()
  const stop = (): void => reject(life.signal.reason)
  life.signal.addEventListener('abort', stop, { once: true })
  worker.on('message', (message: ForecastMessage) => {
    if (message.kind === 'done') resolve(message.forecast)
    else life.onProgress(message.progress)
  })
  worker.once('error', reject)
  worker.once('exit', (code) => reject(new Error(`the forecast's thread ended with code ${code}`)))
  try {
    return await promise
  } finally {
    life.signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
