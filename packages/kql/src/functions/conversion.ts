import { asText, isNumber, isWhole, type Scalar } from '../scalar/scalar.ts'
import { argumentsOf, at, type FunctionWriter } from './function.ts'

const first =
  (write: (value: Scalar) => Scalar): FunctionWriter =>
  (call) =>
    write(at(argumentsOf(call, 1), 0))

const toLong = first((value) => ({ sql: wholeOf(value), type: 'long' }))
const toReal = first((value) => ({ sql: realOf(value), type: 'real' }))
const toDatetime = first((value) =>
  value.type === 'datetime'
    ? value
    : { sql: `parseDateTime64BestEffortOrNull(${asText(value)}, 7, 'UTC')`, type: 'datetime' },
)
const toBool = first((value) => ({ sql: boolOf(value), type: 'bool' }))

/** Conversions. What cannot be converted is null. */
export const conversionFunctions: Readonly<Record<string, FunctionWriter>> = {
  tostring: first((value) => ({ sql: asText(value), type: 'string' })),
  tolong: toLong,
  toint: toLong,
  todouble: toReal,
  toreal: toReal,
  todecimal: toReal,
  tobool: toBool,
  toboolean: toBool,
  todatetime: toDatetime,
  toguid: first((value) => ({ sql: asText(value), type: 'guid' })),
  parse_json: dynamic,
  todynamic: dynamic,
  toobject: dynamic,
  array_length: first(({ sql }) => ({
    sql: `if(startsWith(${sql}, '['), toInt64(JSONLength(${sql})), NULL)`,
    type: 'long',
  })),
  pack_array: (call) => ({
    sql: `concat('[', arrayStringConcat([${argumentsOf(call, 1, 64).map(jsonOf).join(', ')}], ','), ']')`,
    type: 'dynamic',
  }),
}

function dynamic(call: Parameters<FunctionWriter>[0]): Scalar {
  const value = at(argumentsOf(call, 1), 0)
  if (value.type === 'dynamic') return value
  const text = asText(value)
  return { sql: `if(isValidJSON(${text}), ${text}, if(${text} = '', '', toJSONString(${text})))`, type: 'dynamic' }
}

/** A value as JSON text. */
export function jsonOf(value: Scalar): string {
  if (value.type === 'dynamic') return `if(${value.sql} = '', 'null', ${value.sql})`
  if (isNumber(value.type)) return `ifNull(toString(${value.sql}), 'null')`
  if (value.type === 'bool') return `ifNull(if(${value.sql}, 'true', 'false'), 'null')`
  return `toJSONString(${asText(value)})`
}

function wholeOf(value: Scalar): string {
  if (isWhole(value.type)) return value.sql
  if (value.type === 'real' || value.type === 'decimal' || value.type === 'bool') return `toInt64(${value.sql})`
  if (value.type === 'timespan') return value.sql
  const text = `trimBoth(${asText(value)})`
  return `ifNull(toInt64OrNull(${text}), toInt64(toFloat64OrNull(${text})))`
}

function realOf(value: Scalar): string {
  if (isNumber(value.type) || value.type === 'bool') return `toFloat64(${value.sql})`
  return `toFloat64OrNull(trimBoth(${asText(value)}))`
}

function boolOf(value: Scalar): string {
  if (value.type === 'bool') return value.sql
  if (isNumber(value.type)) return `(${value.sql} != 0)`
  const text = `lower(trimBoth(${asText(value)}))`
  return `multiIf(${text} IN ('true', '1'), true, ${text} IN ('false', '0'), false, NULL)`
}
