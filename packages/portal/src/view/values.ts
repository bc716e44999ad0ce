import type { QueryCell } from '@tidemark/model'

import { bytesText, timeText } from './text.ts'

const TIMES: ReadonlySet<string> = new Set([
  'TimeGenerated',
  'DateCreated',
  'DateModified',
  'DateChanged',
  'InstallDate',
  'TimeObserved',
])

/** A column's value as people read it; what cannot be read that way stays as it came. Empty for what is not there. */
export function valueText(column: string, cell: QueryCell | undefined): string {
  const text = String(cell ?? '')
  if (TIMES.has(column)) return exactTimeText(text) || text
  if (column === 'Size') return sizeText(text)
  if (column === 'FileMode') return modeText(text)
  if (column === 'Acls') return text.replaceAll(',', '\n')
  if (column === 'Xattrs') return namedValues(text)
  return text
}

/** A time to the last digit that is told, in the viewer's zone: two writes within one second are two times. */
export function exactTimeText(time: QueryCell | undefined): string {
  const fraction = /\.(\d*?)0*(?:Z|$)/.exec(String(time ?? ''))?.[1] ?? ''
  const told = timeText(time)
  return told === '' || fraction === '' ? told : `${told}.${fraction}`
}

function sizeText(text: string): string {
  const bytes = Number(text)
  return bytes >= 1_024 ? `${text} (${bytesText(bytes)})` : text
}

/** `4755` as `4755 (rwsr-xr-x)`, as `ls -l` writes it (ls(1), "What information is listed"). */
function modeText(text: string): string {
  if (!/^[0-7]{3,5}$/.test(text)) return text
  const mode = Number.parseInt(text, 8)
  const letters = ['u', 'g', 'o'].map((_, index) => {
    const bits = (mode >> (6 - 3 * index)) & 7
    const special = mode & (0o4000 >> index)
    const letter = index === 2 ? 't' : 's'
    const last = special ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? 'x' : '-'
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`
  })
  return `${text} (${letters.join('')})`
}

/** A JSON object as one `name = value` a line. */
function namedValues(text: string): string {
  const value = parsedJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return text
  const lines = Object.entries(value).map(
    ([name, one]) => `${name} = ${typeof one === 'string' ? one : JSON.stringify(one)}`,
  )
  return lines.join('\n')
}

/** The value that JSON text stands for; undefined for what is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
