import type { Estimate, Forecast, Tally } from '@tidemark/changetracking'

import { coloured, safeText, type Terminal } from '../terminal/terminal.ts'
import { textTable } from '../terminal/text-table.ts'
import { bytesText, countText, nounText, secondsText } from './amounts.ts'

/** What a forecast is of. */
export interface ForecastSubject {
  readonly name: string
  /** Percent of one core that the rule's budget allows. */
  readonly cpuPercent: number
}

/** A forecast for people: what is tracked entry by entry, what it costs, and what to think about before. */
export function forecastText(terminal: Terminal, forecast: Forecast, subject: ForecastSubject): string {
  const { entries, all, excluded, blind } = forecast
  const rows = entries.map(({ name, destinationPath, enabled, tally }) => [
    enabled ? name : `${name} (disabled)`,
    ...amounts(tally),
    destinationPath,
  ])
  const [title = '', ...table] = textTable(columns, [...rows, ['all, each path once', ...amounts(all), '']])
  return lines([
    ...forecastSummary(terminal, forecast, subject),
    '',
    coloured(terminal, 'bold', title),
    ...table,
    ...section(
      terminal,
      'Largest files',
      all.largest.map(({ path, bytes }) => `${bytesText(bytes).padStart(7)}  ${safeText(path)}`),
    ),
    ...section(
      terminal,
      'Excluded (a folder counts once, with all that is in it)',
      excluded.map(
        ({ pattern, entry, paths }) =>
          `${nounText(paths, 'path')} by ${safeText(pattern)}${entry === undefined ? '' : ` of entry "${safeText(entry)}"`}`,
      ),
    ),
    ...section(terminal, 'Cannot be looked at', blindLines(blind)),
  ])
}

const columns = [
  { title: 'ENTRY' },
  { title: 'FILES', align: 'right' },
  { title: 'FOLDERS', align: 'right' },
  { title: 'LINKS', align: 'right' },
  { title: 'OTHERS', align: 'right' },
  { title: 'BYTES', align: 'right' },
  { title: 'READ', align: 'right' },
  { title: 'BYTES READ', align: 'right' },
  { title: 'PATTERN' },
] as const

function amounts({ files, folders, links, others, bytes, read }: Tally): string[] {
  const counts = [files, folders, links, others].map(countText)
  return [...counts, bytesText(bytes), countText(read.files), bytesText(read.bytes)]
}

/** The forecast in a few lines: totals, times, warnings. */
export function forecastSummary(terminal: Terminal, forecast: Forecast, subject: ForecastSubject): string[] {
  const { all, baseline, rescan, warnings } = forecast
  const tracked = [
    nounText(all.files, 'file'),
    nounText(all.folders, 'folder'),
    nounText(all.links, 'link'),
    ...(all.others === 0 ? [] : [`${countText(all.others)} fifos, sockets and devices`]),
  ]
  return [
    `${safeText(subject.name)} would track ${tracked.join(', ')} on this machine, with ${bytesText(all.bytes)}.`,
    `First look: reads ${nounText(all.read.files, 'file')} with ${bytesText(all.read.bytes)}, ${estimateText(baseline, subject)}.`,
    `Later looks, where nothing changed: ${estimateText(rescan, subject)}, and a little for comparing.`,
    ...warnings.map(
      ({ entry, message }) =>
        `${coloured(terminal, 'yellow', 'warning:')} ${entry === undefined ? '' : `entry "${safeText(entry)}": `}${safeText(message)}`,
    ),
  ]
}

// The budget counts the time that a scan waits for its disk as work.
function estimateText({ busySeconds, seconds }: Estimate, { cpuPercent }: ForecastSubject): string {
  const busy = secondsText(busySeconds)
  const within = secondsText(seconds)
  const about = within.startsWith('less') ? within : `about ${within}`
  return busy === within ? about : `${about} (${busy} of work, at ${cpuPercent} % of a core)`
}

function blindLines({ paths, first }: Forecast['blind']): string[] {
  const named = first.map(
    ({ path, what, why }) => `${safeText(path)}${what === 'contents' ? ' (what is in it)' : ''}: ${reasonText(why)}`,
  )
  return paths > first.length ? [...named, `and ${countText(paths - first.length)} more`] : named
}

function reasonText(why: string): string {
  if (why === 'EACCES' || why === 'EPERM') return `no rights (${why})`
  return why === 'too-deep' ? 'too many folders inside one another' : why
}

function section(terminal: Terminal, title: string, content: readonly string[]): string[] {
  return content.length === 0 ? [] : ['', coloured(terminal, 'bold', title), ...content.map((line) => `  ${line}`)]
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
