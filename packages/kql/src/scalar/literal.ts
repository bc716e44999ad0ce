import { kindOf, type SyntaxNode, tokensOf } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import type { Writer } from '../writer.ts'
import type { Scalar } from './scalar.ts'

/** A literal as a bound parameter; `undefined` for a node that is none. */
export function literal(node: SyntaxNode, writer: Writer): Scalar | undefined {
  const text = textOf(node)
  switch (kindOf(node)) {
    case 'StringLiteralExpression':
      return { sql: writer.text(typeof node.LiteralValue === 'string' ? node.LiteralValue : ''), type: 'string' }
    case 'LongLiteralExpression':
    case 'IntLiteralExpression':
      return wholeLiteral(node, text, writer)
    case 'RealLiteralExpression':
      return realLiteral(node, text, writer)
    case 'BooleanLiteralExpression':
      return {
        sql: isNull(text) ? "CAST(NULL, 'Nullable(Bool)')" : /true/i.test(text) ? 'true' : 'false',
        type: 'bool',
      }
    case 'DateTimeLiteralExpression':
      return datetimeLiteral(node, text, writer)
    case 'TimespanLiteralExpression':
      return timespanLiteral(node, text, writer)
    case 'GuidLiteralExpression':
      return { sql: writer.text(inner(text).toLowerCase()), type: 'guid' }
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

function wholeLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  const type = kindOf(node) === 'IntLiteralExpression' ? 'int' : 'long'
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(Int64)')", type }
  const digits = inner(text)
  if (!/^[-+]?(\d+|0x[0-9a-f]+)$/i.test(digits)) throw bad(node, 'a whole number')
  const value = BigInt(digits.replace(/^\+/, ''))
  if (value > 2n ** 63n - 1n || value < -(2n ** 63n)) throw bad(node, 'a number of 64 bits')
  return { sql: writer.whole(value), type }
}

function realLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(Float64)')", type: 'real' }
  const value = Number(inner(text))
  if (Number.isNaN(value)) throw bad(node, 'a number')
  return { sql: writer.bind('Float64', value), type: 'real' }
}

function datetimeLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(DateTime64(7, \\'UTC\\'))')", type: 'datetime' }
  const [, day, time = '00:00:00', fraction = '', zone = 'Z'] =
    /^(\d{4}-\d{1,2}-\d{1,2})(?:[T ](\d{1,2}:\d{2}(?::\d{2})?)(?:\.(\d{1,7}))?)?\s*(Z|[+-]\d\d:\d\d)?$/.exec(
      inner(text),
    ) ?? []
  const padded = day
    ?.split('-')
    .map((part) => part.padStart(2, '0'))
    .join('-')
  const clock = time.length <= 5 ? `${time.padStart(5, '0')}:00` : time.padStart(8, '0')
  const moment = Date.parse(`${padded}T${clock}${zone}`)
  if (day === undefined || Number.isNaN(moment)) throw bad(node, 'a datetime, such as datetime(2024-05-31 23:59:59)')
  return { sql: datetimeParameter(writer, { momentMs: moment, fraction }), type: 'datetime' }
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

const UNIT_TICKS: readonly (readonly [RegExp, number])[] = [
  [/^(d|day|days)$/, 864_000_000_000],
  [/^(h|hr|hrs|hour|hours)$/, 36_000_000_000],
  [/^(m|min|minute|minutes)$/, 600_000_000],
  [/^(s|sec|second|seconds)$/, 10_000_000],
  [/^(ms|milli|millis|millisecond|milliseconds)$/, 10_000],
  [/^(micro|micros|microsecond|microseconds)$/, 10],
  [/^(tick|ticks)$/, 1],
]

function timespanLiteral(node: SyntaxNode, text: string, writer: Writer): Scalar {
  if (isNull(text)) return { sql: "CAST(NULL, 'Nullable(Int64)')", type: 'timespan' }
  const ticks = timespanTicks(inner(text))
  if (ticks === undefined) throw bad(node, 'a timespan, such as 1h, 30m or time(1.02:03:04)')
  return { sql: writer.whole(ticks), type: 'timespan' }
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
