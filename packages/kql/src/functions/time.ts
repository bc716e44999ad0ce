import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { datetimeFrom, realOf, wholeOf } from '../scalar/convert.ts'
import { datetimeParameter, momentLiteral } from '../scalar/literal.ts'
import { datetimeOf, isNumber, isWhole, type Scalar, ticksOf, TICKS_TO_1970 } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, fn, type FunctionWriter } from './function.ts'

const UTC = "'UTC'"
export const DAY_TICKS = 864_000_000_000

const datetime = (sql: string): Scalar => ({ sql: `toDateTime64(${sql}, 7, ${UTC})`, type: 'datetime' })
const STARTS: Readonly<Record<string, (value: string) => string>> = {
  day: (value) => `toStartOfDay(${value}, ${UTC})`,
  week: (value) => `toStartOfWeek(${value}, 0, ${UTC})`,
  month: (value) => `toStartOfMonth(${value}, ${UTC})`,
  year: (value) => `toStartOfYear(${value}, ${UTC})`,
}
const ADDS: Readonly<Record<string, string>> = {
  day: 'addDays',
  week: 'addWeeks',
  month: 'addMonths',
  year: 'addYears',
}

/** `startof…(d, offset)` and `endof…`, which is a tick before the next start. */
const bound =
  (period: string, isEnd: boolean): FunctionWriter =>
  (call) => {
    const [value, offset] = argumentsOf(call, 1, 2)
    const moment = datetimeFrom(value ?? { sql: 'NULL', type: 'datetime' })
    const start = datetime(STARTS[period]?.(moment) ?? moment)
    const steps = `${offset === undefined ? '0' : `ifNull(${wholeOf(offset)}, 0)`}${isEnd ? ' + 1' : ''}`
    if (steps === '0') return start
    const moved = `${ADDS[period]}(${start.sql}, ${steps})`
    return isEnd ? { sql: datetimeOf(`${ticksOf(moved)} - 1`), type: 'datetime' } : { sql: moved, type: 'datetime' }
  }
const part = (write: (value: string) => string): FunctionWriter =>
  fn('int', 'd', (value = '') => `toInt64(${write(value)})`)

/** Functions that ask for a part of a moment, and for what stands around it. */
export const timeFunctions: Readonly<Record<string, FunctionWriter>> = {
  now: (call) => {
    const [offset] = argumentsOf(call, 0, 1)
    return momentAt(call, offset, 1n)
  },
  ago: (call) => {
    const span = at(argumentsOf(call, 1), 0)
    if (span.type !== 'timespan')
      throw new QueryMistake('semantics', 'ago() takes a timespan, such as 1h or 7d', call.node)
    return momentAt(call, span, -1n)
  },
  bin,
  floor,
  bin_at: binAt,
  startofday: bound('day', false),
  startofweek: bound('week', false),
  startofmonth: bound('month', false),
  startofyear: bound('year', false),
  endofday: bound('day', true),
  endofweek: bound('week', true),
  endofmonth: bound('month', true),
  endofyear: bound('year', true),
  hourofday: part((value) => `toHour(${value}, ${UTC})`),
  dayofmonth: part((value) => `toDayOfMonth(${value}, ${UTC})`),
  dayofyear: part((value) => `toDayOfYear(${value}, ${UTC})`),
  monthofyear: part((value) => `toMonth(${value}, ${UTC})`),
  getyear: part((value) => `toYear(${value}, ${UTC})`),
  getmonth: part((value) => `toMonth(${value}, ${UTC})`),
  week_of_year: part((value) => `toISOWeek(${value}, ${UTC})`),
  weekofyear: part((value) => `toISOWeek(${value}, ${UTC})`),
  // Sunday is 0.
  dayofweek: fn('timespan', 'd', (value) => `(toInt64(toDayOfWeek(${value}, 0, ${UTC}) % 7) * ${DAY_TICKS})`),
  unixtime_seconds_todatetime: unixTime(10_000_000),
  unixtime_milliseconds_todatetime: unixTime(10_000),
  unixtime_microseconds_todatetime: unixTime(10),
  unixtime_nanoseconds_todatetime: fn('datetime', 'i', (value) => datetimeOf(`intDiv(${value}, 100)`)),
}

function unixTime(ticks: number): FunctionWriter {
  return (call) => {
    const value = at(argumentsOf(call, 1), 0)
    return { sql: datetimeOf(`${isWhole(value.type) ? value.sql : realOf(value)} * ${ticks}`), type: 'datetime' }
  }
}

/** Now and a span: where the text says the span, one value that the store's index can be asked for. */
function momentAt(call: Call, span: Scalar | undefined, sign: 1n | -1n): Scalar {
  const nowTicks = BigInt(Math.trunc(call.scope.options.nowMs)) * 10_000n
  const ticks = span === undefined ? 0n : typeof span.constant === 'bigint' ? span.constant : undefined
  if (ticks !== undefined) return momentLiteral(nowTicks + sign * ticks, call.scope.writer)
  return { sql: datetimeOf(`${ticksOf(nowSql(call))} ${sign > 0n ? '+' : '-'} ${span?.sql}`), type: 'datetime' }
}

function nowSql({ scope }: Pick<Call, 'scope'>): string {
  return datetimeParameter(scope.writer, { momentMs: scope.options.nowMs })
}

/** `floor(x)` of one number, or the same as `bin`. */
function floor(call: Call): Scalar {
  if (call.args.length !== 1) return bin(call)
  const value = at(argumentsOf(call, 1), 0)
  return isWhole(value.type) ? value : { sql: `floor(${realOf(value)})`, type: 'real' }
}

function bin(call: Call): Scalar {
  const values = argumentsOf(call, 2)
  return binned(at(values, 0), at(values, 1), call.node)
}

/** Rounds down. Bins of time count from 0001-01-01, as Kusto's do: a bin of 7 days begins on a Monday. */
export function binned(value: Scalar, size: Scalar, node: SyntaxNode): Scalar {
  if (value.type === 'datetime' && typeof size.constant === 'bigint' && size.constant > 0n) {
    // Most sizes divide the time to 1970, from where the store counts.
    const offset = TICKS_TO_1970 % size.constant
    const ticks = ticksOf(value.sql)
    const over = `positiveModulo(${offset === 0n ? ticks : `${ticks} + ${offset}`}, ${size.sql})`
    return { sql: datetimeOf(`${ticks} - ${over}`), type: 'datetime' }
  }
  if (value.type === 'datetime' && size.type === 'timespan') {
    const sinceOne = `(${ticksOf(value.sql)} + ${TICKS_TO_1970})`
    return { sql: datetimeOf(`${wholeBin(sinceOne, size.sql)} - ${TICKS_TO_1970}`), type: 'datetime' }
  }
  if (value.type === 'timespan' && size.type === 'timespan')
    return { sql: wholeBin(value.sql, size.sql), type: 'timespan' }
  if (isWhole(value.type) && isWhole(size.type)) return { sql: wholeBin(value.sql, size.sql), type: 'long' }
  const isCounted = (type: Scalar['type']): boolean => isNumber(type) || type === 'dynamic'
  if (isCounted(value.type) && isCounted(size.type))
    return { sql: `(floor(${realOf(value)} / nullIf(${realOf(size)}, 0)) * ${realOf(size)})`, type: 'real' }
  throw new QueryMistake('semantics', `a ${value.type} cannot be binned by a ${size.type}`, node)
}

function wholeBin(value: string, size: string): string {
  return `(${value} - positiveModulo(${value}, nullIf(${size}, 0)))`
}

/** Bins of which one begins at a given place. */
function binAt(call: Call): Scalar {
  const values = argumentsOf(call, 3)
  const [value, size, fixed] = [at(values, 0), at(values, 1), at(values, 2)]
  if (value.type === 'datetime') {
    const [ticks, place] = [ticksOf(value.sql), ticksOf(datetimeFrom(fixed))]
    return { sql: datetimeOf(`${wholeBin(`(${ticks} - ${place})`, size.sql)} + ${place}`), type: 'datetime' }
  }
  if (value.type === 'timespan' || (isWhole(value.type) && isWhole(size.type) && isWhole(fixed.type)))
    return { sql: `(${wholeBin(`(${value.sql} - ${fixed.sql})`, size.sql)} + ${fixed.sql})`, type: value.type }
  const [one, step, zero] = [realOf(value), realOf(size), realOf(fixed)]
  return { sql: `(floor((${one} - ${zero}) / nullIf(${step}, 0)) * ${step} + ${zero})`, type: 'real' }
}
