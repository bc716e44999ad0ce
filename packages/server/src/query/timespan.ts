/** A window of time, milliseconds since 1970; the end does not belong to it. */
export interface TimeWindow {
  readonly startMs: number
  readonly endMs: number
}

/**
 * Reads a request's `timespan` (protocol: Logs query): `P1D`, `start/end`, `start/duration`, `duration/end`, with ISO 8601
 * times and durations. `undefined` for text that is none of these. A duration alone ends now.
 */
export function parseTimespan(text: string, nowMs: number): TimeWindow | undefined {
  const [first = '', second, ...rest] = text.split('/')
  if (rest.length > 0) return undefined
  if (second === undefined) {
    const spanMs = durationMs(first)
    return spanMs === undefined ? undefined : { startMs: nowMs - spanMs, endMs: nowMs + 1 }
  }
  const [startMs, endMs] = [momentMs(first), momentMs(second)]
  const [firstMs, secondMs] = [durationMs(first), durationMs(second)]
  if (startMs !== undefined && endMs !== undefined) return { startMs, endMs }
  if (startMs !== undefined && secondMs !== undefined) return { startMs, endMs: startMs + secondMs }
  if (firstMs !== undefined && endMs !== undefined) return { startMs: endMs - firstMs, endMs }
  return undefined
}

const UNITS_MS = { W: 604_800_000, D: 86_400_000, H: 3_600_000, M: 60_000, S: 1_000 } as const

function durationMs(text: string): number | undefined {
  const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text)
  if (parts === null || text === 'P' || text.endsWith('T')) return undefined
  const [, weeks, days, hours, minutes, seconds] = parts
  const counts = [weeks, days, hours, minutes, seconds].map((count) => Number(count ?? 0))
  const units = [UNITS_MS.W, UNITS_MS.D, UNITS_MS.H, UNITS_MS.M, UNITS_MS.S]
  const sumMs = counts.reduce((sum, count, index) => sum + count * (units[index] ?? 0), 0)
  return Number.isSafeInteger(Math.round(sumMs)) ? Math.round(sumMs) : undefined
}

function momentMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const moment = Date.parse(
    /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.includes('T') ? text : `${text}T00:00:00`}Z`,
  )
  return Number.isNaN(moment) ? undefined : moment
}
