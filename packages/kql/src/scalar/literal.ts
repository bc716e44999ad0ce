import { kindOf, type SyntaxNode, tokensOf } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import type { Writer } from '../writer.ts'
import type { Scalar } from './scalar.ts'

/** A literal as a bound parameter; `undefined` for a node that is none. */
export function literal(node: SyntaxNode, writer: Writer): Scalar | undefined {
  const text = textOf(node)
  switch (kindOf(node)) {
    case 'StringLiteralExpression':
      return textLiteral(typeof node.LiteralValue === 'string' ? node.LiteralValue : '', writer)
    case 'LongLiteralExpression':
    case 'IntLiteralExpression':
      return wholeLiteral(node, text, writer)
    case 'DecimalLiteralExpression':
    case 'RealLiteralExpression':
      return realLiteral(node, text, writer)
    case 'BooleanLiteralExpression':
      return boolLiteral(text)
    case 'DateTimeLiteralExpression':
      return datetimeLiteral(node, text, writer)
    case 'TimespanLiteralExpression':
      return timespanLiteral(node, text, writer)
    case 'GuidLiteralExpression':
      return isNull(text)
        ? { sql: "''", type: 'guid', constant: null }
        : { sql: writer.text(inner(text).toLowerCase()), type: 'guid', constant: inner(text).toLowerCase() }
    default:
      return undefined
  }
}

/** The text of the tokens below a node. */
export function textOf(node: SyntaxNode): string {
  return tokensOf(node)
    .map(({ Text }) => Text ?? '')
    .join('')
}

/** What stands between the parentheses of `datetime(…)`, or all of it. */
function inner(text: string): string {
  return (/^\w+\s*\(([^]*)\)$/.exec(text.trim())?.[1] ?? text).trim().replace(/^(["'])([^]*)\1$/, '$2')
}

function isNull(text: string): boolean {
  return inner(text).toLowerCase() === 'null'
}

/** A text as a bound parameter. */
export function textLiteral(value: string, writer: Writer): Scalar {
  return { sql: writer.text(value), type: 'string', constant: value }
}

function boolLiteral(text: string): Scalar {
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(Bool)')", type: 'bool', constant: null }
  const isTrue = /true|^bool\w*\(\s*-?0*[1-9]/i.test(text)
  return { sql: isTrue ? 'true' : 'false', type: 'bool', constant: isTrue }
}

function wholeLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  const type = kindOf(node) === 'IntLiteralExpression' ? 'int' : 'long'
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(Int64)')", type, constant: null }
  const digits = inner(text)
  if (!/^[-+]?(\d+|0x[0-9a-f]+)$/i.test(digits)) throw bad(node, 'a whole number')
  const value = BigInt(digits.replace(/^\+/, ''))
  if (value > 2n ** 63n - 1n || value < -(2n ** 63n)) throw bad(node, 'a number of 64 bits')
  return { sql: writer.whole(value), type, constant: value }
}

function realLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(Float64)')", type: 'real', constant: null }
  const special = /^([-+]?)(nan|inf|infinity)$/i.exec(inner(text))
  if (special) {
    const isNaN = special[2]?.toLowerCase() === 'nan'
    return { sql: isNaN ? 'nan' : `${special[1] === '-' ? '-' : ''}inf`, type: 'real' }
  }
  const value = Number(inner(text))
  if (Number.isNaN(value)) throw bad(node, 'a number')
  return { sql: writer.bind('Float64', value), type: 'real', constant: value }
}

const DATETIME =
  /^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:[T ]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?)?\s*([AP]M)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i

/** The store's datetimes are between these years. */
const YEAR_MIN = 1900
const YEAR_MAX = 2299

function datetimeLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(DateTime64(7, \\'UTC\\'))')", type: 'datetime', constant: null }
  const found = momentOf(inner(text))
  if (found === undefined) throw bad(node, 'a datetime, such as datetime(2024-05-31 23:59:59)')
  const year = new Date(found.momentMs).getUTCFullYear()
  if (year < YEAR_MIN || year > YEAR_MAX)
    throw new QueryMistake('bad-literal', `datetimes before ${YEAR_MIN} and after ${YEAR_MAX} are not kept here`, node)
  return { sql: datetimeParameter(writer, found), type: 'datetime', constant: ticksSince1970(found) }
}

function ticksSince1970({ momentMs, fraction }: Moment): bigint {
  const seconds = BigInt(Math.floor(momentMs / 1_000))
  return seconds * 10_000_000n + BigInt(fraction.slice(0, 7).padEnd(7, '0'))
}

interface Moment {
  readonly momentMs: number
  /** The digits behind the second. */
  readonly fraction: string
}

/** The moment that a text says, in any form that Kusto's literals have. */
function momentOf(text: string): Moment | undefined {
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', half, zone = 'Z'] =
    DATETIME.exec(text) ?? []
  if (year === undefined) {
    const isWords = /[a-z]{3}|^\d{1,2}[-/]\d{1,2}[-/]\d{4}/i.test(text)
    const moment = isWords ? Date.parse(/(Z|GMT|UTC|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text} UTC`) : Number.NaN
    return Number.isNaN(moment) ? undefined : { momentMs: moment, fraction: '' }
  }
  const noon = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0)
  const [month2, day2, hour2, minute2, second2] = [month, day, String(noon), minute, second].map((part) =>
    part.padStart(2, '0'),
  )
  const offset = zone.toUpperCase() === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  const momentMs = Date.parse(`${year}-${month2}-${day2}T${hour2}:${minute2}:${second2}${offset.toUpperCase()}`)
  return Number.isNaN(momentMs) ? undefined : { momentMs, fraction: fraction.slice(0, 7) }
}

/** A moment as a parameter. `fraction` are the digits behind the second. */
export function datetimeParameter(
  writer: Writer,
  { momentMs, fraction }: { readonly momentMs: number; readonly fraction?: string },
): string {
  const iso = new Date(momentMs).toISOString()
  const digits = (fraction ?? iso.slice(20, 23)).padEnd(7, '0')
  return writer.bind("DateTime64(7, 'UTC')", `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${digits}`)
}

/** A moment of ticks since 1970 as a parameter, which is known to be that moment. */
export function momentLiteral(ticks: bigint, writer: Writer): Scalar {
  const fraction = ((ticks % 10_000_000n) + 10_000_000n) % 10_000_000n
  const momentMs = Number((ticks - fraction) / 10_000n)
  const sql = datetimeParameter(writer, { momentMs, fraction: String(fraction).padStart(7, '0') })
  return { sql, type: 'datetime', constant: ticks }
}

const UNIT_TICKS: readonly (readonly [RegExp, number])[] = [
  [/^(d|day|days)$/, 864_000_000_000],
  [/^(h|hr|hrs|hour|hours)$/, 36_000_000_000],
  [/^(m|min|minute|minutes)$/, 600_000_000],
  [/^(s|sec|second|seconds)$/, 10_000_000],
  [/^(ms|milli|millis|millisecond|milliseconds)$/, 10_000],
  [/^(us|micro|micros|microsecond|microseconds)$/, 10],
  [/^(tick|ticks)$/, 1],
]

function timespanLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(Int64)')", type: 'timespan', constant: null }
  const ticks = timespanTicks(inner(text))
  if (ticks === undefined) throw bad(node, 'a timespan, such as 1h, 30m or time(1.02:03:04)')
  return { sql: writer.whole(ticks), type: 'timespan', constant: ticks }
}

/** Ticks of `1.5h`, `2 days`, `1.02:03:04.5` or a number of days; `undefined` for other text. */
export function timespanTicks(text: string): bigint | undefined {
  const [, amount, unit] = /^([-+]?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) {
    const size = UNIT_TICKS.find(([pattern]) => pattern.test(unit.toLowerCase()))?.[1]
    return size === undefined ? undefined : BigInt(Math.round(Number(amount) * size))
  }
  if (/^[-+]?\d+$/.test(text)) return BigInt(text) * 864_000_000_000n
  const [, sign, days = '0', hours, minutes, seconds = '0', fraction = ''] =
    /^([-+]?)(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text) ?? []
  if (hours === undefined || minutes === undefined) return undefined
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const ticks = whole * 10_000_000n + BigInt(fraction.padEnd(7, '0'))
  return sign === '-' ? -ticks : ticks
}

function bad(node: SyntaxNode, wanted: string): QueryMistake {
  return new QueryMistake('bad-literal', `this is not ${wanted}`, node)
}
