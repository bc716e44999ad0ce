/**
 * Milliseconds since 1970 of `2026-11-24  06:16:00`, which apt and dpkg write in the machine's own time zone. `undefined` for
 * what is no possible date; of an hour that came twice, the first.
 */
export function localTimeMs(text: string): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)[T ]+(\d\d):(\d\d)(?::(\d\d))?$/.exec(text.trim())
  if (found === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0))
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined
  return new Date(year, month - 1, day, hour, minute, second).getTime()
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** The part of an operation's id that tells its start, as the log writes it: `20261124T061600`. */
export function timeName(text: string): string {
  const digits = text.replaceAll(/\D/g, '').slice(0, 14)
  return digits.length === 14 ? `${digits.slice(0, 8)}T${digits.slice(8)}` : 'undated'
}
