const TICKS_PER_SECOND = 10_000_000n
const SECONDS_PER_DAY = 86_400n

/**
 * Kusto's text for a timespan, `[-][d.]hh:mm:ss[.fffffff]`, from the ticks of 100 ns that a `timespan` column of an
 * answer holds (a 64-bit integer: pass it as text or bigint, a number above 2^53 has lost digits).
 */
export function timespanText(ticks: bigint | number | string): string {
  const count = BigInt(ticks)
  const size = count < 0n ? -count : count
  const seconds = size / TICKS_PER_SECOND
  const fraction = size % TICKS_PER_SECOND
  const days = seconds / SECONDS_PER_DAY
  const clock = [(seconds % SECONDS_PER_DAY) / 3_600n, (seconds / 60n) % 60n, seconds % 60n]
  const text = clock.map((part) => String(part).padStart(2, '0')).join(':')
  const sign = count < 0n ? '-' : ''
  return `${sign}${days > 0n ? `${days}.` : ''}${text}${fraction > 0n ? `.${String(fraction).padStart(7, '0')}` : ''}`
}
