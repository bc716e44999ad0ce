import { QueryMistake } from '../problem.ts'
import { asText, isNumber, type Scalar } from '../scalar/scalar.ts'
import { argumentsOf, at, type Call, type FunctionWriter } from './function.ts'

/** Functions that choose and that ask for nothing. */
export const conditionFunctions: Readonly<Record<string, FunctionWriter>> = {
  iff: choose,
  iif: choose,
  case: (call) => {
    const values = argumentsOf(call, 3, 65)
    if (values.length % 2 === 0)
      throw new QueryMistake('semantics', 'case needs a value for when nothing holds', call.node)
    const results = values.filter((_, index) => index % 2 === 1 || index === values.length - 1)
    const type = commonType(results)
    const written = values.map((value, index) =>
      index % 2 === 1 || index === values.length - 1 ? as(value, type) : `ifNull(${value.sql}, false)`,
    )
    return { sql: `multiIf(${written.join(', ')})`, type }
  },
  coalesce: (call) => {
    const values = argumentsOf(call, 1, 64)
    const type = commonType(values)
    const texts = type === 'string' || type === 'dynamic'
    const written = values.map((value) => (texts ? `nullIf(${as(value, type)}, '')` : as(value, type)))
    return { sql: texts ? `ifNull(coalesce(${written.join(', ')}), '')` : `coalesce(${written.join(', ')})`, type }
  },
  isempty: (call) => ({ sql: `empty(${asText(at(argumentsOf(call, 1), 0))})`, type: 'bool' }),
  isnotempty: (call) => ({ sql: `notEmpty(${asText(at(argumentsOf(call, 1), 0))})`, type: 'bool' }),
  isnull: (call) => ({ sql: isNullSql(at(argumentsOf(call, 1), 0)), type: 'bool' }),
  isnotnull: (call) => ({ sql: `NOT ${isNullSql(at(argumentsOf(call, 1), 0))}`, type: 'bool' }),
  not: (call) => ({ sql: `NOT (${at(argumentsOf(call, 1), 0).sql})`, type: 'bool' }),
}

/** Text is never null in Kusto. */
function isNullSql({ sql, type }: Scalar): string {
  if (type === 'string') return '(false)'
  return type === 'dynamic' ? `(${sql} IN ('', 'null'))` : `(${sql} IS NULL)`
}

function choose(call: Call): Scalar {
  const values = argumentsOf(call, 3)
  const [yes, no] = [at(values, 1), at(values, 2)]
  const type = commonType([yes, no])
  return { sql: `if(ifNull(${at(values, 0).sql}, false), ${as(yes, type)}, ${as(no, type)})`, type }
}

function commonType(values: readonly Scalar[]): Scalar['type'] {
  const types = [...new Set(values.map(({ type }) => type))]
  const [first = 'string'] = types
  if (types.length <= 1) return first
  if (types.every(isNumber)) return types.some((type) => type === 'real' || type === 'decimal') ? 'real' : 'long'
  return 'string'
}

function as(value: Scalar, type: Scalar['type']): string {
  if (value.type === type) return value.sql
  if (type === 'real') return `toFloat64(${value.sql})`
  return type === 'long' ? value.sql : asText(value)
}
