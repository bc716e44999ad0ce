import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { datetimeParameter } from '../scalar/literal.ts'
import { datetimeOf, isNumber, isWhole, type Scalar, ticksOf, TICKS_TO_1970 } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, type FunctionWriter } from './function.ts'

const UTC = "'UTC'"
const datetime = (sql: string): Scalar => ({ sql: `toDateTime64(${sql}, 7, ${UTC})`, type: 'datetime' })

const startOf =
  (write: (value: string) => string): FunctionWriter =>
  (call) => {
    const values = argumentsOf(call, 1, 2)
    return datetime(write(dateOf(at(values, 0), call.node)))
  }
const part =
  (write: (value: string) => string): FunctionWriter =>
  (call) => ({ sql: `toInt64(${write(dateOf(at(argumentsOf(call, 1), 0), call.node))})`, type: 'long' })

/** Functions on time. */
export const timeFunctions: Readonly<Record<string, FunctionWriter>> = {
  now: (call) => {
    const [offset] = argumentsOf(call, 0, 1)
    const now = nowSql(call)
    return offset === undefined
      ? { sql: now, type: 'datetime' }
      : { sql: datetimeOf(`${ticksOf(now)} + ${offset.sql}`), type: 'datetime' }
  },
  ago: (call) => {
    const span = at(argumentsOf(call, 1), 0)
    if (span.type !== 'timespan')
      throw new QueryMistake('semantics', 'ago() takes a timespan, such as 1h or 7d', call.node)
    return { sql: datetimeOf(`${ticksOf(nowSql(call))} - ${span.sql}`), type: 'datetime' }
  },
  bin,
  floor: bin,
  startofday: startOf((value) => `toStartOfDay(${value}, ${UTC})`),
  startofweek: startOf((value) => `toDateTime(toStartOfWeek(${value}, 0, ${UTC}), ${UTC})`),
  startofmonth: startOf((value) => `toDateTime(toStartOfMonth(${value}, ${UTC}), ${UTC})`),
  startofyear: startOf((value) => `toDateTime(toStartOfYear(${value}, ${UTC}), ${UTC})`),
  hourofday: part((value) => `toHour(${value}, ${UTC})`),
  dayofmonth: part((value) => `toDayOfMonth(${value}, ${UTC})`),
  dayofyear: part((value) => `toDayOfYear(${value}, ${UTC})`),
  monthofyear: part((value) => `toMonth(${value}, ${UTC})`),
  getyear: part((value) => `toYear(${value}, ${UTC})`),
  getmonth: part((value) => `toMonth(${value}, ${UTC})`),
  dayofweek: (call) => ({
    // Sunday is 0.
    sql: `(toInt64(toDayOfWeek(${dateOf(at(argumentsOf(call, 1), 0), call.node)}, 0, ${UTC}) % 7) * 864000000000)`,
    type: 'timespan',
  }),
  unixtime_seconds_todatetime: (call) => ({
    sql: datetimeOf(`toInt64(${at(argumentsOf(call, 1), 0).sql} * 10000000)`),
    type: 'datetime',
  }),
  unixtime_milliseconds_todatetime: (call) => ({
    sql: datetimeOf(`toInt64(${at(argumentsOf(call, 1), 0).sql} * 10000)`),
    type: 'datetime',
  }),
}

function nowSql({ scope }: Call): string {
  return datetimeParameter(scope.writer, { momentMs: scope.options.nowMs })
}

function dateOf({ sql, type }: Scalar, node: SyntaxNode): string {
  if (type !== 'datetime') throw new QueryMistake('semantics', 'a datetime is needed here', node)
  return sql
}

/** Rounds down. Bins of time count from 0001-01-01, as Kusto's do: a bin of 7 days begins on a Monday. */
function bin(call: Call): Scalar {
  const values = argumentsOf(call, 2)
  const [value, size] = [at(values, 0), at(values, 1)]
  if (value.type === 'datetime' && size.type === 'timespan') {
    const sinceOne = `(${ticksOf(value.sql)} + ${TICKS_TO_1970})`
    return { sql: datetimeOf(`${binned(sinceOne, size.sql)} - ${TICKS_TO_1970}`), type: 'datetime' }
  }
  if (value.type === 'timespan' && size.type === 'timespan')
    return { sql: binned(value.sql, size.sql), type: 'timespan' }
  if (isWhole(value.type) && isWhole(size.type)) return { sql: binned(value.sql, size.sql), type: 'long' }
  if (isNumber(value.type) && isNumber(size.type))
    return { sql: `(floor(${value.sql} / nullIf(${size.sql}, 0)) * ${size.sql})`, type: 'real' }
  throw new QueryMistake('semantics', `a ${value.type} cannot be binned by a ${size.type}`, call.node)
}

function binned(value: string, size: string): string {
  return `(${value} - positiveModulo(${value}, nullIf(${size}, 0)))`
}
