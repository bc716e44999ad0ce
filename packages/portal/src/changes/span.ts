/** The spans that can be chosen, with their lengths in milliseconds. */
export const spans = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
  '90d': 7_776_000_000,
} as const
export type SpanName = keyof typeof spans

/** The beginning of a span up to now, in KQL. */
export function spanKql(span: SpanName): string {
  return `ago(${span})`
}

/** A window of time, milliseconds since 1970. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const SECONDS = [1, 5, 15, 30].map((count) => count * SECOND)
const MINUTES = [1, 5, 15, 30].map((count) => count * MINUTE)
const HOURS = [1, 3, 6, 12, 24].map((count) => count * HOUR)

/** Bars that a chart has at most, not counting one that is cut off by the begin of the range. */
export const BARS_MAX = 60

/** The smallest size of a bar, in milliseconds, with which the range has at most `BARS_MAX`. */
export function binMs({ fromMs, toMs }: TimeRange): number {
  const sizes = [...SECONDS, ...MINUTES, ...HOURS]
  const found = sizes.find((size) => (toMs - fromMs) / size <= BARS_MAX)
  return found ?? Math.ceil((toMs - fromMs) / BARS_MAX / DAY) * DAY
}

/** The range widened to whole bars of its own size, so that none is cut off. */
export function wholeBars(range: TimeRange, sizeMs: number): TimeRange {
  return { fromMs: Math.floor(range.fromMs / sizeMs) * sizeMs, toMs: Math.ceil(range.toMs / sizeMs) * sizeMs }
}

/** A moment as `<input type="datetime-local">` wants it: the viewer's own zone, to the second. */
export function localInput(atMs: number): string {
  return new Date(atMs - new Date(atMs).getTimezoneOffset() * MINUTE).toISOString().slice(0, 19)
}

/** Milliseconds since 1970 of what such an input holds; undefined while it is not a time. */
export function parseLocalInput(text: string): number | undefined {
  const atMs = new Date(text).getTime()
  return Number.isNaN(atMs) ? undefined : atMs
}

/** Counts by type for each bar of a range; bars begin at multiples of their size since 1970. */
export interface Bar {
  readonly startMs: number
  readonly counts: Readonly<Record<string, number>>
  readonly total: number
}

/** How many changes of a type a moment, or a time from it on that fits into a bar, has. */
export interface Counted {
  readonly atMs: number
  readonly type: string
  readonly count: number
}

/** Puts counts into the bars of a range. What is before its first bar or behind its last is left out. */
export function barsOf(counted: readonly Counted[], range: TimeRange): Bar[] {
  const size = binMs(range)
  const first = Math.floor(range.fromMs / size) * size
  const bars = new Map<number, Record<string, number>>()
  for (let start = first; start < range.toMs; start += size) bars.set(start, {})
  for (const { atMs, type, count } of counted) {
    const counts = bars.get(Math.floor(atMs / size) * size)
    if (counts) counts[type] = (counts[type] ?? 0) + count
  }
  return [...bars].map(([startMs, counts]) => ({
    startMs,
    counts,
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
  }))
}

/** Moments for the axis of a range: about as many as asked for, at whole minutes, hours or days of the viewer's zone. */
export function ticksOf({ fromMs, toMs }: TimeRange, count: number): number[] {
  const steps = [...SECONDS, ...MINUTES, ...HOURS, 2 * DAY, 7 * DAY, 14 * DAY]
  const step = steps.find((size) => (toMs - fromMs) / size <= count) ?? 30 * DAY
  const zoneMs = new Date(fromMs).getTimezoneOffset() * MINUTE
  const first = Math.ceil((fromMs - zoneMs) / step) * step + zoneMs
  return Array.from({ length: Math.max(0, Math.floor((toMs - first) / step) + 1) }, (_, index) => first + index * step)
}

/** The smallest round number (1, 2, 4, 6 or 8 times a power of ten) that is not below a count, and at least 4. */
export function roundedUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(4, count)))
  return [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((round) => round >= Math.max(4, count)) ?? 10 * power
}

/** What is left free above the highest bar: small parts, which are drawn larger than they are, may need it. */
export const HEADROOM = 10

/** One part of a bar; from the top, in the unit of the height that was given. */
export interface BarPart {
  readonly type: string
  readonly top: number
  readonly height: number
}

/** The parts of a bar from the bottom up; what is there is at least three units high, so that it can be seen. */
export function partsOf(
  bar: Bar,
  types: readonly string[],
  scale: { readonly most: number; readonly height: number },
): BarPart[] {
  let top = scale.height
  return types.flatMap((type) => {
    const count = bar.counts[type] ?? 0
    if (count === 0) return []
    const height = Math.max(3, (count / Math.max(1, scale.most)) * (scale.height - HEADROOM))
    top -= height
    return [{ type, top, height }]
  })
}
