import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { boolOf, datetimeFrom, realOf, timespanFrom } from './convert.ts'
import { asText, type Constant, datetimeOf, isNumber, isTextLike, isWhole, type Scalar, ticksOf } from './scalar.ts'

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/**
 * A comparison. A dynamic takes the type of what it is compared with. A null is not equal to a value (`==` is false and
 * `!=` true); any other comparison with it is null.
 */
export function comparison(operator: Comparison, left: Scalar, right: Scalar): Scalar {
  const [one, other] = alike(left, right)
  return { sql: comparisonSql(operator, one, other), type: 'bool' }
}

function comparisonSql(operator: Comparison, left: Scalar, right: Scalar): string {
  const plain = `(${left.sql} ${operator} ${right.sql})`
  if (operator !== '=' && operator !== '!=') return plain
  if (isNeverNull(left) && isNeverNull(right)) return plain
  const otherwise = `ifNull(${plain}, ${operator === '=' ? 'false' : 'true'})`
  if (isNeverNull(left) || isNeverNull(right)) return otherwise
  return `if(${left.sql} IS NULL AND ${right.sql} IS NULL, NULL, ${otherwise})`
}

function isNeverNull({ type, constant, isNeverNull: isKnown }: Scalar): boolean {
  return isKnown === true || isTextLike(type) || (constant !== undefined && constant !== null)
}

function alike(left: Scalar, right: Scalar): readonly [Scalar, Scalar] {
  if (left.type === 'dynamic' && right.type === 'dynamic') return [textOf(left), textOf(right)]
  if (left.type === 'dynamic') return [fromDynamic(left, right), right]
  if (right.type === 'dynamic') return [left, fromDynamic(right, left)]
  if (left.type === 'guid' || right.type === 'guid') return [lowered(left), lowered(right)]
  if (left.type === 'bool' && isNumber(right.type)) return [{ ...left, sql: `toInt64(${left.sql})` }, right]
  if (right.type === 'bool' && isNumber(left.type)) return [left, { ...right, sql: `toInt64(${right.sql})` }]
  // A text beside something else is read as that: `_IsBillable == true`.
  if (left.type === 'string' && right.type !== 'string') return [fromDynamic(left, right), right]
  if (right.type === 'string' && left.type !== 'string') return [left, fromDynamic(right, left)]
  return [left, right]
}

const textOf = (value: Scalar): Scalar => ({ sql: asText(value), type: 'string' })
const lowered = (value: Scalar): Scalar => ({ sql: `lower(${asText(value)})`, type: 'string' })

function fromDynamic(value: Scalar, like: Scalar): Scalar {
  if (isNumber(like.type)) return { sql: realOf(value), type: 'real' }
  if (like.type === 'bool') return { sql: boolOf(value), type: 'bool' }
  if (like.type === 'datetime') return { sql: datetimeFrom(value), type: 'datetime' }
  if (like.type === 'timespan') return { sql: timespanFrom(value), type: 'timespan' }
  return textOf(value)
}

export type Arithmetic = '+' | '-' | '*' | '/' | '%'

/** Arithmetic on numbers, timespans and datetimes. A division of whole numbers is whole; by zero it is null. */
export function arithmetic(
  operator: Arithmetic,
  { left, right, node }: { readonly left: Scalar; readonly right: Scalar; readonly node: SyntaxNode },
): Scalar {
  if (left.type === 'dynamic' || right.type === 'dynamic') {
    const one = left.type === 'dynamic' ? calculable(left, right) : left
    const other = right.type === 'dynamic' ? calculable(right, left) : right
    return arithmetic(operator, { left: one, right: other, node })
  }
  if (left.type === 'bool' || right.type === 'bool')
    return arithmetic(operator, { left: counted(left), right: counted(right), node })
  const pair = `${left.type} ${operator} ${right.type}`
  if (left.type === 'datetime' || right.type === 'datetime') return onDatetimes(pair, { left, right, node })
  if (left.type === 'timespan' || right.type === 'timespan') return onTimespans(operator, { left, right, node })
  if (!isNumber(left.type) || !isNumber(right.type))
    throw new QueryMistake('semantics', `${pair}: only numbers and times can be calculated with`, node)
  const type = isWhole(left.type) && isWhole(right.type) ? 'long' : 'real'
  const narrow = left.type === 'int' && right.type === 'int' ? 'int' : type
  const constant = calculated(operator, left.constant, right.constant)
  return {
    sql: calculation(operator, { left: left.sql, right: right.sql, isWholeResult: type === 'long' }),
    type: narrow,
    ...(constant === undefined ? {} : { constant }),
  }
}

/** What a calculation of two numbers of the query's text is, for where a number must stand. */
function calculated(
  operator: Arithmetic,
  left: Constant | undefined,
  right: Constant | undefined,
): Constant | undefined {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    if (operator === '+') return left + right
    if (operator === '-') return left - right
    if (operator === '*') return left * right
    return operator === '/' && right !== 0n ? left / right : undefined
  }
  const isCounted = (value: Constant | undefined): value is number | bigint =>
    typeof value === 'number' || typeof value === 'bigint'
  if (!isCounted(left) || !isCounted(right)) return undefined
  const [one, other] = [Number(left), Number(right)]
  if (operator === '+') return one + other
  if (operator === '-') return one - other
  if (operator === '*') return one * other
  return operator === '/' && other !== 0 ? one / other : undefined
}

/** A dynamic beside another operand: of its type, or a number. */
function calculable(value: Scalar, beside: Scalar): Scalar {
  return beside.type === 'datetime' || beside.type === 'timespan'
    ? fromDynamic(value, { sql: '', type: 'timespan' })
    : { sql: realOf(value), type: 'real' }
}

function counted(value: Scalar): Scalar {
  return value.type === 'bool' ? { sql: `toInt64(${value.sql})`, type: 'long' } : value
}

function calculation(
  operator: Arithmetic,
  { left, right, isWholeResult }: { readonly left: string; readonly right: string; readonly isWholeResult: boolean },
): string {
  if (operator === '/') return isWholeResult ? `intDivOrNull(${left}, ${right})` : `(${left} / ${right})`
  // Kusto's remainder is never negative.
  if (operator === '%') return `positiveModulo(${left}, nullIf(${right}, 0))`
  return `(${left} ${operator} ${right})`
}

interface Operands {
  readonly left: Scalar
  readonly right: Scalar
  readonly node: SyntaxNode
}

function onDatetimes(pair: string, { left, right, node }: Operands): Scalar {
  switch (pair) {
    case 'datetime - datetime':
      return { sql: `(${ticksOf(left.sql)} - ${ticksOf(right.sql)})`, type: 'timespan' }
    case 'datetime - timespan':
      return { sql: datetimeOf(`${ticksOf(left.sql)} - ${right.sql}`), type: 'datetime' }
    case 'datetime + timespan':
      return { sql: datetimeOf(`${ticksOf(left.sql)} + ${right.sql}`), type: 'datetime' }
    case 'timespan + datetime':
      return { sql: datetimeOf(`${left.sql} + ${ticksOf(right.sql)}`), type: 'datetime' }
    default:
      throw new QueryMistake('semantics', `${pair} has no meaning`, node)
  }
}

function onTimespans(operator: Arithmetic, { left, right, node }: Operands): Scalar {
  const areBoth = left.type === 'timespan' && right.type === 'timespan'
  if (areBoth && operator === '/') return { sql: `(${left.sql} / ${right.sql})`, type: 'real' }
  if (areBoth && operator !== '*')
    return { sql: calculation(operator, { left: left.sql, right: right.sql, isWholeResult: true }), type: 'timespan' }
  const isScaled = operator === '*' || (operator === '/' && left.type === 'timespan')
  if (!isScaled || !(isNumber(left.type) || isNumber(right.type)))
    throw new QueryMistake('semantics', `${left.type} ${operator} ${right.type} has no meaning`, node)
  return { sql: `toInt64(${left.sql} ${operator} ${right.sql})`, type: 'timespan' }
}

export function negated(value: Scalar): Scalar {
  const { sql, type } = value.type === 'dynamic' ? calculable(value, value) : value
  const { constant } = value
  const negative = typeof constant === 'number' || typeof constant === 'bigint' ? { constant: -constant } : {}
  return { sql: `(-${sql})`, type, ...negative }
}
