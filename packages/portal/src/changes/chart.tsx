import { Button } from '@fluentui/react-components'
import { type PointerEvent, type ReactNode, useState } from 'react'

import { timeText } from '../view/text.ts'
import { types } from './change-view.ts'
import { type Bar, binMs, type TimeRange } from './span.ts'

const WIDTH = 1_000
const HEIGHT = 140

export interface ChartProps {
  readonly bars: readonly Bar[]
  readonly range: TimeRange
  readonly isZoomed: boolean
  readonly onZoom: (range: TimeRange) => void
  readonly onReset: () => void
}

/** Changes over time, stacked by type. Drag over it to zoom; a bar that has the focus zooms with Enter. */
export function Chart({ bars, range, isZoomed, onZoom, onReset }: ChartProps): ReactNode {
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>()
  const size = binMs(range)
  const most = Math.max(1, ...bars.map(({ total }) => total))
  const total = bars.reduce((sum, bar) => sum + bar.total, 0)
  const xOf = (ms: number): number => ((ms - range.fromMs) / (range.toMs - range.fromMs)) * WIDTH
  const place = (event: PointerEvent<SVGSVGElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(1, (event.clientX - left) / width))
  }
  const finish = (): void => {
    setDrag(undefined)
    if (drag === undefined || Math.abs(drag.to - drag.from) < 0.01) return
    const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
    const length = range.toMs - range.fromMs
    onZoom({ fromMs: Math.floor(range.fromMs + low * length), toMs: Math.ceil(range.fromMs + high * length) })
  }
  return (
    <figure className="chart" data-testid="chart">
      <figcaption>
        <span>{total.toLocaleString()} changes</span>
        {types.map((type) => (
          <span key={type} className={`legend type-${type}`}>
            {type} {bars.reduce((sum, { counts }) => sum + (counts[type] ?? 0), 0).toLocaleString()}
          </span>
        ))}
        {isZoomed ? (
          <Button size="small" onClick={onReset} data-testid="zoom-out">
            Zoom out
          </Button>
        ) : (
          <span className="hint">Drag to zoom</span>
        )}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="group"
        aria-label={`${total} changes from ${timeText(new Date(range.fromMs).toISOString())} to ${timeText(new Date(range.toMs).toISOString())}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setDrag({ from: place(event), to: place(event) })
        }}
        onPointerMove={(event) => drag && setDrag({ from: drag.from, to: place(event) })}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(undefined)}
      >
        {bars.map((bar) => (
          <g
            key={bar.startMs}
            role="button"
            tabIndex={bar.total > 0 ? 0 : -1}
            aria-label={`${timeText(new Date(bar.startMs).toISOString())}: ${bar.total} changes`}
            onKeyDown={(event) => {
              if (event.key === 'Enter') onZoom({ fromMs: bar.startMs, toMs: bar.startMs + size })
              if (event.key === 'Escape') onReset()
            }}
          >
            <title>{`${timeText(new Date(bar.startMs).toISOString())}: ${types.map((type) => `${type} ${bar.counts[type] ?? 0}`).join(', ')}`}</title>
            <rect
              x={xOf(bar.startMs)}
              y={0}
              width={Math.max(1, xOf(bar.startMs + size) - xOf(bar.startMs) - 1)}
              height={HEIGHT}
              fill="transparent"
            />
            {stacked(bar, most).map(({ type, y, height }) => (
              <rect
                key={type}
                className={`type-${type}`}
                x={xOf(bar.startMs) + 1}
                y={y}
                width={Math.max(1, xOf(bar.startMs + size) - xOf(bar.startMs) - 2)}
                height={height}
              />
            ))}
          </g>
        ))}
        {drag ? (
          <rect
            className="selection"
            x={Math.min(drag.from, drag.to) * WIDTH}
            y={0}
            width={Math.abs(drag.to - drag.from) * WIDTH}
            height={HEIGHT}
          />
        ) : null}
      </svg>
      <div className="axis" aria-hidden>
        <span>{timeText(new Date(range.fromMs).toISOString())}</span>
        <span>{timeText(new Date(range.toMs).toISOString())}</span>
      </div>
    </figure>
  )
}

/** The parts of a bar from the bottom up; a part that is there has at least three pixels. */
function stacked(bar: Bar, most: number): { type: string; y: number; height: number }[] {
  let y = HEIGHT
  return types.flatMap((type) => {
    const count = bar.counts[type] ?? 0
    if (count === 0) return []
    const height = Math.max(3, (count / most) * (HEIGHT - 10))
    y -= height
    return [{ type, y, height }]
  })
}
