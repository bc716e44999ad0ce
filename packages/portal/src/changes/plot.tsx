/* oxlint-disable jsx-a11y/prefer-tag-over-role -- an SVG has no button and no fieldset */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react'

import { momentText } from '../view/text.ts'
import { changeWords as words } from '../words/changes.ts'
import { types } from './change-view.ts'
import { type Bar, binMs, HEADROOM, partsOf, roundedUp, ticksOf, type TimeRange, wholeBars } from './span.ts'

const WIDTH = 1_000
const HEIGHT = 140
/** A drag over less than this part of the width is a click. */
const DRAG_MIN = 0.01

export interface PlotProps {
  readonly bars: readonly Bar[]
  readonly range: TimeRange
  readonly onZoom: (range: TimeRange) => void
}

/** The bars with their axes. A click or Enter on one zooms into it, a drag into what it went over. */
export function Plot({ bars, range, onZoom }: PlotProps): ReactNode {
  const { drag, ...handlers } = useDrag((low, high) => {
    const length = range.toMs - range.fromMs
    // A click has no width, and may be at the very end: one millisecond of it is in the bar that was meant.
    const fromMs = Math.floor(range.fromMs + Math.min(low, 0.999_999) * length)
    onZoom(wholeBars({ fromMs, toMs: Math.max(fromMs + 1, range.fromMs + high * length) }, binMs(range)))
  })
  const { stopAt, onKeyDown, onFocus } = useBarKeys(bars)
  const most = roundedUp(Math.max(0, ...bars.map(({ total }) => total)))
  const total = bars.reduce((sum, bar) => sum + bar.total, 0)
  return (
    <div className="plot">
      <div className="scale" aria-hidden>
        <span>{most.toLocaleString()}</span>
        <span>{(most / 2).toLocaleString()}</span>
        <span>0</span>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="group"
        aria-label={words.chartLabel(total, momentText(range.fromMs), momentText(range.toMs))}
        {...handlers}
      >
        {[HEADROOM, (HEIGHT + HEADROOM) / 2].map((y) => (
          <line key={y} className="grid-line" x1={0} x2={WIDTH} y1={y} y2={y} />
        ))}
        {bars.map((bar, index) => (
          <PlotBar
            key={bar.startMs}
            {...{ bar, range, most, onZoom }}
            isTabStop={index === stopAt}
            onFocus={() => onFocus(index)}
            onKeyDown={onKeyDown}
          />
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
      <Axis range={range} />
    </div>
  )
}

function Axis({ range }: { readonly range: TimeRange }): ReactNode {
  const length = range.toMs - range.fromMs
  return (
    <div className="axis" aria-hidden>
      {ticksOf(range, 6).map((atMs) => (
        <span key={atMs} style={{ insetInlineStart: `${((atMs - range.fromMs) / length) * 100}%` }}>
          {tickText(atMs, length)}
        </span>
      ))}
    </div>
  )
}

/** As much of a moment as tells it from its neighbours on the axis. */
function tickText(atMs: number, lengthMs: number): string {
  const [day = '', time = ''] = momentText(atMs).split(' ')
  if (lengthMs > 3 * 86_400_000) return day.slice(5)
  if (time.startsWith('00:00')) return day.slice(5)
  return lengthMs < 600_000 ? time : time.slice(0, 5)
}

interface BarKeys {
  /** The bar that the Tab key goes to: the chart is one stop. */
  readonly stopAt: number
  readonly onFocus: (index: number) => void
  readonly onKeyDown: (event: KeyboardEvent<SVGGElement>) => void
}

/** Arrows, Home and End go from one bar that is not empty to another. */
function useBarKeys(bars: readonly Bar[]): BarKeys {
  const [active, setActive] = useState(-1)
  const filled = bars.flatMap(({ total }, index) => (total > 0 ? [index] : []))
  const stopAt = filled.includes(active) ? active : (filled.at(-1) ?? -1)
  const onKeyDown = (event: KeyboardEvent<SVGGElement>): void => {
    const at = filled.indexOf(stopAt)
    const places = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: filled.length - 1 }
    const next = filled[Object.entries(places).find(([key]) => key === event.key)?.[1] ?? -1]
    if (next === undefined) return
    event.preventDefault()
    event.currentTarget.ownerSVGElement?.querySelectorAll<SVGGElement>('.bar')[next]?.focus()
  }
  return { stopAt, onFocus: setActive, onKeyDown }
}

interface PlotBarProps {
  readonly bar: Bar
  readonly range: TimeRange
  /** The count at the top of the scale. */
  readonly most: number
  readonly onZoom: (range: TimeRange) => void
  readonly isTabStop: boolean
  readonly onFocus: () => void
  readonly onKeyDown: (event: KeyboardEvent<SVGGElement>) => void
}

function PlotBar({ bar, range, most, onZoom, isTabStop, onFocus, onKeyDown }: PlotBarProps): ReactNode {
  const size = binMs(range)
  const xOf = (ms: number): number => ((ms - range.fromMs) / (range.toMs - range.fromMs)) * WIDTH
  const [left, right] = [xOf(bar.startMs), xOf(bar.startMs + size)]
  const told = types.map((type) => `${type} ${(bar.counts[type] ?? 0).toLocaleString()}`).join(', ')
  return (
    <g
      role="button"
      className="bar"
      data-testid={bar.total > 0 ? 'bar' : undefined}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={words.barLabel(momentText(bar.startMs), told)}
      onFocus={onFocus}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onZoom({ fromMs: bar.startMs, toMs: bar.startMs + size })
        else onKeyDown(event)
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
