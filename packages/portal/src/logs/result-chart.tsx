import { type CSSProperties, type ReactNode } from 'react'

import { momentText, safeText } from '../view/text.ts'
import { logsWords as words } from '../words/logs.ts'
import { type ChartData, type Series, SERIES_MAX } from './chart-data.ts'

const WIDTH = 1_000
const HEIGHT = 240

interface ResultChartProps {
  /** As `render` calls it, in lower case. */
  readonly kind: string
  readonly data: ChartData
  readonly rowCount: number
}

/** The chart that a query asks for: lines and areas over time, columns and bars over anything; the rest as bars. */
export function ResultChart({ kind, data, rowCount }: ResultChartProps): ReactNode {
  const isLine = data.isTime && !/^(column|bar)chart$/.test(kind)
  return (
    <figure className="result-chart" data-testid="result-chart" aria-label={words.chartLabel(kind, rowCount)}>
      <figcaption>
        {data.series.map(({ name }, index) => (
          <span key={name} className="series" style={colour(index)}>
            {safeText(name).slice(0, 60)}
          </span>
        ))}
        {data.seriesCount > SERIES_MAX ? <span className="note">{words.chartCut(SERIES_MAX)}</span> : null}
      </figcaption>
      {data.isTime ? <OverTime data={data} isLine={isLine} /> : <Bars data={data} />}
    </figure>
  )
}

function colour(index: number): CSSProperties {
  const style: CSSProperties & Readonly<Record<'--series', string>> = { '--series': `var(--series-${index % 6})` }
  return style
}

function OverTime({ data, isLine }: { readonly data: ChartData; readonly isLine: boolean }): ReactNode {
  const [first, last] = [Number(data.xs[0]), Number(data.xs.at(-1))]
  const most = Math.max(
    1,
    ...(isLine ? data.series.flatMap(({ values }) => values.map((value) => value ?? 0)) : totals(data)),
  )
  return (
    <div className="plot">
      <div className="scale" aria-hidden>
        <span>{most.toLocaleString()}</span>
        <span>0</span>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="presentation">
        {isLine ? <Lines data={data} most={most} /> : <Columns data={data} most={most} />}
      </svg>
      <div className="axis ends" aria-hidden>
        <span>{momentText(first)}</span>
        <span>{momentText(last)}</span>
      </div>
    </div>
  )
}

function totals({ xs, series }: ChartData): number[] {
  return xs.map((_, index) => series.reduce((sum, { values }) => sum + Math.max(0, values[index] ?? 0), 0))
}

interface DrawnProps {
  readonly data: ChartData
  readonly most: number
}

function Lines({ data: { xs, series }, most }: DrawnProps): ReactNode {
  const [first, last] = [Number(xs[0]), Number(xs.at(-1))]
  const xOf = (x: number | string): number => ((Number(x) - first) / Math.max(1, last - first)) * WIDTH
  return series.map(({ name, values }, index) => (
    <polyline
      key={name}
      className="line"
      style={colour(index)}
      points={values
        .flatMap((value, place) =>
          value === undefined ? [] : [`${xOf(xs[place] ?? 0)},${HEIGHT - (value / most) * HEIGHT}`],
        )
        .join(' ')}
    >
      <title>{safeText(name)}</title>
    </polyline>
  ))
}

function Columns({ data: { xs, series }, most }: DrawnProps): ReactNode {
  const [first, last] = [Number(xs[0]), Number(xs.at(-1))]
  const gaps = xs.slice(1).map((x, index) => Number(x) - Number(xs[index]))
  const stepMs = gaps.length === 0 ? 1 : Math.min(...gaps)
  const width = (stepMs / (last - first + stepMs)) * WIDTH
  return xs.map((x, place) => {
    let top = HEIGHT
    const left = ((Number(x) - first) / (last - first + stepMs)) * WIDTH
    return series.map(({ name, values }, index) => {
      const height = (Math.max(0, values[place] ?? 0) / most) * HEIGHT
      top -= height
      return height === 0 ? null : (
        <rect
          key={`${x} ${name}`}
          className="column-part"
          style={colour(index)}
          x={left + 0.5}
          y={top}
          width={Math.max(1, width - 1)}
          height={height}
        >
          <title>{`${momentText(Number(x))}\n${safeText(name)}: ${(values[place] ?? 0).toLocaleString()}`}</title>
        </rect>
      )
    })
  })
}

function Bars({ data }: { readonly data: ChartData }): ReactNode {
  const most = Math.max(1, ...totals(data))
  return (
    <div className="bars">
      {data.xs.map((x, place) => (
        <div key={String(x)} className="bar-line">
          <span className="bar-name" title={safeText(String(x))}>
            {safeText(String(x)) || '—'}
          </span>
          <span className="bar-track">
            {data.series.map((series, index) => (
              <Part key={series.name} series={series} place={place} most={most} index={index} />
            ))}
          </span>
        </div>
      ))}
    </div>
  )
}

function Part({
  series: { name, values },
  place,
  most,
  index,
}: {
  readonly series: Series
  readonly place: number
  readonly most: number
  readonly index: number
}): ReactNode {
  const value = values[place]
  if (value === undefined || value <= 0) return null
  return (
    <>
      <span
        className="bar-part"
        title={safeText(name)}
        style={{ ...colour(index), width: `${(value / most) * 80}%` }}
      />
      <span className="count">{value.toLocaleString()}</span>
    </>
  )
}
