import type { QueryCell } from '@tidemark/model'

// C0 and C1 controls but the line feed, soft hyphen, bidirectional marks, and what has no width: a name that holds one
// of them looks like another name (Unicode Technical Report 36, "Unicode Security Considerations").
const HIDDEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** What comes from machines may hold anything: characters that hide or turn text are shown as escapes. */
export function safeText(value: QueryCell | undefined): string {
  return String(value ?? '').replace(
    HIDDEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A time as people read it, in the viewer's zone, to the second. Empty for what is no time. */
export function timeText(time: QueryCell | undefined): string {
  const moment = new Date(String(time ?? ''))
  if (Number.isNaN(moment.getTime())) return ''
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`
}

/** The same for milliseconds since 1970. */
export function momentText(atMs: number): string {
  return timeText(new Date(atMs).toISOString())
}

/** How long ago, in the largest unit that fits: `3 min`. */
export function agoText(iso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** A number of bytes in the unit that people would take: `20 KiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1_024 ** power
  return `${power === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}
