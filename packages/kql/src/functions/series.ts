import { boolOf, elements, jsonArray, jsonOf } from '../scalar/convert.ts'
import type { Scalar } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, constantText, fn, type FunctionWriter } from './function.ts'
import { severalDynamic } from './several.ts'

const dynamic = (sql: string): Scalar => ({ sql, type: 'dynamic' })
const REAL = (sql: string): string => jsonOf({ sql, type: 'real' })

/** Functions on series, which are arrays of numbers as `make-series` gives them. Those that decompose them are not known. */
export const seriesFunctions: Readonly<Record<string, FunctionWriter>> = {
  ...severalDynamic,
  series_add: pairwise((one, other) => `(${one} + ${other})`),
  series_subtract: pairwise((one, other) => `(${one} - ${other})`),
  series_multiply: pairwise((one, other) => `(${one} * ${other})`),
  series_divide: pairwise((one, other) => `(${one} / nullIf(${other}, 0))`),
  series_greater: compared('>'),
  series_greater_equals: compared('>='),
  series_less: compared('<'),
  series_less_equals: compared('<='),
  series_equals: compared('='),
  series_not_equals: compared('!='),
  series_abs: each('abs(one)'),
  series_ceiling: each('ceil(one)'),
  series_floor: each('floor(one)'),
  series_sum: fn('real', 'j', (series = '') => `arraySum(${numbers(series)})`),
  series_product: fn('real', 'j', (series = '') => `arrayProduct(${numbers(series)})`),
  series_dot_product: (call) => {
    const values = argumentsOf(call, 2)
    const [one, other] = [numbers(jsonOf(at(values, 0))), numbers(jsonOf(at(values, 1)))]
    return { sql: `arraySum((one, other) -> one * other, ${one}, arrayResize(${other}, length(${one})))`, type: 'real' }
  },
  series_fill_const: filled((call, values) => {
    const constant = jsonOf(at(values, 1))
    return `arrayMap(one -> if(${isMissing(call, values[2])}, ${constant}, one), parts)`
  }),
  series_fill_forward: filled(
    (call, values) =>
      `arrayMap((one, place) -> if(${isMissing(call, values[1])}, arrayElement(arrayConcat(['null'], parts), arrayLastIndex(one -> NOT ${isMissing(call, values[1])}, arraySlice(parts, 1, place)) + 1), one), parts, arrayEnumerate(parts))`,
  ),
  series_fill_backward: filled(
    (call, values) =>
      `arrayMap((one, place) -> if(${isMissing(call, values[1])}, arrayMap(found -> if(found = 0, 'null', parts[found + place - 1]), [arrayFirstIndex(one -> NOT ${isMissing(call, values[1])}, arraySlice(parts, place))])[1], one), parts, arrayEnumerate(parts))`,
  ),
  series_fill_linear: linear,
}

function numbers(json: string): string {
  return `arrayMap(one -> ifNull(toFloat64OrNull(one), 0.), ${elements(json)})`
}

function maybeNumbers(json: string): string {
  return `arrayMap(one -> toFloat64OrNull(one), ${elements(json)})`
}

function each(sql: string): FunctionWriter {
  return fn('dynamic', 'j', (series = '') => jsonArray(`arrayMap(one -> ${REAL(sql)}, ${maybeNumbers(series)})`))
}

/** Two series, or a series and a number for all its points. */
function aligned(call: Call): readonly [string, string] {
  const values = argumentsOf(call, 2)
  const [one, other] = [at(values, 0), at(values, 1)]
  const of = (value: Scalar, beside: Scalar): string =>
    value.type === 'dynamic'
      ? maybeNumbers(jsonOf(value))
      : `arrayWithConstant(length(${maybeNumbers(jsonOf(beside))}), CAST(${value.sql}, 'Nullable(Float64)'))`
  const first = of(one, other)
  return [first, `arrayResize(${of(other, one)}, length(${first}), NULL)`]
}

function pairwise(write: (one: string, other: string) => string): FunctionWriter {
  return (call) => {
    const [one, other] = aligned(call)
    return dynamic(jsonArray(`arrayMap((one, other) -> ${REAL(write('one', 'other'))}, ${one}, ${other})`))
  }
}

function compared(operator: string): FunctionWriter {
  return (call) => {
    const [one, other] = aligned(call)
    const truth = jsonOf({ sql: `(one ${operator} other)`, type: 'bool' })
    return dynamic(jsonArray(`arrayMap((one, other) -> ${truth}, ${one}, ${other})`))
  }
}

function filled(write: (call: Call, values: readonly Scalar[]) => string): FunctionWriter {
  return (call) => {
    const values = argumentsOf(call, 1, 3)
    return dynamic(jsonArray(`arrayMap(parts -> ${write(call, values)}, [${elements(jsonOf(at(values, 0)))}])[1]`))
  }
}

/** A point without a value: null, or the value that the call says. */
function isMissing(call: Call, given: Scalar | undefined): string {
  if (given === undefined || given.constant === null) return `(one = 'null')`
  if (given.type === 'string')
    return `(one = ${JSON.stringify(constantText(given, call.node)) === '""' ? "'null'" : jsonOf(given)})`
  return `(ifNull(toFloat64OrNull(one) = ${given.sql}, false))`
}

/** Missing points lie on the line between their neighbours; before the first and behind the last value they are as these. */
function linear(call: Call): Scalar {
  const values = argumentsOf(call, 1, 4)
  const missing = isMissing(call, values[1])
  const fillsEdges = values[2] === undefined ? 'true' : `ifNull(${boolOf(values[2])}, true)`
  const otherwise = values[3] === undefined ? '0.' : `toFloat64(${values[3].sql})`
  const before = `arrayLastIndex(one -> NOT ${missing}, arraySlice(parts, 1, place))`
  const behind = `arrayMap(found -> if(found = 0, 0, found + place - 1), [toInt64(arrayFirstIndex(one -> NOT ${missing}, arraySlice(parts, place)))])[1]`
  const number = (place: string): string => `toFloat64OrNull(parts[${place}])`
  const between = `(${number('before')} + (${number('behind')} - ${number('before')}) * (place - before) / (behind - before))`
  const cases = [
    `before > 0 AND behind > 0, ${between}`,
    `before = 0 AND behind = 0, ${otherwise}`,
    `NOT ${fillsEdges}, NULL`,
    `before > 0, ${number('before')}`,
    number('behind'),
  ]
  const point = `arrayMap((before, behind) -> multiIf(${cases.join(', ')}), [toInt64(${before})], [toInt64(${behind})])[1]`
  const cell = `if(${missing}, ${REAL(point)}, one)`
  return dynamic(
    jsonArray(
      `arrayMap(parts -> arrayMap((one, place) -> ${cell}, parts, arrayMap(place -> toInt64(place), arrayEnumerate(parts))), [${elements(jsonOf(at(values, 0)))}])[1]`,
    ),
  )
}
