/** ISO 8601 in UTC with the seven digits that the tables keep, from seconds since 1970 and nanoseconds. */
export function isoOf(seconds: bigint, nanoseconds: number): string {
  const date = new Date(Number(seconds) * 1_000)
  if (Number.isNaN(date.getTime())) return '1970-01-01T00:00:00.0000000Z'
  const iso = date.toISOString()
  return `${iso.slice(0, -5)}.${String(Math.floor(nanoseconds / 100)).padStart(7, '0')}Z`
}
