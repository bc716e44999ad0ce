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

const BIN_SIZES_MS = [
  ...[1_000, 5_000, 15_000, 30_000, 60_000, 300_000, 900_000, 1_800_000],
  ...[3_600_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000],
] as const

/** Bars that a chart has at most. */
export const BARS_MAX = 60

/** The smallest size of a bar with which the range has at most `BARS_MAX`. */
export function binMs({ fromMs, toMs }: TimeRange): number {
  const largest = 86_400_000
  return (
    BIN_SIZES_MS.find((size) => (toMs - fromMs) / size <= BARS_MAX) ??
    Math.ceil((toMs - fromMs) / BARS_MAX / largest) * largest
  )
}

/** Counts by type for each bar of a range; bars begin at multiples of their size since 1970. */
export interface Bar {
  readonly startMs: number
  readonly counts: Readonly<Record<string, number>>
  readonly total: number
}

/** Puts moments with their types into bars. Moments outside of the range are left out. */
export function barsOf(events: readonly { readonly atMs: number; readonly type: string }[], range: TimeRange): Bar[] {
  const size = binMs(range)
  const first = Math.floor(range.fromMs / size) * size
  const bars = new Map<number, Record<string, number>>()
  for (let start = first; start < range.toMs; start += size) bars.set(start, {})
  for (const { atMs, type } of events) {
    if (atMs < range.fromMs || atMs >= range.toMs) continue
    const counts = bars.get(Math.floor(atMs / size) * size)
    if (counts) counts[type] = (counts[type] ?? 0) + 1
  }
  return [...bars].map(([startMs, counts]) => ({
    startMs,
    counts,
    total: Object.values(counts).reduce((sum, count) => sum + count, 0),
  }))
}
