/** The spans that can be chosen, with their lengths in milliseconds. */
export const spans = {
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
} as const
export type SpanName = keyof typeof spans

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
    const height = Math.max(3, (count / Math.max(1, scale.most)) * (scale.height - 10))
    top -= height
    return [{ type, top, height }]
  })
}
