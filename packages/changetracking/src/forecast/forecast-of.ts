import type { ExtensionSettings } from '@tidemark/model'

import type { Forecast, ForecastProgress } from './forecast.ts'
import { startForecast } from './start-forecast.ts'
import type { ForecastWarning } from './warnings.ts'

/** How a forecast of a rule runs. */
export interface ForecastLife {
  readonly signal: AbortSignal
  readonly onProgress: (progress: ForecastProgress) => void
  /** Whether it yields to others as the rule's budget says: nobody sits in front of this machine and waits. */
  readonly isInBackground: boolean
}

/**
 * What the settings of a rule would track on this machine, and what that costs. As `startForecast`; a rule that tracks no
 * files is told to, for its entries come to nothing.
 */
export async function forecastOf(settings: ExtensionSettings, life: ForecastLife): Promise<Forecast> {
  const job = {
    // A rule that tracks no files tracks none of its entries.
    entries: settings.files.map((entry) => ({ ...entry, enabled: entry.enabled && settings.enableFiles })),
    excludes: settings.fileExcludes,
    budget: settings.scanBudget,
  }
  const forecast = await startForecast(job, life)
  return settings.enableFiles ? forecast : { ...forecast, warnings: [FILES_OFF, ...forecast.warnings] }
}

const FILES_OFF: ForecastWarning = { code: 'files-off', message: 'the rule tracks no files: enableFiles is false' }
