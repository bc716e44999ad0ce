import { isTable, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import type { Scope } from '../scope.ts'
import { elements } from './convert.ts'
import { hintUnlikely } from './likely.ts'
import { listed, operands } from './names.ts'
import { arithmetic, comparison } from './operators.ts'
import { asText, dynamicText, isTextLike, type Scalar } from './scalar.ts'
import { equalsText, folding, hasTerm, hasTermOf } from './terms.ts'

const bool = (sql: string): Scalar => ({ sql, type: 'bool' })

/** `x between (low .. high)`. */
export function between(node: SyntaxNode, scope: Scope, isNot: boolean): Scalar {
  const [value, couple] = operands(node)
  const [low, high] = operands(couple)
  const subject = scope.value(value, scope)
  const least = scope.value(low, scope)
  const most = scope.value(high, scope)
  // `TimeGenerated between (start .. 1d)`: the end is the start and the span.
  const end =
    subject.type === 'datetime' && most.type === 'timespan'
      ? arithmetic('+', { left: least, right: most, node: high })
      : most
  const inside = `(${comparison('>=', subject, least).sql} AND ${comparison('<=', subject, end).sql})`
  return bool(isNot ? `NOT ${inside}` : inside)
}

interface Membership {
  readonly scope: Scope
  readonly isCased: boolean
}

/** `x in (…)` and its forms. The list has values, arrays, or is a table. */
export function membership(
  node: SyntaxNode,
  scope: Scope,
  options: { readonly isNot: boolean; readonly isCased: boolean },
): Scalar {
  const [value, list] = operands(node)
  const subject = scope.value(value, scope)
  const members = listed(list)
  const [first] = members
  const { isCased } = options
  const inside =
    members.length === 1 && first !== undefined && isTable(first)
      ? inRelation(subject, first, { scope, isCased })
      : inList(subject, members, { scope, isCased })
  return bool(options.isNot ? `NOT ${inside}` : inside)
}

function inRelation(subject: Scalar, node: SyntaxNode, { scope, isCased }: Membership): string {
  const relation = scope.relation(node, scope)
  const [column] = relation.columns
  if (column === undefined) throw new QueryMistake('semantics', 'a table with a column is needed here', node)
  const fold = (sql: string): string => (isCased ? sql : `lowerUTF8(${sql})`)
  const isText = isTextLike(column.type) || isTextLike(subject.type)
  const left = isText ? fold(asText(subject)) : subject.sql
  const right = isText ? fold(asText({ sql: column.alias, type: column.type })) : column.alias
  return `ifNull(${left} IN (SELECT ${right} FROM (${relation.sql})), false)`
}

function inList(subject: Scalar, members: readonly SyntaxNode[], { scope, isCased }: Membership): string {
  if (members.length === 0) return 'false'
  const values = members.map((member) => ({ member, value: scope.value(member, scope) }))
  for (const { member, value } of values) hintUnlikely(subject, value, { node: member, scope })
  const isPlain = subject.type === 'string' && values.every(({ value }) => value.type === 'string')
  if (isPlain) {
    const fold = isCased ? (sql: string): string => sql : folding(values.map(({ value }) => value))
    return `(${fold(subject.sql)} IN (${values.map(({ value }) => fold(value.sql)).join(', ')}))`
  }
  const conditions = values.map(({ value }) => {
    if (value.type === 'dynamic') return inArray(subject, value, isCased)
    return isCased ? comparison('=', subject, value).sql : equalsText(asText(subject), value, false)
  })
  return `(${conditions.join(' OR ')})`
}

/** `x in (dynamic(["a", "b"]))`, also where the array has a name. What is no array is a value of its own. */
function inArray(subject: Scalar, array: Scalar, isCased: boolean): string {
  const fold = (sql: string): string => (isCased ? sql : `lowerUTF8(${sql})`)
  const members = `if(startsWith(array, '['), ${elements('array')}, [array])`
  const values = `arrayMap(value -> ${fold(dynamicText('value'))}, arrayFlatten(arrayMap(array -> ${members}, [${array.sql}])))`
  const text = subject.type === 'bool' ? `lower(${asText(subject)})` : asText(subject)
  return `has(${values}, ${fold(text)})`
}

/** `x has_any (…)` and `x has_all (…)`. */
export function hasSome(node: SyntaxNode, scope: Scope, joiner: ' OR ' | ' AND '): Scalar {
  const [value, list] = operands(node)
  const subject = asText(scope.value(value, scope))
  const members = listed(list)
  const [first] = members
  if (members.length === 1 && first !== undefined && isTable(first)) return hasSomeOf(subject, first, { scope, joiner })
  const options = { isCased: false, start: true, end: true }
  const conditions = members.map((member) => {
    const needle = scope.value(member, scope)
    if (needle.type !== 'dynamic')
      return hasTermOf(subject, needle, { ...options, bind: (pattern) => scope.writer.text(pattern) })
    return overAll(subject, { joiner, needles: `arrayMap(value -> ${dynamicText('value')}, ${elements(needle.sql)})` })
  })
  return bool(conditions.length === 0 ? 'false' : `(${conditions.join(joiner)})`)
}

function hasSomeOf(
  subject: string,
  node: SyntaxNode,
  { scope, joiner }: { readonly scope: Scope; readonly joiner: ' OR ' | ' AND ' },
): Scalar {
  const { sql, columns } = scope.relation(node, scope)
  const [column] = columns
  if (column === undefined) throw new QueryMistake('semantics', 'a table with a column is needed here', node)
  return bool(
    overAll(subject, {
      joiner,
      needles: `(SELECT groupArray(${asText({ ...column, sql: column.alias })}) FROM (${sql}))`,
    }),
  )
}

/** Whether one or all of the needles are terms of the subject. */
function overAll(
  subject: string,
  { joiner, needles }: { readonly joiner: ' OR ' | ' AND '; readonly needles: string },
): string {
  const quantifier = joiner === ' OR ' ? 'arrayExists' : 'arrayAll'
  const term = hasTerm('subject', 'needle', { isCased: false, start: true, end: true })
  return `arrayMap(subject -> ${quantifier}(needle -> ${term}, ${needles}), [${subject}])[1]`
}
