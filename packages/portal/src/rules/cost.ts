import { type ExtensionSettings, type MachineForecast } from '@tidemark/model'

const DAY_SECONDS = 86_400

/** Percent of one core that looks at files take over a day: those on schedule, and those that read everything again. */
export function dailyPercent(
  { baseline, rescan }: Pick<MachineForecast, 'baseline' | 'rescan'>,
  {
    fileFrequencySeconds,
    fullReadFrequencySeconds,
  }: Pick<ExtensionSettings, 'fileFrequencySeconds' | 'fullReadFrequencySeconds'>,
): number {
  const looks = DAY_SECONDS / fileFrequencySeconds
  const reading = Math.max(0, baseline.busySeconds - rescan.busySeconds)
  const readings = fullReadFrequencySeconds === 0 ? 0 : DAY_SECONDS / fullReadFrequencySeconds
  return ((looks * rescan.busySeconds + readings * reading) / DAY_SECONDS) * 100
}
