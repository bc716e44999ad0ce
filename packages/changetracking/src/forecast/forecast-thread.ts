import { parentPort, workerData } from 'node:worker_threads'

import { systemClock } from '@tidemark/base'
import { yieldToOthers } from '@tidemark/linux'

import { isRoot, mountInfoText } from '../host/mount-info.ts'
import { forecastFiles } from './forecast.ts'
import { parseMountInfo } from './mounts.ts'
import { type ForecastMessage, type ForecastOrder, PROGRESS_MS } from './start-forecast.ts'

// The body of the thread: one job, progress now and then, the forecast at the end.
const { job, isInBackground }: ForecastOrder = workerData
if (isInBackground) yieldToOthers(job.budget.nice, job.budget.ioClass)
const tell = (message: ForecastMessage): void => parentPort?.postMessage(message, [])
let toldMs = systemClock.monotonicMs()

const forecast = forecastFiles(job, {
  clock: systemClock,
  mounts: parseMountInfo(mountInfoText()),
  isRoot: isRoot(),
  breathe: (progress) => {
    const nowMs = systemClock.monotonicMs()
    if (nowMs - toldMs < PROGRESS_MS) return
    toldMs = nowMs
    tell({ kind: 'progress', progress: { ...progress } })
  },
})
tell({ kind: 'done', forecast })
