const DAY_SECONDS = 86_400
/** Days whose text is remembered: files are mostly of few days. */
const DAYS_MAX = 10_000
/** Seconds beyond which no datetime of the tables goes, about the years 1 and 9999. */
const SECONDS_MIN = -62_135_596_800
const SECONDS_MAX = 253_402_300_799

const days = new Map<number, string>()
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))

/** Seconds whose text is remembered: what was unpacked together is of one. */
const TEXTS_MAX = 1_024
const texts = new Map<number, string>()

/** `2023-04-13T23:03:54` in UTC, from seconds since 1970; what no datetime can hold is 1970. */
export function secondsText(seconds: number): string {
  if (!(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX)) return '1970-01-01T00:00:00'
  const known = texts.get(seconds)
  if (known !== undefined) return known
  if (texts.size >= TEXTS_MAX) texts.clear()
  const text = textOf(seconds)
  texts.set(seconds, text)
  return text
}

function textOf(seconds: number): string {
  const day = Math.floor(seconds / DAY_SECONDS)
  const rest = seconds - day * DAY_SECONDS
  const [hour, minute] = [Math.floor(rest / 3_600), Math.floor(rest / 60) % 60]
  return `${dayText(day)}T${twoDigits[hour] ?? ''}:${twoDigits[minute] ?? ''}:${twoDigits[rest % 60] ?? ''}`
}

/** ISO 8601 in UTC with the seven digits that the tables keep. */
export function isoOf(seconds: number, nanoseconds: number): string {
  return `${secondsText(seconds)}.${String(Math.min(9_999_999, Math.floor(nanoseconds / 100))).padStart(7, '0')}Z`
}

function dayText(day: number): string {
  const known = days.get(day)
  if (known !== undefined) return known
  if (days.size >= DAYS_MAX) days.clear()
  const text = new Date(day * DAY_SECONDS * 1_000).toISOString().slice(0, -14)
  days.set(day, text)
  return text
}
