import { Button } from '@fluentui/react-components'
import { type ReactNode, useEffect } from 'react'

import { momentText } from '../view/text.ts'
import { changeWords as words } from '../words/changes.ts'
import { types } from './change-view.ts'
import { Plot, type PlotProps } from './plot.tsx'
import type { Bar } from './span.ts'

export interface ChartProps extends PlotProps {
  /** The types that are filtered for. */
  readonly chosen: readonly string[] | undefined
  readonly onType: (type: string) => void
  readonly isZoomed: boolean
  readonly onReset: () => void
}

/** Changes over time, stacked by type. A type in the legend filters for it; Escape leaves the zoom. */
export function Chart({ bars, range, onZoom, chosen, onType, isZoomed, onReset }: ChartProps): ReactNode {
  useEscape(isZoomed, onReset)
  const total = bars.reduce((sum, bar) => sum + bar.total, 0)
  return (
    <figure className="chart" data-testid="chart">
      <figcaption>
        <strong data-testid="change-count">{words.changeCount(total)}</strong>
        {types.map((one) => (
          <button
            key={one}
            type="button"
            className={`legend type-${one}`}
            aria-pressed={chosen?.includes(one) ?? false}
            title={chosen?.includes(one) ? words.showTypes : words.showOnly(one)}
            onClick={() => onType(one)}
          >
            {one} {bars.reduce((sum, { counts }) => sum + (counts[one] ?? 0), 0).toLocaleString()}
          </button>
        ))}
        {isZoomed ? (
          <Button size="small" onClick={onReset} data-testid="zoom-out">
            {words.resetZoom}
          </Button>
        ) : (
          <span className="hint">{words.zoomHint}</span>
        )}
      </figcaption>
      <Plot bars={bars} range={range} onZoom={onZoom} />
      <BarTable bars={bars} />
    </figure>
  )
}

/** The same numbers for whoever cannot see bars. */
function BarTable({ bars }: { readonly bars: readonly Bar[] }): ReactNode {
  const filled = bars.filter(({ total }) => total > 0)
  if (filled.length === 0) return null
  return (
    <details className="chart-table">
      <summary>{words.chartTable}</summary>
      <table className="properties" data-testid="chart-table">
        <thead>
          <tr>
            <th scope="col">{words.period}</th>
            {types.map((type) => (
              <th key={type} scope="col">
                {type}
              </th>
            ))}
            <th scope="col">{words.total}</th>
          </tr>
        </thead>
        <tbody>
          {filled.map(({ startMs, counts, total }) => (
            <tr key={startMs}>
              <th scope="row">{momentText(startMs)}</th>
              {types.map((type) => (
                <td key={type}>{(counts[type] ?? 0).toLocaleString()}</td>
              ))}
              <td>{total.toLocaleString()}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

/** Calls for Escape, unless it closes something else: a side pane, a list, what was typed. */
function useEscape(isWanted: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!isWanted) return undefined
    const listen = (event: KeyboardEvent): void => {
      const isElsewhere = document.querySelector('[role=dialog], [role=listbox]') !== null
      if (event.key !== 'Escape' || event.defaultPrevented || isElsewhere) return
      if (!(event.target instanceof HTMLInputElement)) onEscape()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [isWanted, onEscape])
}
