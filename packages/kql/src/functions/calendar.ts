import { QueryMistake } from '../problem.ts'
import { datetimeFrom, timespanFrom, wholeOf } from '../scalar/convert.ts'
import { datetimeOf, type Scalar, ticksOf } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, constantText, type FunctionWriter } from './function.ts'
import { DAY_TICKS } from './time.ts'

const UNIT_TICKS: Readonly<Record<string, number>> = {
  week: 7 * DAY_TICKS,
  day: DAY_TICKS,
  hour: 36_000_000_000,
  minute: 600_000_000,
  second: 10_000_000,
  millisecond: 10_000,
  microsecond: 10,
}

/** Functions that calculate with parts of moments, and that write them. */
export const calendarFunctions: Readonly<Record<string, FunctionWriter>> = {
  datetime_add: add,
  datetime_diff: difference,
  datetime_part: (call) => partOf(call),
  datetime_utc_to_local: inZone((ticks, zone) => `${ticks} + ${zoneOffset(ticks, zone)}`),
  // The offset at the moment that the local time would be in UTC: right except within an hour of a change.
  datetime_local_to_utc: inZone(
    (ticks, zone) => `${ticks} - ${zoneOffset(`${ticks} - ${zoneOffset(ticks, zone)}`, zone)}`,
  ),
  make_datetime: makeDatetime,
  make_timespan: makeTimespan,
  format_datetime: (call) => {
    const [value, format] = argumentsOf(call, 2)
    return { sql: formatSql(call, { value: datetimeFrom(value ?? none), format }), type: 'string' }
  },
  format_timespan: (call) => {
    const [value, format] = argumentsOf(call, 2)
    return { sql: timespanFormatSql(call, { value: timespanFrom(value ?? none), format }), type: 'string' }
  },
  ingestion_time: (call) => {
    const found = call.scope.columns.get('_TimeReceived')
    if (found) return found
    throw new QueryMistake('unsupported', 'this table does not keep when its rows came', call.node)
  },
}

const none: Scalar = { sql: 'NULL', type: 'datetime' }

function unitOf(call: Call): string {
  const unit = constantText(call.args[0]?.(), call.node)?.toLowerCase() ?? ''
  return unit.replace(/s$/, '')
}

function add(call: Call): Scalar {
  const values = argumentsOf(call, 3)
  const unit = unitOf(call)
  const [amount, moment] = [wholeOf(at(values, 1)), datetimeFrom(at(values, 2))]
  const ticks = UNIT_TICKS[unit]
  if (ticks !== undefined) return { sql: datetimeOf(`${ticksOf(moment)} + ${amount} * ${ticks}`), type: 'datetime' }
  const months = { month: 1, quarter: 3, year: 12 }[unit]
  if (months !== undefined) return { sql: `addMonths(${moment}, ${amount} * ${months})`, type: 'datetime' }
  throw new QueryMistake('semantics', `"${unit}" is no part of a datetime`, call.node)
}

/** How many borders of the unit are between two moments. */
function difference(call: Call): Scalar {
  const values = argumentsOf(call, 3)
  const unit = unitOf(call)
  const [later, earlier] = [datetimeFrom(at(values, 1)), datetimeFrom(at(values, 2))]
  const ticks = UNIT_TICKS[unit]
  const count = (moment: string): string => {
    if (unit === 'year') return `toYear(${moment})`
    if (unit === 'quarter') return `(toYear(${moment}) * 4 + toQuarter(${moment}))`
    if (unit === 'month') return `(toYear(${moment}) * 12 + toMonth(${moment}))`
    if (unit === 'week') return `toRelativeWeekNum(addDays(${moment}, 1))`
    if (unit === 'nanosecond') return `(${ticksOf(moment)} * 100)`
    if (ticks === undefined) throw new QueryMistake('semantics', `"${unit}" is no part of a datetime`, call.node)
    return `intDiv(${ticksOf(moment)} - positiveModulo(${ticksOf(moment)}, ${ticks}), ${ticks})`
  }
  return { sql: `(toInt64(${count(later)}) - toInt64(${count(earlier)}))`, type: 'long' }
}

const PARTS: Readonly<Record<string, (moment: string) => string>> = {
  year: (moment) => `toYear(${moment})`,
  quarter: (moment) => `toQuarter(${moment})`,
  month: (moment) => `toMonth(${moment})`,
  week_of_year: (moment) => `toISOWeek(${moment})`,
  weekofyear: (moment) => `toISOWeek(${moment})`,
  day: (moment) => `toDayOfMonth(${moment})`,
  dayofyear: (moment) => `toDayOfYear(${moment})`,
  hour: (moment) => `toHour(${moment})`,
  minute: (moment) => `toMinute(${moment})`,
  second: (moment) => `toSecond(${moment})`,
  millisecond: (moment) => `intDiv(positiveModulo(${ticksOf(moment)}, 10000000), 10000)`,
  microsecond: (moment) => `intDiv(positiveModulo(${ticksOf(moment)}, 10000000), 10)`,
  nanosecond: (moment) => `(positiveModulo(${ticksOf(moment)}, 10000000) * 100)`,
}

function partOf(call: Call): Scalar {
  const values = argumentsOf(call, 2)
  const name = constantText(values[0], call.node)?.toLowerCase() ?? ''
  const write = PARTS[name]
  if (write === undefined) throw new QueryMistake('semantics', `"${name}" is no part of a datetime`, call.node)
  return { sql: `toInt64(${write(datetimeFrom(at(values, 1)))})`, type: 'long' }
}

function inZone(write: (ticks: string, zone: string) => string): FunctionWriter {
  return (call) => {
    const [moment, zone] = argumentsOf(call, 2)
    const name = constantText(zone, call.node) ?? 'UTC'
    if (!isZone(name)) throw new QueryMistake('semantics', `"${name}" is no time zone`, call.node)
    const bound = call.scope.writer.text(name)
    return { sql: datetimeOf(write(ticksOf(datetimeFrom(moment ?? none)), bound)), type: 'datetime' }
  }
}

function zoneOffset(ticks: string, zone: string): string {
  return `timezoneOffset(toTimeZone(${datetimeOf(ticks)}, ${zone})) * 10000000`
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function makeDatetime(call: Call): Scalar {
  const values = argumentsOf(call, 1, 6)
  if (values.length === 1) return { sql: datetimeFrom(at(values, 0)), type: 'datetime' }
  if (values.length < 3) throw new QueryMistake('semantics', 'a year, a month and a day are needed', call.node)
  const whole = (index: number, otherwise: string): string => {
    const value = values[index]
    return value === undefined ? otherwise : `toString(${wholeOf(value)})`
  }
  const padded = (index: number): string => `leftPad(${whole(index, "'0'")}, 2, '0')`
  const day = `concat(leftPad(${whole(0, "'0'")}, 4, '0'), '-', ${padded(1)}, '-', ${padded(2)}, ' ', ${padded(3)}, ':', ${padded(4)}, ':00')`
  const seconds = values[5] === undefined ? '0' : `toInt64(round(toFloat64(${values[5].sql}) * 10000000))`
  return { sql: datetimeOf(`${ticksOf(`toDateTime64OrNull(${day}, 7, 'UTC')`)} + ${seconds}`), type: 'datetime' }
}

function makeTimespan(call: Call): Scalar {
  const values = argumentsOf(call, 2, 4)
  const units =
    values.length === 4
      ? [DAY_TICKS, 36_000_000_000, 600_000_000, 10_000_000]
      : [36_000_000_000, 600_000_000, 10_000_000]
  const sum = values.map(({ sql }, index) => `toInt64(${sql} * ${units[index]})`).join(' + ')
  return { sql: `(${sum})`, type: 'timespan' }
}

interface Formatted {
  readonly value: string
  readonly format: Scalar | undefined
}

const FORMAT_PIECE = /yyyy|yy|MM|M|dd|d|HH|H|hh|h|mm|m|ss|s|tt|f{1,7}|F{1,7}|[^A-Za-z]|[A-Za-z]+/g

/** `yyyy-MM-dd HH:mm:ss.fff`: Kusto's pieces, each written by itself. */
function formatSql(call: Call, { value, format }: Formatted): string {
  const text = constantText(format, call.node) ?? ''
  const pieces = (text.match(FORMAT_PIECE) ?? []).map((piece) => datetimePiece(piece, call))
  return `ifNull(arrayMap(moment -> concat(${["''", "''", ...pieces].join(', ')}), [${value}])[1], '')`
}

function datetimePiece(piece: string, call: Call): string {
  const two = (sql: string): string => `leftPad(toString(${sql}), 2, '0')`
  const half = '((toHour(moment) + 11) % 12 + 1)'
  const WRITTEN: Readonly<Record<string, string>> = {
    yyyy: "leftPad(toString(toYear(moment)), 4, '0')",
    yy: two('toYear(moment) % 100'),
    MM: two('toMonth(moment)'),
    M: 'toString(toMonth(moment))',
    dd: two('toDayOfMonth(moment)'),
    d: 'toString(toDayOfMonth(moment))',
    HH: two('toHour(moment)'),
    H: 'toString(toHour(moment))',
    hh: two(half),
    h: `toString(${half})`,
    mm: two('toMinute(moment)'),
    m: 'toString(toMinute(moment))',
    ss: two('toSecond(moment)'),
    s: 'toString(toSecond(moment))',
    tt: "if(toHour(moment) < 12, 'AM', 'PM')",
  }
  return (
    WRITTEN[piece] ?? fractionPiece(piece, `positiveModulo(${ticksOf('moment')}, 10000000)`) ?? plainPiece(piece, call)
  )
}

function fractionPiece(piece: string, ticks: string): string | undefined {
  if (!/^(f+|F+)$/.test(piece)) return undefined
  const digits = `substring(leftPad(toString(${ticks}), 7, '0'), 1, ${piece.length})`
  return piece.startsWith('f') ? digits : `replaceRegexpOne(${digits}, '0+$', '')`
}

function plainPiece(piece: string, call: Call): string {
  if (/^[A-Za-z]/.test(piece)) throw new QueryMistake('bad-literal', `"${piece}" is no part of a format`, call.node)
  return call.scope.writer.text(piece)
}

/** `d.hh:mm:ss.fff`: days in as many digits as there are letters. */
function timespanFormatSql(call: Call, { value, format }: Formatted): string {
  const text = constantText(format, call.node) ?? ''
  const size = 'abs(span)'
  const unit = (ticks: number, modulus: number, width: number): string =>
    `leftPad(toString(intDiv(${size}, ${ticks}) % ${modulus}), ${width}, '0')`
  const pieces = (text.match(/d+|H+|h+|m+|s+|f{1,7}|F{1,7}|[^A-Za-z]|[A-Za-z]+/g) ?? []).map((piece) => {
    if (/^d+$/.test(piece))
      return `leftPad(toString(intDiv(${size}, ${DAY_TICKS})), toUInt32(greatest(${piece.length}, length(toString(intDiv(${size}, ${DAY_TICKS}))))), '0')`
    if (/^[Hh]{1,2}$/.test(piece))
      return unit(36_000_000_000, 24, piece.length > 1 ? 2 : 1).replace(/^leftPad\((.*), 1, '0'\)$/, '$1')
    if (/^m{1,2}$/.test(piece))
      return unit(600_000_000, 60, piece.length > 1 ? 2 : 1).replace(/^leftPad\((.*), 1, '0'\)$/, '$1')
    if (/^s{1,2}$/.test(piece))
      return unit(10_000_000, 60, piece.length > 1 ? 2 : 1).replace(/^leftPad\((.*), 1, '0'\)$/, '$1')
    return fractionPiece(piece, `${size} % 10000000`) ?? plainPiece(piece, call)
  })
  return `ifNull(arrayMap(span -> concat(${["if(span < 0, '-', '')", "''", ...pieces].join(', ')}), [${value}])[1], '')`
}
