import type { SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { asText, datetimeOf, isNumber, isWhole, type Scalar, ticksOf } from './scalar.ts'

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/** A comparison. A dynamic takes the type of what it is compared with. */
export function comparison(operator: Comparison, left: Scalar, right: Scalar): Scalar {
  const [one, other] = alike(left, right)
  return { sql: `(${one} ${operator} ${other})`, type: 'bool' }
}

function alike(left: Scalar, right: Scalar): readonly [string, string] {
  if (left.type === 'dynamic' && right.type !== 'dynamic') return [fromDynamic(left, right), right.sql]
  if (right.type === 'dynamic' && left.type !== 'dynamic') return [left.sql, fromDynamic(right, left)]
  if (left.type === 'bool' && isNumber(right.type)) return [`toInt64(${left.sql})`, right.sql]
  if (right.type === 'bool' && isNumber(left.type)) return [left.sql, `toInt64(${right.sql})`]
  return [left.sql, right.sql]
}

function fromDynamic(value: Scalar, like: Scalar): string {
  const text = asText(value)
  if (isNumber(like.type)) return `toFloat64OrNull(${text})`
  if (like.type === 'bool') return `(lower(${text}) = 'true')`
  if (like.type === 'datetime') return `parseDateTime64BestEffortOrNull(${text}, 7, 'UTC')`
  return text
}

type Arithmetic = '+' | '-' | '*' | '/' | '%'

/** Arithmetic on numbers, timespans and datetimes. A division of whole numbers is whole; by zero it is null. */
export function arithmetic(
  operator: Arithmetic,
  { left, right, node }: { readonly left: Scalar; readonly right: Scalar; readonly node: SyntaxNode },
): Scalar {
  if (left.type === 'dynamic' || right.type === 'dynamic')
    return arithmetic(operator, { left: numberOf(left), right: numberOf(right), node })
  const pair = `${left.type} ${operator} ${right.type}`
  if (left.type === 'datetime' || right.type === 'datetime') return onDatetimes(pair, { left, right, node })
  if (left.type === 'timespan' || right.type === 'timespan') return onTimespans(operator, { left, right, node })
  if (!isNumber(left.type) || !isNumber(right.type))
    throw new QueryMistake('semantics', `${pair}: only numbers and times can be calculated with`, node)
  const type = isWhole(left.type) && isWhole(right.type) ? 'long' : 'real'
  return { sql: calculation(operator, { left: left.sql, right: right.sql, isWholeResult: type === 'long' }), type }
}

function numberOf(value: Scalar): Scalar {
  return value.type === 'dynamic' ? { sql: `toFloat64OrNull(${asText(value)})`, type: 'real' } : value
}

function calculation(
  operator: Arithmetic,
  { left, right, isWholeResult }: { readonly left: string; readonly right: string; readonly isWholeResult: boolean },
): string {
  if (operator === '/') return isWholeResult ? `intDivOrNull(${left}, ${right})` : `(${left} / ${right})`
  // Kusto's remainder is never negative.
  if (operator === '%') return `if(${right} = 0, NULL, positiveModulo(${left}, nullIf(${right}, 0)))`
  return `(${left} ${operator} ${right})`
}

function onDatetimes(pair: string, { left, right, node }: { left: Scalar; right: Scalar; node: SyntaxNode }): Scalar {
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

function onTimespans(
  operator: Arithmetic,
  { left, right, node }: { left: Scalar; right: Scalar; node: SyntaxNode },
): Scalar {
  const areBoth = left.type === 'timespan' && right.type === 'timespan'
  if (areBoth && operator === '/') return { sql: `(${left.sql} / ${right.sql})`, type: 'real' }
  if (areBoth && operator !== '*')
    return { sql: calculation(operator, { left: left.sql, right: right.sql, isWholeResult: true }), type: 'timespan' }
  const isScaled = operator === '*' || (operator === '/' && left.type === 'timespan')
  if (!isScaled || !(isNumber(left.type) || isNumber(right.type)))
    throw new QueryMistake('semantics', `${left.type} ${operator} ${right.type} has no meaning`, node)
  return { sql: `toInt64(${left.sql} ${operator} ${right.sql})`, type: 'timespan' }
}

export function negated({ sql, type }: Scalar): Scalar {
  return { sql: `(-${sql})`, type }
}
