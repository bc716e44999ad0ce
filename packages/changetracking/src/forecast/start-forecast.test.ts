import { parseExtensionSettings } from '@tidemark/model'
import { expect, test } from 'vitest'

import type { ForecastJob, ForecastProgress } from './forecast.ts'
import { startForecast } from './start-forecast.ts'

function jobOf(destinationPath: string): ForecastJob {
  const entry = { name: 'entry', destinationPath, pathType: 'Folder' }
  const { settings } = parseExtensionSettings({ fileSettings: { fileInfo: [entry] } })
  return { entries: settings.files, excludes: [], budget: settings.scanBudget }
}

const ignore = (): void => undefined

test('the thread gives the whole forecast', async () => {
  const forecast = await startForecast(jobOf('/etc/passwd'), {
    signal: new AbortController().signal,
    onProgress: ignore,
  })
  expect(forecast.all).toMatchObject({ files: 1, folders: 0 })
  expect(forecast.entries).toHaveLength(1)
})

test('it tells progress, and stops in the middle when asked to', async () => {
  const stop = new AbortController()
  const told: ForecastProgress[] = []
  // Everything under / takes long enough to be stopped.
  const forecast = startForecast(jobOf('/'), {
    signal: stop.signal,
    onProgress: (progress) => {
      told.push(progress)
      stop.abort(new Error('stopped'))
    },
  })
  await expect(forecast).rejects.toThrow('stopped')
  expect(told[0]?.paths).toBeGreaterThan(0)
})

test('a signal that has aborted starts nothing', async () => {
  await expect(
    startForecast(jobOf('/'), { signal: AbortSignal.abort(new Error('no')), onProgress: ignore }),
  ).rejects.toThrow('no')
})
