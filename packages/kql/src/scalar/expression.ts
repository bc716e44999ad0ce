import { isTable, kindOf, partsOf, type SyntaxNode, tokensOf } from '../analyzer/kusto.ts'
import { callFunction } from '../functions/functions.ts'
import { QueryMistake } from '../problem.ts'
import { orderSql, type Scope } from '../scope.ts'
import { arithmetic, comparison, negated } from './operators.ts'
import { literal } from './literal.ts'
import { asText, dynamicText, type Scalar } from './scalar.ts'
import { containsText, endsWithText, equalsText, hasTerm, startsWithText } from './terms.ts'

/** A scalar expression as SQL. Throws `QueryMistake` at what is not known here. */
export function expression(node: SyntaxNode, scope: Scope): Scalar {
  const known = literal(node, scope.writer)
  if (known) return known
  const kind = kindOf(node)
  const binary = BINARY[kind]
  if (binary) {
    const [left, right] = operands(node)
    return binary(expression(left, scope), expression(right, scope), node)
  }
  const other = OTHER[kind]
  if (other) return other(node, scope)
  throw new QueryMistake('unsupported', `"${kind.replace(/Expression$/, '')}" is not supported yet`, node)
}

type Binary = (left: Scalar, right: Scalar, node: SyntaxNode) => Scalar

const bool = (sql: string): Scalar => ({ sql, type: 'bool' })
const not = (sql: string): string => `NOT ${sql}`
const onText =
  (write: (text: string, needle: string) => string): Binary =>
  (left, right) =>
    bool(write(asText(left), asText(right)))

/** The four forms of a text operator: `x`, `!x`, `x_cs`, `!x_cs`. */
function textForms(
  name: string,
  write: (text: string, needle: string, isCased: boolean) => string,
): Record<string, Binary> {
  return {
    [`${name}Expression`]: onText((text, needle) => write(text, needle, false)),
    [`Not${name}Expression`]: onText((text, needle) => not(write(text, needle, false))),
    [`${name}CsExpression`]: onText((text, needle) => write(text, needle, true)),
    [`Not${name}CsExpression`]: onText((text, needle) => not(write(text, needle, true))),
  }
}

const termForm =
  (start: boolean, end: boolean) =>
  (text: string, needle: string, isCased: boolean): string =>
    hasTerm(text, needle, { isCased, start, end })

const BINARY: Readonly<Record<string, Binary>> = {
  AndExpression: (left, right) => bool(`(${left.sql} AND ${right.sql})`),
  OrExpression: (left, right) => bool(`(${left.sql} OR ${right.sql})`),
  EqualExpression: (left, right) => comparison('=', left, right),
  NotEqualExpression: (left, right) => comparison('!=', left, right),
  LessThanExpression: (left, right) => comparison('<', left, right),
  LessThanOrEqualExpression: (left, right) => comparison('<=', left, right),
  GreaterThanExpression: (left, right) => comparison('>', left, right),
  GreaterThanOrEqualExpression: (left, right) => comparison('>=', left, right),
  AddExpression: (left, right, node) => arithmetic('+', { left, right, node }),
  SubtractExpression: (left, right, node) => arithmetic('-', { left, right, node }),
  MultiplyExpression: (left, right, node) => arithmetic('*', { left, right, node }),
  DivideExpression: (left, right, node) => arithmetic('/', { left, right, node }),
  ModuloExpression: (left, right, node) => arithmetic('%', { left, right, node }),
  EqualTildeExpression: onText((one, other) => equalsText(one, other, false)),
  BangTildeExpression: onText((one, other) => not(equalsText(one, other, false))),
  MatchesRegexExpression: onText((text, pattern) => `match(${text}, ${pattern})`),
  ...textForms('Contains', containsText),
  ...textForms('StartsWith', startsWithText),
  ...textForms('EndsWith', endsWithText),
  ...textForms('Has', termForm(true, true)),
  ...textForms('HasPrefix', termForm(true, false)),
  ...textForms('HasSuffix', termForm(false, true)),
}

type Special = (node: SyntaxNode, scope: Scope) => Scalar

const OTHER: Readonly<Record<string, Special>> = {
  NameReference: named,
  ParenthesizedExpression: (node, scope) => expression(only(node), scope),
  UnaryMinusExpression: (node, scope) => negated(expression(only(node), scope)),
  UnaryPlusExpression: (node, scope) => expression(only(node), scope),
  FunctionCallExpression: call,
  PathExpression: path,
  ElementExpression: element,
  BetweenExpression: (node, scope) => between(node, scope, false),
  NotBetweenExpression: (node, scope) => between(node, scope, true),
  InExpression: (node, scope) => membership(node, scope, { isNot: false, isCased: true }),
  InCsExpression: (node, scope) => membership(node, scope, { isNot: false, isCased: false }),
  NotInExpression: (node, scope) => membership(node, scope, { isNot: true, isCased: true }),
  NotInCsExpression: (node, scope) => membership(node, scope, { isNot: true, isCased: false }),
  HasAnyExpression: (node, scope) => hasSome(node, scope, ' OR '),
  HasAllExpression: (node, scope) => hasSome(node, scope, ' AND '),
  ToScalarExpression: (node, scope) => scalarOf(innermost(node), scope),
  DynamicExpression: (node, scope) => dynamicLiteral(node, scope),
  CompoundNamedExpression: (node) => {
    throw new QueryMistake('unsupported', 'several names for one value are not supported yet', node)
  },
}

function operands(node: SyntaxNode): readonly [SyntaxNode, SyntaxNode] {
  const [left, right] = partsOf(node)
  if (left === undefined || right === undefined) throw new QueryMistake('syntax', 'something is missing here', node)
  return [left, right]
}

function only(node: SyntaxNode): SyntaxNode {
  const [inner] = partsOf(node)
  if (inner === undefined) throw new QueryMistake('syntax', 'something is missing here', node)
  return inner
}

/** The name that a NameReference or NameDeclaration says. */
export function nameText(node: SyntaxNode): string {
  const direct = tokensOf(node)[0]?.Text
  if (direct !== undefined) return direct
  const [inner] = partsOf(node)
  if (inner === undefined) return ''
  // ['a name'] is a BracketedName around a literal.
  return typeof inner.LiteralValue === 'string' ? inner.LiteralValue : nameText(inner)
}

function named(node: SyntaxNode, scope: Scope): Scalar {
  const text = node.ReferencedSymbol?.Name ?? nameText(node)
  const found = scope.columns.get(text) ?? scope.scalars.get(text)
  if (found) return found
  if (scope.relations.has(text) || scope.options.tables[text])
    throw new QueryMistake('unsupported', `"${text}" is a table; a value is needed here`, node)
  throw new QueryMistake('unknown-name', `there is no column "${text}" here`, node)
}

function call(node: SyntaxNode, scope: Scope): Scalar {
  const [callee, list] = partsOf(node)
  if (callee === undefined || list === undefined) throw new QueryMistake('syntax', 'something is missing here', node)
  const args = partsOf(list).flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
  return callFunction(nameText(callee), {
    node,
    scope,
    args: args.map((argument) => () => expression(argument, scope)),
  })
}

/** What stands in the parentheses of `toscalar(…)`. */
function innermost(node: SyntaxNode): SyntaxNode {
  return partsOf(node).find((part) => isTable(part)) ?? node
}

/** The first value of a table's first column. */
function scalarOf(node: SyntaxNode, scope: Scope): Scalar {
  const { sql, columns, order } = scope.relation(node, scope)
  const [column] = columns
  if (column === undefined) throw new QueryMistake('semantics', 'a table with a column is needed here', node)
  return { sql: `(SELECT ${column.alias} FROM (${sql})${orderSql(order)} LIMIT 1)`, type: column.type }
}

function path(node: SyntaxNode, scope: Scope): Scalar {
  const [base, member] = operands(node)
  const side = kindOf(base) === 'NameReference' ? nameText(base) : ''
  if (scope.sides && (side === '$left' || side === '$right')) {
    const columns = side === '$left' ? scope.sides.left : scope.sides.right
    const found = columns.get(nameText(member))
    if (found) return found
    throw new QueryMistake('unknown-name', `there is no column "${nameText(member)}" on that side`, member)
  }
  const object = expression(base, scope)
  if (object.type !== 'dynamic') throw new QueryMistake('semantics', 'only a dynamic value has members', base)
  return { sql: `JSONExtractRaw(${object.sql}, ${scope.writer.text(nameText(member))})`, type: 'dynamic' }
}

function element(node: SyntaxNode, scope: Scope): Scalar {
  const [base, bracketed] = operands(node)
  const object = expression(base, scope)
  const index = expression(only(bracketed), scope)
  if (object.type !== 'dynamic') throw new QueryMistake('semantics', 'only a dynamic value has elements', base)
  if (index.type === 'string') return { sql: `JSONExtractRaw(${object.sql}, ${index.sql})`, type: 'dynamic' }
  // ClickHouse counts elements from 1, and from the end with -1, as Kusto does.
  const position = `if(${index.sql} < 0, ${index.sql}, ${index.sql} + 1)`
  return { sql: `JSONExtractRaw(${object.sql}, ifNull(${position}, 0))`, type: 'dynamic' }
}

function dynamicLiteral(node: SyntaxNode, scope: Scope): Scalar {
  const text = sourceText(node)
  const [, inner = ''] = /^dynamic\s*\(([^]*)\)\s*$/.exec(text.trim()) ?? []
  if (inner.trim() === 'null') return { sql: "''", type: 'dynamic' }
  try {
    return { sql: scope.writer.text(JSON.stringify(JSON.parse(inner))), type: 'dynamic' }
  } catch {
    throw new QueryMistake('bad-literal', 'what stands in dynamic(…) must be JSON', node)
  }
}

/** The text of a node, put together from its tokens. */
function sourceText(node: SyntaxNode): string {
  if (node.IsToken) return node.Text ?? ''
  let text = ''
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index)
    if (child) text += `${sourceText(child)} `
  }
  return text
}

function between(node: SyntaxNode, scope: Scope, isNot: boolean): Scalar {
  const [value, couple] = operands(node)
  const [low, high] = operands(couple)
  const subject = expression(value, scope)
  const least = expression(low, scope)
  const most = expression(high, scope)
  // `TimeGenerated between (start .. 1d)`: the end is the start and the span.
  const end =
    subject.type === 'datetime' && most.type === 'timespan'
      ? arithmetic('+', { left: least, right: most, node: high })
      : most
  const inside = `(${comparison('>=', subject, least).sql} AND ${comparison('<=', subject, end).sql})`
  return bool(isNot ? not(inside) : inside)
}

function membership(
  node: SyntaxNode,
  scope: Scope,
  options: { readonly isNot: boolean; readonly isCased: boolean },
): Scalar {
  const [value, list] = operands(node)
  const subject = expression(value, scope)
  const members = partsOf(list).flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
  const [first] = members
  const isTabular = members.length === 1 && first !== undefined && isTable(first)
  const inside =
    isTabular && first
      ? inRelation(subject, first, { scope, isCased: options.isCased })
      : inList(subject, members, { scope, isCased: options.isCased })
  return bool(options.isNot ? not(inside) : inside)
}

interface Membership {
  readonly scope: Scope
  readonly isCased: boolean
}

function inRelation(subject: Scalar, node: SyntaxNode, { scope, isCased }: Membership): string {
  const relation = scope.relation(node, scope)
  const [column] = relation.columns
  if (column === undefined) throw new QueryMistake('semantics', 'a table with a column is needed here', node)
  const fold = (sql: string): string => (isCased ? sql : `lowerUTF8(${sql})`)
  const text = column.type === 'string' || subject.type === 'string' || subject.type === 'dynamic'
  const left = text ? fold(asText(subject)) : subject.sql
  const right = text ? fold(asText({ sql: column.alias, type: column.type })) : column.alias
  return `(${left} IN (SELECT ${right} FROM (${relation.sql})))`
}

function inList(subject: Scalar, members: readonly SyntaxNode[], { scope, isCased }: Membership): string {
  if (members.length === 0) return 'false'
  const conditions = members.map((member) => {
    const value = expression(member, scope)
    if (value.type === 'dynamic') return inArray(subject, value, isCased)
    return isCased ? comparison('=', subject, value).sql : equalsText(asText(subject), asText(value), false)
  })
  return `(${conditions.join(' OR ')})`
}

/** `x in (dynamic(["a", "b"]))`, also where the array has a name. */
function inArray(subject: Scalar, array: Scalar, isCased: boolean): string {
  const fold = (sql: string): string => (isCased ? sql : `lowerUTF8(${sql})`)
  const values = `arrayMap(value -> ${fold(dynamicText('value'))}, JSONExtractArrayRaw(${array.sql}))`
  return `has(${values}, ${fold(asText(subject))})`
}

function hasSome(node: SyntaxNode, scope: Scope, joiner: string): Scalar {
  const [value, list] = operands(node)
  const subject = asText(expression(value, scope))
  const members = partsOf(list).flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
  const conditions = members.map((member) => {
    const needle = expression(member, scope)
    if (needle.type !== 'dynamic') return hasTerm(subject, asText(needle), { isCased: false, start: true, end: true })
    const quantifier = joiner === ' OR ' ? 'arrayExists' : 'arrayAll'
    const term = hasTerm(subject, dynamicText('value'), { isCased: false, start: true, end: true })
    return `${quantifier}(value -> ${term}, JSONExtractArrayRaw(${needle.sql}))`
  })
  return bool(`(${conditions.join(joiner)})`)
}
