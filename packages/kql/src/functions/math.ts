import { type Scalar, isWhole } from '../scalar/scalar.ts'
import { realOf } from '../scalar/convert.ts'
import { ARGUMENTS_MAX, argumentsOf, at, type Call, fn, type FunctionWriter } from './function.ts'
import { arithmetic, comparison } from '../scalar/operators.ts'
import { commonType } from './condition.ts'

const real = (name: string): FunctionWriter => fn('real', 'r', (value) => `${name}(${value})`)
const bits = (name: string): FunctionWriter => fn('long', 'ii', (one, other) => `${name}(${one}, ${other})`)
const same =
  (write: (value: string) => string): FunctionWriter =>
  (call) => {
    const value = at(argumentsOf(call, 1), 0)
    const number = value.type === 'dynamic' ? { sql: realOf(value), type: 'real' as const } : value
    return { sql: write(number.sql), type: number.type }
  }
// Nulls do not count.
const among =
  (name: string): FunctionWriter =>
  (call) => {
    const values = argumentsOf(call, 2, ARGUMENTS_MAX)
    return { sql: `${name}(${values.map(({ sql }) => sql).join(', ')})`, type: commonType(values) }
  }

/** Functions on numbers. */
export const mathFunctions: Readonly<Record<string, FunctionWriter>> = {
  abs: same((value) => `abs(${value})`),
  sign: same((value) => `toInt64(sign(${value}))`),
  ceiling: whole('ceil'),
  exp: real('exp'),
  exp2: real('exp2'),
  exp10: real('exp10'),
  log: fn('real', 'r', (value) => logarithm('log', value)),
  log10: fn('real', 'r', (value) => logarithm('log10', value)),
  log2: fn('real', 'r', (value) => logarithm('log2', value)),
  loggamma: real('lgamma'),
  gamma: real('tgamma'),
  sqrt: fn('real', 'r', (value) => `if(${value} < 0, NULL, sqrt(${value}))`),
  pow: fn('real', 'rr', (value, exponent) => `pow(${value}, ${exponent})`),
  sin: real('sin'),
  cos: real('cos'),
  tan: real('tan'),
  cot: fn('real', 'r', (value) => `(1 / tan(${value}))`),
  asin: real('asin'),
  acos: real('acos'),
  atan: real('atan'),
  atan2: fn('real', 'rr', (y, x) => `atan2(${y}, ${x})`),
  degrees: real('degrees'),
  radians: real('radians'),
  pi: fn('real', '', () => 'pi()'),
  rand: (call) => {
    const [top] = argumentsOf(call, 0, 1)
    return top === undefined
      ? { sql: 'randCanonical()', type: 'real' }
      : { sql: `toFloat64(floor(randCanonical() * ${top.sql}))`, type: 'real' }
  },
  isnan: fn('bool', 'r', (value) => `isNaN(${value})`),
  isinf: fn('bool', 'r', (value) => `isInfinite(${value})`),
  isfinite: fn('bool', 'r', (value) => `isFinite(${value})`),
  erf: real('erf'),
  erfc: real('erfc'),
  around: (call) => {
    const values = argumentsOf(call, 3)
    const [value, center, delta] = [at(values, 0), at(values, 1), at(values, 2)]
    const node = call.node
    const least = comparison('>=', value, arithmetic('-', { left: center, right: delta, node })).sql
    return {
      sql: `(${least} AND ${comparison('<=', value, arithmetic('+', { left: center, right: delta, node })).sql})`,
      type: 'bool',
    }
  },
  round,
  min_of: among('least'),
  max_of: among('greatest'),
  binary_and: bits('bitAnd'),
  binary_or: bits('bitOr'),
  binary_xor: bits('bitXor'),
  binary_not: fn('long', 'i', (value) => `bitNot(${value})`),
  binary_shift_left: fn('long', 'ii', (value, by) => `bitShiftLeft(${value}, ${by} % 64)`),
  binary_shift_right: fn('long', 'ii', (value, by) => `bitShiftRight(${value}, ${by} % 64)`),
  bitset_count_ones: fn('long', 'i', (value) => `toInt64(bitCount(${value}))`),
}

function logarithm(name: string, value: string): string {
  return `if(${value} < 0, NULL, ${name}(${value}))`
}

function whole(name: string): FunctionWriter {
  return (call) => {
    const value = at(argumentsOf(call, 1), 0)
    return isWhole(value.type) ? value : { sql: `${name}(${realOf(value)})`, type: 'real' }
  }
}

/** Halves go away from zero, as Kusto's do; ClickHouse's go to the even number. */
function round(call: Call): Scalar {
  const [value, digits] = argumentsOf(call, 1, 2)
  if (value === undefined) throw new RangeError('no argument')
  if (isWhole(value.type) && digits === undefined) return value
  const power = digits === undefined ? '1' : `exp10(${digits.sql})`
  // The smallest step more: 2.15 is a little less in binary.
  const size = `floor(abs(number) * power + 0.5 + abs(number) * power * 1e-15) / power`
  const sql = `arrayMap((number, power) -> if(isFinite(number) AND abs(number) < 1e15, sign(number) * ${size}, number), [${realOf(value)}], [toFloat64(${power})])[1]`
  return isWhole(value.type) ? { sql: `toInt64(${sql})`, type: 'long' } : { sql, type: 'real' }
}
