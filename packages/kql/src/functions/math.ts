import type { Scalar } from '../scalar/scalar.ts'
import { argumentsOf, at, type FunctionWriter } from './function.ts'

const real =
  (name: string): FunctionWriter =>
  (call) => ({ sql: `${name}(${at(argumentsOf(call, 1), 0).sql})`, type: 'real' })
const same =
  (write: (value: string) => string): FunctionWriter =>
  (call) => {
    const value = at(argumentsOf(call, 1), 0)
    return { sql: write(value.sql), type: value.type }
  }
const among =
  (name: string): FunctionWriter =>
  (call) => {
    const values = argumentsOf(call, 2, 64)
    return { sql: `${name}(${values.map(({ sql }) => sql).join(', ')})`, type: at(values, 0).type }
  }

/** Functions on numbers. */
export const mathFunctions: Readonly<Record<string, FunctionWriter>> = {
  abs: same((value) => `abs(${value})`),
  ceiling: real('ceil'),
  exp: real('exp'),
  log: real('log'),
  log10: real('log10'),
  log2: real('log2'),
  sqrt: real('sqrt'),
  pow: (call): Scalar => {
    const values = argumentsOf(call, 2)
    return { sql: `pow(${at(values, 0).sql}, ${at(values, 1).sql})`, type: 'real' }
  },
  round: (call): Scalar => {
    const [value, digits] = argumentsOf(call, 1, 2)
    return { sql: `round(${value?.sql ?? '0'}${digits ? `, ${digits.sql}` : ''})`, type: value?.type ?? 'real' }
  },
  min_of: among('least'),
  max_of: among('greatest'),
}
