import type { ColumnType } from '@tidemark/model'

import { asText, datetimeOf, isNumber, isWhole, type Scalar } from './scalar.ts'

/** The types that a column of the SQL has. */
export const STORED: Readonly<Record<ColumnType, string>> = {
  bool: 'Nullable(Bool)',
  datetime: "Nullable(DateTime64(7, 'UTC'))",
  decimal: 'Nullable(Float64)',
  dynamic: 'String',
  guid: 'String',
  int: 'Nullable(Int64)',
  long: 'Nullable(Int64)',
  real: 'Nullable(Float64)',
  string: 'String',
  timespan: 'Nullable(Int64)',
}

/** `CAST(sql, type)`, with the type's own quotes escaped. */
export function cast(sql: string, type: string): string {
  return `CAST(${sql}, '${type.replaceAll("'", "\\'")}')`
}

/** A null of the type; of text, the empty one. */
export function nullOf(type: ColumnType): string {
  return STORED[type] === 'String' ? "''" : cast('NULL', STORED[type])
}

/** The value in the type that columns of the SQL have, so that several may stand in one column. */
export function stored(value: Scalar, type: ColumnType): string {
  const converted = converts(value, type)
  return cast(STORED[type] === 'String' ? `ifNull(${converted}, '')` : converted, STORED[type])
}

/** The value as another type. */
export function convertedTo(value: Scalar, type: ColumnType): Scalar {
  return value.type === type ? value : { sql: converts(value, type), type }
}

/** SQL of the value as another type, as the `to…` function of that type gives it. */
export function converts(value: Scalar, type: ColumnType): string {
  if (value.type === type) return value.sql
  switch (type) {
    case 'string':
      return asText(value)
    case 'guid':
      return guidOf(value)
    case 'dynamic':
      return jsonOf(value)
    case 'int':
    case 'long':
      return wholeOf(value)
    case 'real':
    case 'decimal':
      return realOf(value)
    case 'bool':
      return boolOf(value)
    case 'datetime':
      return datetimeFrom(value)
    case 'timespan':
      return timespanFrom(value)
  }
}

const DIGIT_COUNTS = [8, 4, 4, 4, 12]

/** Thirty-two hexadecimal digits, with dashes anywhere, in their usual form. */
function guidOf(value: Scalar): string {
  let from = 1
  const groups = DIGIT_COUNTS.map((count) => {
    from += count
    return `substring(guid, ${from - count}, ${count})`
  })
  const written = `if(match(guid, '^[0-9a-f]{32}$'), concat(${groups.join(", '-', ")}), '')`
  return `arrayMap(guid -> ${written}, [lower(replaceRegexpAll(${asText(value)}, '[-{}()]', ''))])[1]`
}

export function wholeOf(value: Scalar): string {
  if (isWhole(value.type) || value.type === 'timespan') return value.sql
  if (value.type === 'bool') return `toInt64(${value.sql})`
  if (value.type === 'datetime') return `(reinterpretAsInt64(${value.sql}) + 621355968000000000)`
  if (isNumber(value.type)) return `if(isFinite(${value.sql}), accurateCastOrNull(trunc(${value.sql}), 'Int64'), NULL)`
  const digits =
    "if(match(digits, '^[-+]?0[xX][0-9a-fA-F]{1,15}$'), CAST(reinterpretAsInt64(reverse(unhex(leftPad(substring(digits, 3), 16, '0')))), 'Nullable(Int64)'), ifNull(toInt64OrNull(digits), accurateCastOrNull(trunc(toFloat64OrNull(digits)), 'Int64')))"
  const truths = "if(lower(digits) = 'true', 1, if(lower(digits) = 'false', 0, NULL))"
  const written = value.type === 'dynamic' ? `ifNull(${digits}, ${truths})` : digits
  return `arrayMap(digits -> ${written}, [trimBoth(${asText(value)}, ' \\t\\r\\n')])[1]`
}

export function realOf(value: Scalar): string {
  if (isNumber(value.type) || value.type === 'bool') return `toFloat64(${value.sql})`
  if (value.type === 'timespan' || value.type === 'datetime') return `toFloat64(${wholeOf(value)})`
  return `toFloat64OrNull(trimBoth(${asText(value)}, ' \\t\\r\\n'))`
}

export function boolOf(value: Scalar): string {
  if (value.type === 'bool') return value.sql
  if (isNumber(value.type)) return `(${value.sql} != 0)`
  const truth =
    "multiIf(truth = 'true', true, truth = 'false', false, match(truth, '^-?[0-9]+$'), CAST(toFloat64OrNull(truth) != 0, 'Nullable(Bool)'), CAST(NULL, 'Nullable(Bool)'))"
  return `arrayMap(truth -> ${truth}, [lower(trimBoth(${asText(value)}, ' \\t\\r\\n'))])[1]`
}

export function datetimeFrom(value: Scalar): string {
  if (value.type === 'datetime') return value.sql
  if (isNumber(value.type) || value.type === 'timespan')
    return datetimeOf(`${wholeOf(value)} - toInt64(621355968000000000)`)
  // ClickHouse reads much more than a date: a bare number is none here.
  const moment = [
    "match(moment, '^[-+]?[0-9.]*$'), CAST(NULL, 'Nullable(DateTime64(7, \\'UTC\\'))')",
    "match(moment, '^[0-9]{4}-[0-9]{2}$'), parseDateTime64BestEffortOrNull(concat(moment, '-01'), 7, 'UTC')",
    "match(moment, '^[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4}'), parseDateTime64BestEffortUSOrNull(moment, 7, 'UTC')",
    "parseDateTime64BestEffortOrNull(moment, 7, 'UTC')",
  ].join(', ')
  return `arrayMap(moment -> multiIf(${moment}), [trimBoth(${asText(value)}, ' \\t\\r\\n')])[1]`
}

const CLOCK = '^(-?)(?:([0-9]+)[.:])?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.]([0-9]{1,7}))?)?$'

export function timespanFrom(value: Scalar): string {
  if (value.type === 'timespan') return value.sql
  if (isWhole(value.type)) return value.sql
  if (isNumber(value.type)) return wholeOf(value)
  const part = (index: number): string => `ifNull(toInt64OrNull(part[${index}]), 0)`
  const seconds = `((${part(2)} * 24 + ${part(3)}) * 60 + ${part(4)}) * 60 + ${part(5)}`
  const ticks = `(${seconds}) * 10000000 + ifNull(toInt64OrNull(rightPad(part[6], 7, '0')), 0)`
  const clock = `if(part[1] = '-', -1, 1) * (${ticks})`
  const unit =
    "transform(lower(part[2]), ['d','h','m','s','ms','day','days','hour','hours','min','minute','minutes','sec','second','seconds'], [864000000000,36000000000,600000000,10000000,10000,864000000000,864000000000,36000000000,36000000000,600000000,600000000,600000000,10000000,10000000,10000000], 0)"
  const units = `arrayMap(part -> if(length(part) = 2 AND ${unit} > 0, toInt64(toFloat64OrNull(part[1]) * ${unit}), NULL), [extractGroups(span, '^(-?[0-9]+(?:[.][0-9]+)?) ?([a-zA-Z]+)$')])[1]`
  const days = "if(match(span, '^-?[0-9]+$'), toInt64OrNull(span) * 864000000000, NULL)"
  const whole = `arrayMap(part -> if(length(part) = 6, toNullable(${clock}), NULL), [extractGroups(span, '${CLOCK}')])[1]`
  return `arrayMap(span -> coalesce(${whole}, ${units}, ${days}), [trimBoth(${asText(value)}, ' \\t\\r\\n')])[1]`
}

/** A text as a JSON string. ClickHouse writes `\/` where a slash does. */
export function jsonString(sql: string): string {
  return `replaceAll(toJSONString(${sql}), '\\\\/', '/')`
}

/** A value as JSON text, `null` for null. */
export function jsonOf(value: Scalar): string {
  switch (value.type) {
    case 'dynamic':
      return `if(empty(${value.sql}), 'null', ${value.sql})`
    case 'int':
    case 'long':
    case 'decimal':
      return `ifNull(toString(${value.sql}), 'null')`
    case 'real':
      return `ifNull(multiIf(isNaN(${value.sql}), '"NaN"', isInfinite(${value.sql}), '"Infinity"', ${value.sql} = trunc(${value.sql}) AND abs(${value.sql}) < 1e15, concat(toString(toInt64(${value.sql})), '.0'), toString(${value.sql})), 'null')`
    case 'bool':
      return `multiIf((${value.sql}) IS NULL, 'null', ${value.sql}, 'true', 'false')`
    case 'datetime':
    case 'timespan':
      return `if(${value.sql} IS NULL, 'null', ${jsonString(asText(value))})`
    case 'string':
    case 'guid':
      return jsonString(value.sql)
  }
}

/** The elements of a JSON array as JSON texts; none of what is no array. */
export function elements(json: string): string {
  return `JSONExtractArrayRaw(${json})`
}

/** A JSON array of JSON texts. */
export function jsonArray(texts: string): string {
  return `concat('[', arrayStringConcat(${texts}, ','), ']')`
}

/** A JSON object of an array of (key, JSON text). */
export function jsonObject(pairs: string): string {
  return `concat('{', arrayStringConcat(arrayMap(pair -> concat(${jsonString('pair.1')}, ':', pair.2), ${pairs}), ','), '}')`
}
