import { isTable, kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { callFunction } from '../functions/functions.ts'
import { ownFunctionValue } from '../own-function.ts'
import { QueryMistake } from '../problem.ts'
import { orderSql, type Scope } from '../scope.ts'
import { convertedTo } from './convert.ts'
import { hintPlaceholder, hintUnlikely } from './likely.ts'
import { literal } from './literal.ts'
import { between, hasSome, membership } from './membership.ts'
import { listed, nameText, only, operands, sourceText } from './names.ts'
import { type Arithmetic, arithmetic, comparison, negated } from './operators.ts'
import { asText, type Scalar } from './scalar.ts'
import { containsText, endsWithText, equalsText, hasTermOf, startsWithText, type TermOptions } from './terms.ts'

/** A scalar expression as SQL. Throws `QueryMistake` at what is not known here. */
export function expression(node: SyntaxNode, scope: Scope): Scalar {
  const known = literal(node, scope.writer)
  if (known) {
    if (typeof known.constant === 'string') hintPlaceholder(known.constant, node, scope)
    return known
  }
  const kind = kindOf(node)
  const binary = BINARY[kind]
  if (binary) {
    const [left, right] = operands(node)
    if (kindOf(left) === 'StarExpression') return inAnyColumn(binary, expression(right, scope), { node, scope })
    return binary(expression(left, scope), expression(right, scope), { node, scope })
  }
  const other = OTHER[kind]
  if (other) return other(node, scope)
  throw new QueryMistake('unsupported', `"${kind.replace(/Expression$/, '')}" is not supported here`, node)
}

/** `* has "x"`: of all columns that hold texts, and for `contains` and its like of all columns. */
function inAnyColumn(binary: Binary, right: Scalar, place: Place): Scalar {
  const isNot = /^Not|^Bang/.test(kindOf(place.node))
  const isText = !/^(Not)?Equal/.test(kindOf(place.node))
  const columns = [...place.scope.columns.values()].filter(({ type }) => isText || type === right.type)
  const conditions = columns.map((column) => binary(withoutValues(column), right, place).sql)
  return bool(conditions.length === 0 ? 'false' : `(${conditions.join(isNot ? ' AND ' : ' OR ')})`)
}

/** A value is no mistake where it is looked for in every column. */
function withoutValues({ sql, type }: Scalar): Scalar {
  return { sql, type }
}

interface Place {
  readonly node: SyntaxNode
  readonly scope: Scope
}
type Binary = (left: Scalar, right: Scalar, place: Place) => Scalar

const bool = (sql: string): Scalar => ({ sql, type: 'bool' })
const not = (sql: string): string => `NOT ${sql}`
const onText =
  (write: (text: string, needle: string) => string): Binary =>
  (left, right) =>
    bool(write(asText(left), asText(right)))

/** The four forms of a text operator: `x`, `!x`, `x_cs`, `!x_cs`. */
function textForms(
  name: string,
  write: (text: Scalar, needle: Scalar, place: Place & { readonly isCased: boolean }) => string,
): Record<string, Binary> {
  const form =
    (isCased: boolean, isNot: boolean): Binary =>
    (left, right, place) => {
      const sql = write(left, right, { ...place, isCased })
      return bool(isNot ? not(sql) : sql)
    }
  return {
    [`${name}Expression`]: form(false, false),
    [`Not${name}Expression`]: form(false, true),
    [`${name}CsExpression`]: form(true, false),
    [`Not${name}CsExpression`]: form(true, true),
  }
}

const texts =
  (write: (text: string, needle: Scalar, isCased: boolean) => string) =>
  (text: Scalar, needle: Scalar, { isCased }: { readonly isCased: boolean }): string =>
    write(asText(text), needle, isCased)
const terms =
  (borders: Pick<TermOptions, 'start' | 'end'>) =>
  (text: Scalar, needle: Scalar, { isCased, scope }: Place & { readonly isCased: boolean }): string =>
    hasTermOf(asText(text), needle, { ...borders, isCased, bind: (pattern) => scope.writer.text(pattern) })
const calculated =
  (operator: Arithmetic): Binary =>
  (left, right, { node }) =>
    arithmetic(operator, { left, right, node })
const compared =
  (operator: '=' | '!=' | '<' | '<=' | '>' | '>='): Binary =>
  (left, right, { node, scope }) => {
    if (operator === '=' || operator === '!=') hintUnlikely(left, right, { node: operands(node)[1], scope })
    return comparison(operator, left, right)
  }
const folded =
  (isNot: boolean): Binary =>
  (left, right, { node, scope }) => {
    hintUnlikely(left, right, { node: operands(node)[1], scope, isFolded: true })
    const sql = equalsText(asText(left), right, false)
    return bool(isNot ? not(sql) : sql)
  }

const BINARY: Readonly<Record<string, Binary>> = {
  AndExpression: (left, right) => bool(`(${left.sql} AND ${right.sql})`),
  OrExpression: (left, right) => bool(`(${left.sql} OR ${right.sql})`),
  EqualExpression: compared('='),
  NotEqualExpression: compared('!='),
  LessThanExpression: compared('<'),
  LessThanOrEqualExpression: compared('<='),
  GreaterThanExpression: compared('>'),
  GreaterThanOrEqualExpression: compared('>='),
  AddExpression: calculated('+'),
  SubtractExpression: calculated('-'),
  MultiplyExpression: calculated('*'),
  DivideExpression: calculated('/'),
  ModuloExpression: calculated('%'),
  EqualTildeExpression: folded(false),
  BangTildeExpression: folded(true),
  // A dot of RE2 means no line break, unless (?s) says so; ClickHouse's does.
  MatchesRegexExpression: onText((text, pattern) => `match(${text}, concat('(?-s)', ${pattern}))`),
  ...textForms('Contains', texts(containsText)),
  ...textForms('StartsWith', texts(startsWithText)),
  ...textForms('EndsWith', texts(endsWithText)),
  ...textForms('Has', terms({ start: true, end: true })),
  ...textForms('HasPrefix', terms({ start: true, end: false })),
  ...textForms('HasSuffix', terms({ start: false, end: true })),
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
  SimpleNamedExpression: (node, scope) => {
    const [name, value] = operands(node)
    return comparison('=', named(name, scope), expression(value, scope))
  },
  DynamicExpression: dynamicLiteral,
  DynamicLiteralExpression: dynamicLiteral,
  CompoundStringLiteralExpression: compoundText,
}

function compoundText(node: SyntaxNode, scope: Scope): Scalar {
  const value = typeof node.LiteralValue === 'string' ? node.LiteralValue : ''
  return { sql: scope.writer.text(value), type: 'string', constant: value }
}

function named(node: SyntaxNode, scope: Scope): Scalar {
  const text = node.ReferencedSymbol?.Name ?? nameText(node)
  const found = scope.columns.get(text) ?? scope.scalars.get(text)
  if (found) return found
  const { open } = scope
  if (open?.prefix !== undefined && text.startsWith(open.prefix)) {
    const key = scope.writer.text(text.slice(open.prefix.length))
    const value: Scalar = { sql: `JSONExtractRaw(${open.alias}, ${key})`, type: 'dynamic', name: text }
    return open.type === undefined ? value : convertedTo(value, open.type)
  }
  if (isTable(node) || scope.relations.has(text)) {
    // A table of one value may stand where a value does.
    if (scope.relations.has(text)) return scalarOf(node, scope)
    throw new QueryMistake('unsupported', `"${text}" is a table; a value is needed here`, node)
  }
  throw new QueryMistake('unknown-name', `there is no column "${text}" here`, node)
}

function call(node: SyntaxNode, scope: Scope): Scalar {
  const [callee, list] = partsOf(node)
  if (callee === undefined || list === undefined) throw new QueryMistake('syntax', 'something is missing here', node)
  const name = nameText(callee)
  const own = scope.functions.get(name)
  if (own) return ownFunctionValue(node, own, scope)
  const args = listed(list)
  return callFunction(name, { node, scope, argumentNodes: args, args: args.map((one) => () => expression(one, scope)) })
}

/** What stands in the parentheses of `toscalar(…)`. */
function innermost(node: SyntaxNode): SyntaxNode {
  return partsOf(node).find((part) => isTable(part)) ?? partsOf(node).at(-1) ?? node
}

/** The first value of a table's first column. */
function scalarOf(node: SyntaxNode, scope: Scope): Scalar {
  if (!isTable(node)) return expression(node, scope)
  const { sql, columns, order } = scope.relation(node, scope)
  const [column] = columns
  if (column === undefined) throw new QueryMistake('semantics', 'a table with a column is needed here', node)
  if (isCorrelated(sql, scope))
    throw new QueryMistake('unsupported', 'toscalar cannot depend on the row at hand; join the tables instead', node)
  const value = `(SELECT ${column.alias} FROM (${sql})${orderSql(order)} LIMIT 1)`
  const isText = column.type === 'string' || column.type === 'dynamic' || column.type === 'guid'
  return { sql: isText ? `ifNull(${value}, '')` : value, type: column.type }
}

/** Whether the SQL of an inner query names a column of the rows around it. */
function isCorrelated(inner: string, { rows, columns, writer }: Scope): boolean {
  if (rows === undefined && columns.size === 0) return false
  const sql = writer.written(inner, { isWhole: true })
  const made = new Set([...sql.matchAll(/ AS (c\d+)\b/g)].map(([, alias]) => alias))
  return [...sql.matchAll(/\bc\d+\b/g)].some(([alias]) => !made.has(alias))
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
  if (kindOf(member) === 'FunctionCallExpression')
    throw new QueryMistake('unsupported', 'functions of other databases are not known here', member)
  if (object.type !== 'dynamic') throw new QueryMistake('semantics', 'only a dynamic value has members', base)
  // `x.[name]` has the name that the value says.
  if (kindOf(member) === 'BracketedExpression')
    return { sql: memberSql(object.sql, asText(expression(only(member), scope))), type: 'dynamic' }
  return { sql: memberSql(object.sql, scope.writer.text(nameText(member))), type: 'dynamic' }
}

/** `JSONExtractRaw(x, a, b)` for a member of a member. */
function memberSql(object: string, key: string): string {
  const isChain = /^JSONExtractRaw\(\w+(, (\{\w+:String\}|-?\d+))*\)$/.test(object)
  return isChain ? `${object.slice(0, -1)}, ${key})` : `JSONExtractRaw(${object}, ${key})`
}

function element(node: SyntaxNode, scope: Scope): Scalar {
  const [base, bracketed] = operands(node)
  const object = expression(base, scope)
  const index = expression(only(bracketed), scope)
  if (object.type !== 'dynamic') throw new QueryMistake('semantics', 'only a dynamic value has elements', base)
  if (index.type === 'string' || index.type === 'dynamic')
    return { sql: memberSql(object.sql, asText(index)), type: 'dynamic' }
  if (typeof index.constant === 'bigint') {
    // ClickHouse counts elements from 1, and from the end with -1, as Kusto does.
    const position = index.constant < 0n ? index.constant : index.constant + 1n
    return { sql: memberSql(object.sql, String(position)), type: 'dynamic' }
  }
  const position = `if(${index.sql} < 0, ${index.sql}, ${index.sql} + 1)`
  return {
    sql: `JSONExtractRaw(${object.sql}, assumeNotNull(ifNull(${position}, 9223372036854775807)))`,
    type: 'dynamic',
  }
}

function dynamicLiteral(node: SyntaxNode, scope: Scope): Scalar {
  const text = sourceText(node)
  const [, inner = ''] = /^\s*dynamic\s*\(([^]*)\)\s*$/.exec(text) ?? []
  if (inner.trim() === 'null') return { sql: "''", type: 'dynamic', constant: null }
  const json = jsonOfLiteral(inner.trim())
  if (json === undefined) throw new QueryMistake('bad-literal', 'what stands in dynamic(…) must be JSON', node)
  return { sql: scope.writer.text(json), type: 'dynamic', constant: json }
}

const IN_JSON =
  /"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'|(datetime|timespan|time|guid|long|int|real|double|bool|string)\s*\(\s*([^()]*?)\s*\)|-?\s*\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\btrue\b|\bfalse\b|\bnull\b|[[\]{},:]|\s+/gy

/** JSON text of what stands in `dynamic(…)`, which also takes single quotes and literals such as `datetime(…)`. */
function jsonOfLiteral(text: string): string | undefined {
  let json = ''
  let end = 0
  for (const match of text.matchAll(IN_JSON)) {
    end = match.index + match[0].length
    const [whole, single, kind, value] = match
    if (single !== undefined) json += JSON.stringify(single.replaceAll("\\'", "'"))
    else if (kind !== undefined)
      json += /^(long|int|real|double|bool)$/.test(kind) ? value : JSON.stringify(value?.replaceAll(/["' ]/g, ''))
    else if (/^-?\s*\d/.test(whole)) json += whole.replaceAll(/\s/g, '').replace(/^(-?)0+(?=\d)/, '$1')
    else json += whole.trim()
  }
  if (end < text.length) return undefined
  try {
    JSON.parse(json)
    return json
  } catch {
    return undefined
  }
}
