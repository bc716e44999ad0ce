import { isTable, kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { typeNamed } from '../column-types.ts'
import { RANGE_ROWS_MAX } from '../limits.ts'
import { ownFunctionTable } from '../own-function.ts'
import { problemAt, QueryMistake } from '../problem.ts'
import { cast, realOf, STORED, stored, wholeOf } from '../scalar/convert.ts'
import { expression } from '../scalar/expression.ts'
import { listed, nameText, sourceText } from '../scalar/names.ts'
import { isWhole, type Scalar, ticksOf } from '../scalar/scalar.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { itemOf, listedParts, resultColumns } from './columns.ts'
import { find } from './find.ts'
import { applyOperator, isOperator } from './operators.ts'
import { search } from './search.ts'
import { severalOf } from './several-columns.ts'
import { tableRelation } from './source.ts'
import { union } from './union.ts'

/** A tabular expression as a relation. Throws `QueryMistake` at what is not known here. */
export function relation(node: SyntaxNode, scope: Scope): Relation {
  switch (kindOf(node)) {
    case 'PipeExpression':
      return pipe(node, scope)
    case 'ParenthesizedExpression':
      return relation(partsOf(node)[0] ?? node, scope)
    case 'NameReference':
      return named(node, scope)
    case 'PrintOperator':
      return print(node, scope)
    case 'RangeOperator':
      return range(node, scope)
    case 'DataTableExpression':
      return datatable(node, scope)
    case 'FindOperator':
      return find(node, scope)
    case 'UnionOperator':
      if (scope.contextRows === undefined) return union(node, undefined, scope)
      break
    case 'SearchOperator':
      if (scope.contextRows === undefined) return search(node, undefined, scope)
      break
    case 'MaterializeExpression':
      return materialized(node, scope)
    case 'FunctionCallExpression':
      return tableOfCall(node, scope)
    case 'ExternalDataExpression':
      throw new QueryMistake('unsupported', 'externaldata is not supported here', node)
    case 'PathExpression':
      return relation(local(node), scope)
    default:
  }
  if (scope.contextRows && isOperator(node)) return applyOperator(node, scope.contextRows, inside(scope))
  throw new QueryMistake('unsupported', 'a table is needed here', node)
}

/** Behind its first operator an inner query has rows of its own. */
function inside(scope: Scope): Scope {
  const { contextRows, ...rest } = scope
  void contextRows
  return rest
}

/** `workspace("…").Table` and its like: there is one workspace here. */
function local(node: SyntaxNode): SyntaxNode {
  throw new QueryMistake('unsupported', 'there is one workspace here: write the name of the table alone', node)
}

function pipe(node: SyntaxNode, scope: Scope): Relation {
  // Long queries are long to the left: the chain is walked, not recursed into.
  const chain: SyntaxNode[] = []
  let first = node
  while (kindOf(first) === 'PipeExpression') {
    const [left, operator] = partsOf(first)
    if (left === undefined || operator === undefined)
      throw new QueryMistake('syntax', 'something is missing here', first)
    chain.push(operator)
    first = left
  }
  let result = relation(first, scope)
  let here = inside(scope)
  let label = asName(first)
  for (const operator of chain.toReversed()) {
    const before = result
    if (label !== undefined) here = { ...here, relations: new Map([...here.relations, [label, () => before]]) }
    result = applyOperator(operator, before, here)
    label = asName(operator)
  }
  return result
}

/** `as Name` gives the rows a name for what follows. */
function asName(node: SyntaxNode): string | undefined {
  const [name] = kindOf(node) === 'AsOperator' ? listedParts(node) : []
  return name ? nameText(name) : undefined
}

function named(node: SyntaxNode, scope: Scope): Relation {
  const name = node.ReferencedSymbol?.Name ?? nameText(node)
  const known = scope.relations.get(name)
  if (known) return known()
  const own = scope.functions.get(name)
  if (own) return ownFunctionTable(node, own, { scope })
  const table = Object.hasOwn(scope.options.tables, name) ? scope.options.tables[name] : undefined
  if (table?.isEmpty) hintEmpty(table.name, node, scope)
  if (table) return tableRelation(table, scope)
  throw new QueryMistake('unknown-name', `there is no table "${name}"`, node)
}

/** Nothing is wrong, but whoever sees no rows should know why. */
function hintEmpty(name: string, { TextStart: offset, Width: length }: SyntaxNode, scope: Scope): void {
  const message = `nothing is collected for ${name} here: it has no rows`
  scope.hint(problemAt(scope.text, { code: 'empty-table', message, offset, length }))
}

function tableOfCall(node: SyntaxNode, scope: Scope): Relation {
  const [callee, list] = partsOf(node)
  const name = callee ? nameText(callee) : ''
  const own = scope.functions.get(name)
  if (own) return ownFunctionTable(node, own, { scope })
  if (name === 'table' && list) {
    const [first] = listed(list)
    const text = first ? expression(first, scope).constant : undefined
    const table =
      typeof text === 'string' && Object.hasOwn(scope.options.tables, text) ? scope.options.tables[text] : undefined
    if (table) return tableRelation(table, scope)
    throw new QueryMistake('unknown-name', `there is no table "${String(text)}"`, first ?? node)
  }
  throw new QueryMistake('unsupported', `${name}() makes no table here`, node)
}

function print(node: SyntaxNode, scope: Scope): Relation {
  const names = resultColumns(node)
  const columns: RelationColumn[] = []
  const alone = { ...scope, columns: new Map<string, Scalar>() }
  const values = listedParts(node).flatMap(
    (part) => severalOf(part, alone)?.values ?? [expression(itemOf(part).value, alone)],
  )
  const written = values.map((value, index) => {
    const alias = scope.writer.alias()
    columns.push({ name: names[index]?.name ?? `print_${index}`, type: value.type, alias })
    return `${value.sql} AS ${alias}`
  })
  return { sql: `SELECT ${written.join(', ') || '1'}`, columns, order: [] }
}

/** `range x from a to b step s`. */
function range(node: SyntaxNode, scope: Scope): Relation {
  const [declaration, ...bounds] = listedParts(node)
  const [start, stop, step] = bounds.map((bound) => expression(bound, { ...scope, columns: new Map() }))
  if (declaration === undefined || start === undefined || stop === undefined || step === undefined)
    throw new QueryMistake('syntax', 'range needs from, to and step', node)
  const isTime = start.type === 'datetime' || start.type === 'timespan'
  const isCounted = isTime || [start, stop, step].every(({ type }) => isWhole(type))
  const type = isTime ? start.type : isCounted ? 'long' : 'real'
  const number = (value: Scalar): string =>
    value.type === 'datetime' ? ticksOf(value.sql) : isCounted ? wholeOf(value) : realOf(value)
  const [first, last, by] = [number(start), number(stop), number(step)]
  const count = `ifNull(toInt64(floor((${last} - ${first}) / nullIf(${by}, 0))) + 1, 0)`
  const checked = `least(${RANGE_ROWS_MAX}, greatest(0, ${count})) + throwIf(${count} > ${RANGE_ROWS_MAX}, 'range makes more rows than ${RANGE_ROWS_MAX}')`
  const value = `(${first} + place * ${by})`
  const alias = scope.writer.alias()
  const cell =
    type === 'datetime'
      ? `reinterpret(toInt64(${value}), 'DateTime64(7, \\'UTC\\')')`
      : type === 'real'
        ? value
        : `toInt64(${value})`
  const order = [{ alias: scope.writer.alias(), direction: 'ASC' }]
  return {
    sql: `SELECT ${cell} AS ${alias}, place AS ${order[0]?.alias} FROM (SELECT 1) ARRAY JOIN arrayMap(place -> toInt64(place), range(toUInt64(${checked}))) AS place`,
    columns: [{ name: nameText(declaration), type, alias }],
    order,
  }
}

/** `datatable (a: string) [ … ]`: an array for each column. */
function datatable(node: SyntaxNode, scope: Scope): Relation {
  const schema = partsOf(node).find((part) => kindOf(part) === 'RowSchema')
  const lists = partsOf(node).filter((part) => part !== schema)
  const declared = (schema ? listed(schema) : []).filter((part) => kindOf(part) === 'NameAndTypeDeclaration')
  const columns = declared.map((part): RelationColumn => {
    const [name, type] = partsOf(part)
    return {
      name: name ? nameText(name) : '',
      type: (type && typeNamed(sourceText(type).trim())) ?? 'string',
      alias: scope.writer.alias(),
    }
  })
  const literals = lists
    .flatMap((list) => (kindOf(list) === 'List' ? partsOf(list) : [list]))
    .filter((part) => kindOf(part) !== 'NamedParameter')
  const cells = literals.map((cell) => expression(cell, { ...scope, columns: new Map() }))
  const rowCount = columns.length === 0 ? 0 : cells.length / columns.length
  if (!Number.isInteger(rowCount))
    throw new QueryMistake('semantics', `the values do not fill rows of ${columns.length} columns`, node)
  const place = scope.writer.alias()
  const arrays = columns.map(({ type, alias }, column) => {
    const values = Array.from({ length: rowCount }, (_, row) => cells[row * columns.length + column])
    const written = values.map((value) => (value ? stored(value, type) : 'NULL'))
    return `${cast(`[${written.join(', ')}]`, `Array(${STORED[type]})`)} AS ${alias}`
  })
  return {
    sql: `SELECT ${columns.map(({ alias }) => alias).join(', ') || '1'}, ${place} FROM (SELECT 1) ARRAY JOIN ${[...arrays, `range(${rowCount}) AS ${place}`].join(', ')}`,
    columns,
    order: [{ alias: place, direction: 'ASC' }],
  }
}

/** `materialize(T)` is T: the store decides what it keeps. */
function materialized(node: SyntaxNode, scope: Scope): Relation {
  const inner = partsOf(node).find((part) => isTable(part))
  if (inner) return relation(inner, scope)
  throw new QueryMistake('syntax', 'a table is missing here', node)
}
