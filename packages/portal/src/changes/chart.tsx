import { Button } from '@fluentui/react-components'
import { type ReactNode, useEffect } from 'react'

import { momentText } from '../view/text.ts'
import { types } from './change-view.ts'
import { Plot, type PlotProps } from './plot.tsx'

export interface ChartProps extends PlotProps {
  /** The type that is filtered for. */
  readonly type: string | undefined
  readonly onType: (type: string | undefined) => void
  readonly isZoomed: boolean
  readonly onReset: () => void
}

/** Changes over time, stacked by type. A type in the legend filters for it; Escape leaves the zoom. */
export function Chart({ bars, range, onZoom, type, onType, isZoomed, onReset }: ChartProps): ReactNode {
  useEscape(isZoomed, onReset)
  const total = bars.reduce((sum, bar) => sum + bar.total, 0)
  return (
    <figure className="chart" data-testid="chart">
      <figcaption>
        <strong data-testid="change-count">
          {total.toLocaleString()} {total === 1 ? 'change' : 'changes'}
        </strong>
        {types.map((one) => (
          <button
            key={one}
            type="button"
            className={`legend type-${one}`}
            aria-pressed={type === one}
            title={type === one ? 'Show all types' : `Show ${one} only`}
            onClick={() => onType(type === one ? undefined : one)}
          >
            {one} {bars.reduce((sum, { counts }) => sum + (counts[one] ?? 0), 0).toLocaleString()}
          </button>
        ))}
        {isZoomed ? (
          <Button size="small" onClick={onReset} data-testid="zoom-out">
            Reset zoom
          </Button>
        ) : (
          <span className="hint">Drag or click to zoom</span>
        )}
      </figcaption>
      <Plot bars={bars} range={range} onZoom={onZoom} />
      <div className="axis" aria-hidden>
        <span>{momentText(range.fromMs)}</span>
        <span>{momentText(range.toMs)}</span>
      </div>
    </figure>
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
