import { asText, type Scalar } from '../scalar/scalar.ts'
import { jsonOf } from './conversion.ts'
import { argumentsOf, at, type Call, type FunctionWriter } from './function.ts'

/** Elements of a set or list that is made of a column. */
export const ELEMENTS_MAX = 1_048_576

const long = (sql: string): Scalar => ({ sql: `toInt64(${sql})`, type: 'long' })
const real =
  (name: string): FunctionWriter =>
  (call) => ({ sql: `${name}(${at(argumentsOf(call, 1), 0).sql})`, type: 'real' })
const same =
  (name: string): FunctionWriter =>
  (call) => {
    const value = at(argumentsOf(call, 1), 0)
    return { sql: `${name}(${value.sql})`, type: value.type }
  }
const sameIf =
  (name: string): FunctionWriter =>
  (call) => {
    const values = argumentsOf(call, 2)
    return { sql: `${name}If(${at(values, 0).sql}, ${holds(at(values, 1))})`, type: at(values, 0).type }
  }

function holds({ sql }: Scalar): string {
  return `ifNull(${sql}, false)`
}

// A sum of no numbers is null in ClickHouse for nullable columns, and 0 in Kusto.
const sum =
  (name: string): FunctionWriter =>
  (call) => {
    const values = argumentsOf(call, name === 'sum' ? 1 : 2)
    const condition = values[1] ? `, ${holds(values[1])}` : ''
    const { sql, type } = at(values, 0)
    return { sql: `ifNull(${name}(${sql}${condition}), 0)`, type: type === 'int' ? 'long' : type }
  }

const list =
  (name: string): FunctionWriter =>
  (call: Call) => {
    const [value] = argumentsOf(call, 1, 2)
    const json = value ? jsonOf(value) : "''"
    const elements = `arrayFilter(element -> element NOT IN ('null', ''), ${name}(${ELEMENTS_MAX})(${json}))`
    return { sql: `concat('[', arrayStringConcat(${elements}, ','), ']')`, type: 'dynamic' }
  }

/** Functions over the rows of a group. `arg_max`, `arg_min` and `take_any` of several stand in tabular/summarize.ts. */
export const aggregateFunctions: Readonly<Record<string, FunctionWriter>> = {
  count: (call) => {
    argumentsOf(call, 0)
    return long('count()')
  },
  countif: (call) => long(`countIf(${holds(at(argumentsOf(call, 1), 0))})`),
  dcount: (call) => long(`uniqExact(${distinctOf(at(argumentsOf(call, 1, 2), 0))})`),
  dcountif: (call) => {
    const values = argumentsOf(call, 2, 3)
    return long(`uniqExactIf(${distinctOf(at(values, 0))}, ${holds(at(values, 1))})`)
  },
  count_distinct: (call) => long(`uniqExact(${distinctOf(at(argumentsOf(call, 1), 0))})`),
  sum: sum('sum'),
  sumif: sum('sumIf'),
  avg: real('avg'),
  min: same('min'),
  max: same('max'),
  minif: sameIf('min'),
  maxif: sameIf('max'),
  stdev: real('stddevSamp'),
  variance: real('varSamp'),
  take_any: same('any'),
  any: same('any'),
  make_set: list('groupUniqArray'),
  make_list: list('groupArray'),
}

function distinctOf(value: Scalar): string {
  return value.type === 'dynamic' ? asText(value) : value.sql
}
