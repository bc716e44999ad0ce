/** A number as people read it: `1,234`. */
export function countText(count: number): string {
  return count.toLocaleString('en')
}

/** A count with its noun: `1 file`, `1,234 files`. */
export function nounText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes with three digits, units of a thousand: `999 B`, `1.50 kB`, `6.12 GB`. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 'B']
  for (const next of UNITS) {
    // What would be shown as 1000 is 1 of the next unit.
    if (Math.round(value) < 1_000) break
    value /= 1_000
    unit = next
  }
  return unit === 'B' ? `${bytes} B` : `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${unit}`
}

/** A span as people say it, roughly: `0.3 s`, `12 s`, `5 min`, `2.5 h`. */
export function secondsText(seconds: number): string {
  if (seconds < 0.1) return 'less than 0.1 s'
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`
}
