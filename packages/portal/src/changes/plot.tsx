/* oxlint-disable jsx-a11y/prefer-tag-over-role -- an SVG has no button and no fieldset */
import { type PointerEvent, type ReactNode, useState } from 'react'

import { momentText } from '../view/text.ts'
import { types } from './change-view.ts'
import { type Bar, binMs, partsOf, type TimeRange, wholeBars } from './span.ts'

const WIDTH = 1_000
const HEIGHT = 140
/** A drag over less than this part of the width is a click. */
const DRAG_MIN = 0.01

export interface PlotProps {
  readonly bars: readonly Bar[]
  readonly range: TimeRange
  readonly onZoom: (range: TimeRange) => void
}

/** The bars. A click or Enter on one zooms into it, a drag into what it went over. */
export function Plot({ bars, range, onZoom }: PlotProps): ReactNode {
  const { drag, ...handlers } = useDrag((low, high) => {
    const length = range.toMs - range.fromMs
    // A click has no width, and may be at the very end: one millisecond of it is in the bar that was meant.
    const fromMs = Math.floor(range.fromMs + Math.min(low, 0.999_999) * length)
    onZoom(wholeBars({ fromMs, toMs: Math.max(fromMs + 1, range.fromMs + high * length) }, binMs(range)))
  })
  const most = Math.max(1, ...bars.map(({ total }) => total))
  const total = bars.reduce((sum, bar) => sum + bar.total, 0)
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="group"
      aria-label={`${total} changes from ${momentText(range.fromMs)} to ${momentText(range.toMs)}`}
      {...handlers}
    >
      {bars.map((bar) => (
        <PlotBar key={bar.startMs} bar={bar} range={range} most={most} onZoom={onZoom} />
      ))}
      {drag ? (
        <rect
          className="selection"
          x={Math.min(drag.from, drag.to) * WIDTH}
          width={Math.abs(drag.to - drag.from) * WIDTH}
          height={HEIGHT}
        />
      ) : null}
    </svg>
  )
}

interface PlotBarProps {
  readonly bar: Bar
  readonly range: TimeRange
  /** The count of the highest bar. */
  readonly most: number
  readonly onZoom: (range: TimeRange) => void
}

function PlotBar({ bar, range, most, onZoom }: PlotBarProps): ReactNode {
  const size = binMs(range)
  const xOf = (ms: number): number => ((ms - range.fromMs) / (range.toMs - range.fromMs)) * WIDTH
  const [left, right] = [xOf(bar.startMs), xOf(bar.startMs + size)]
  const told = types.map((type) => `${type} ${(bar.counts[type] ?? 0).toLocaleString()}`).join(', ')
  return (
    <g
      role="button"
      className="bar"
      data-testid={bar.total > 0 ? 'bar' : undefined}
      tabIndex={bar.total > 0 ? 0 : -1}
      aria-label={`${momentText(bar.startMs)}: ${told}. Enter zooms in`}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onZoom({ fromMs: bar.startMs, toMs: bar.startMs + size })
      }}
    >
      <title>{`${momentText(bar.startMs)}\n${told}`}</title>
      <rect className="behind" x={left} width={right - left} height={HEIGHT} />
      {partsOf(bar, types, { most, height: HEIGHT }).map(({ type, top, height }) => (
        <rect
          key={type}
          className={`type-${type}`}
          x={left + 1}
          y={top}
          width={Math.max(1, right - left - 2)}
          height={height}
        />
      ))}
    </g>
  )
}

interface Drag {
  readonly from: number
  readonly to: number
}

interface DragHandlers {
  readonly drag: Drag | undefined
  readonly onPointerDown: (event: PointerEvent<SVGSVGElement>) => void
  readonly onPointerMove: (event: PointerEvent<SVGSVGElement>) => void
  readonly onPointerUp: (event: PointerEvent<SVGSVGElement>) => void
  readonly onPointerCancel: () => void
}

/** Tells which part of the width was dragged over, 0 to 1; both ends are the same for a click. */
function useDrag(onDragged: (low: number, high: number) => void): DragHandlers {
  const [drag, setDrag] = useState<Drag>()
  const place = (event: PointerEvent<SVGSVGElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(1, (event.clientX - left) / width))
  }
  return {
    drag,
    onPointerDown: (event) => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setDrag({ from: place(event), to: place(event) })
    },
    onPointerMove: (event) => drag && setDrag({ from: drag.from, to: place(event) }),
    onPointerUp: (event) => {
      if (drag === undefined) return
      setDrag(undefined)
      const to = place(event)
      const isClick = Math.abs(to - drag.from) < DRAG_MIN
      onDragged(isClick ? to : Math.min(drag.from, to), isClick ? to : Math.max(drag.from, to))
    },
    onPointerCancel: () => setDrag(undefined),
  }
}
