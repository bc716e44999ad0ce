import { Badge } from '@fluentui/react-components'
import type { ExtensionSettings, ForecastMachine, MachineForecast } from '@tidemark/model'
import type { ReactNode } from 'react'

import { bytesText, safeText } from '../view/text.ts'
import { forecastWords as words } from '../words/rules.ts'
import { dailyPercent } from './cost.ts'

/** Entries that are listed of one machine. */
const ENTRIES_MAX = 200

export interface ForecastTableProps {
  readonly machines: readonly ForecastMachine[]
  /** What was asked about. */
  readonly settings: ExtensionSettings
}

const colours = { waiting: 'subtle', answered: 'success', failed: 'danger', away: 'warning', late: 'warning' } as const

/** What each machine answered: what it comes to, what it costs; below, entry by entry. */
export function ForecastTable({ machines, settings }: ForecastTableProps): ReactNode {
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to scroll with keys (WCAG 2.1.1) */}
      <section className="forecast-scroll" tabIndex={0} aria-label={words.title}>
        <table className="properties forecast-table">
          <thead>
            <tr>
              <th scope="col">{words.machine}</th>
              <th scope="col">{words.state}</th>
              {[words.files, words.others, words.bytes, words.kept, words.first, words.later, words.daily].map(
                (title) => (
                  <th key={title} scope="col" className="number">
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {machines.map((machine) => (
              <MachineRow key={machine.resourceId} machine={machine} settings={settings} />
            ))}
          </tbody>
        </table>
      </section>
      {machines.map(({ resourceId, computer, forecast }) =>
        forecast === undefined ? null : (
          <details
            key={resourceId}
            className="forecast-details"
            data-testid="forecast-details"
            open={machines.length === 1}
          >
            <summary>
              {words.details(safeText(computer).slice(0, 100))}
              {forecast.warnings.length === 0 ? null : (
                <Badge appearance="tint" color="warning">
                  {words.warnings(forecast.warnings.length)}
                </Badge>
              )}
            </summary>
            <Details forecast={forecast} />
          </details>
        ),
      )}
    </>
  )
}

function MachineRow({
  machine: { computer, state, detail, forecast },
  settings,
}: {
  readonly machine: ForecastMachine
  readonly settings: ExtensionSettings
}): ReactNode {
  return (
    <tr data-testid="forecast-machine">
      <th scope="row">{safeText(computer).slice(0, 100)}</th>
      {forecast === undefined ? (
        <td colSpan={8}>
          <Badge appearance="tint" color={colours[state]}>
            {words.states[state]}
          </Badge>{' '}
          {safeText(detail)}
        </td>
      ) : (
        <>
          <td>
            <Badge appearance="tint" color={colours[state]}>
              {words.states[state]}
            </Badge>
          </td>
          {amountsOf(forecast, settings).map((text, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- the columns stand still
            <td key={index} className="number">
              {text}
            </td>
          ))}
        </>
      )}
    </tr>
  )
}

function amountsOf(forecast: MachineForecast, settings: ExtensionSettings): string[] {
  const { all, baseline, rescan } = forecast
  return [
    all.files.toLocaleString(),
    (all.folders + all.links + all.others).toLocaleString(),
    bytesText(all.bytes),
    all.kept.files === 0 ? '–' : `${all.kept.files.toLocaleString()} (${bytesText(all.kept.bytes)})`,
    words.seconds(baseline.seconds),
    words.seconds(rescan.seconds),
    words.ofCore(dailyPercent(forecast, settings)),
  ]
}

function Details({ forecast }: { readonly forecast: MachineForecast }): ReactNode {
  const { entries, all, excluded, blind, warnings } = forecast
  return (
    <div className="forecast-inside">
      {warnings.length === 0 ? null : (
        <ul className="rule-places">
          {warnings.map(({ code, entry, message }) => (
            <li key={`${code} ${entry ?? ''} ${message}`}>
              {entry === undefined ? '' : `${safeText(entry)}: `}
              {safeText(message)}
            </li>
          ))}
        </ul>
      )}
      <table className="properties">
        <thead>
          <tr>
            <th scope="col">{words.entry}</th>
            <th scope="col">{words.path}</th>
            <th scope="col" className="number">
              {words.files}
            </th>
            <th scope="col" className="number">
              {words.bytes}
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.slice(0, ENTRIES_MAX).map(({ name, destinationPath, enabled, tally }, index) => (
            <tr key={`${index} ${name}`} data-testid="forecast-entry">
              <th scope="row">
                {safeText(name).slice(0, 200)} {enabled ? '' : `(${words.off})`}
              </th>
              <td>
                <code>{safeText(destinationPath).slice(0, 300)}</code>
              </td>
              <td className="number">{tally.files.toLocaleString()}</td>
              <td className="number">{bytesText(tally.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Listed title={words.largest} lines={all.largest.map(({ path, bytes }) => `${bytesText(bytes)}  ${path}`)} />
      <Listed
        title={words.excluded}
        lines={excluded.map(
          ({ pattern, entry, paths }) => `${paths.toLocaleString()}  ${pattern}${entry ? ` (${entry})` : ''}`,
        )}
      />
      <Listed title={words.blind(blind.paths)} lines={blind.first.map(({ path, why }) => `${path}: ${why}`)} />
    </div>
  )
}

function Listed({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul className="rule-places">
        {lines.map((line) => (
          <li key={line}>
            <code>{safeText(line).slice(0, 500)}</code>
          </li>
        ))}
      </ul>
    </>
  )
}
