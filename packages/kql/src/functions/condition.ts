import { QueryMistake } from '../problem.ts'
import { converts } from '../scalar/convert.ts'
import { asText, isNumber, isTextLike, type Scalar } from '../scalar/scalar.ts'
import { ARGUMENTS_MAX, argumentsOf, at, type Call, constantText, type FunctionWriter } from './function.ts'

const isEmpty = (value: Scalar): string => `empty(${asText(value)})`
const asks =
  (write: (value: Scalar) => string): FunctionWriter =>
  (call) => ({ sql: write(at(argumentsOf(call, 1), 0)), type: 'bool' })

/** Functions that choose and that ask for nothing. */
export const conditionFunctions: Readonly<Record<string, FunctionWriter>> = {
  iff: choose,
  iif: choose,
  case: cases,
  coalesce,
  isempty: asks(isEmpty),
  isnotempty: asks((value) => `NOT ${isEmpty(value)}`),
  notempty: asks((value) => `NOT ${isEmpty(value)}`),
  isnull: asks(isNullSql),
  isnotnull: asks((value) => `NOT ${isNullSql(value)}`),
  notnull: asks((value) => `NOT ${isNullSql(value)}`),
  not: asks(({ sql }) => `NOT (${sql})`),
  column_ifexists: columnIfExists,
  columnifexists: columnIfExists,
}

/** Text is never null in Kusto. */
function isNullSql({ sql, type }: Scalar): string {
  if (type === 'string') return '(false)'
  if (type === 'guid') return `empty(${sql})`
  return type === 'dynamic' ? `(${sql} IN ('', 'null'))` : `(${sql} IS NULL)`
}

function choose(call: Call): Scalar {
  const values = argumentsOf(call, 3)
  const [yes, no] = [at(values, 1), at(values, 2)]
  const type = commonType([yes, no])
  return { sql: `if(${holds(at(values, 0))}, ${converts(yes, type)}, ${converts(no, type)})`, type }
}

function cases(call: Call): Scalar {
  const values = argumentsOf(call, 3, 2 * ARGUMENTS_MAX + 1)
  if (values.length % 2 === 0)
    throw new QueryMistake('semantics', 'case needs a value for when nothing holds', call.node)
  const isResult = (index: number): boolean => index % 2 === 1 || index === values.length - 1
  const type = commonType(values.filter((_, index) => isResult(index)))
  const written = values.map((value, index) => (isResult(index) ? converts(value, type) : holds(value)))
  return { sql: `multiIf(${written.join(', ')})`, type }
}

function holds(value: Scalar): string {
  return `ifNull(${converts(value, 'bool')}, false)`
}

function coalesce(call: Call): Scalar {
  const values = argumentsOf(call, 1, ARGUMENTS_MAX)
  const type = commonType(values)
  if (!isTextLike(type)) return { sql: `coalesce(${values.map((value) => converts(value, type)).join(', ')})`, type }
  const written = values.map((value) => `nullIf(${converts(value, type)}, '')`)
  return { sql: `ifNull(coalesce(${written.join(', ')}), '')`, type }
}

/** The type of a value that may be any of these. */
export function commonType(values: readonly Scalar[]): Scalar['type'] {
  const typed = values.filter(({ constant, type }) => constant !== null || type !== 'dynamic')
  const types = [...new Set((typed.length > 0 ? typed : values).map(({ type }) => type))]
  const [first = 'string'] = types
  if (types.length <= 1) return first
  if (types.every(isNumber)) return types.some((type) => type === 'real' || type === 'decimal') ? 'real' : 'long'
  return types.includes('dynamic') ? 'dynamic' : 'string'
}

/** The column, or something else where there is no such column. */
function columnIfExists(call: Call): Scalar {
  const values = argumentsOf({ ...call, args: call.args.slice(0, 1) }, 1)
  const name = constantText(values[0], call.node) ?? ''
  const [, fallback] = call.args
  if (fallback === undefined) throw new QueryMistake('semantics', 'a value for a missing column is needed', call.node)
  return call.scope.columns.get(name) ?? fallback()
}
