import { isTable, kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { QueryMistake } from '../problem.ts'
import { expression, nameText } from '../scalar/expression.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'
import { itemOf, listedParts, resultColumns } from './columns.ts'
import { applyOperator } from './operators.ts'
import { tableRelation } from './source.ts'
import { union } from './union.ts'

/** A tabular expression as a relation. Throws `QueryMistake` at what is not known here. */
export function relation(node: SyntaxNode, scope: Scope, text: string): Relation {
  switch (kindOf(node)) {
    case 'PipeExpression':
      return pipe(node, scope, text)
    case 'ParenthesizedExpression':
      return relation(partsOf(node)[0] ?? node, scope, text)
    case 'NameReference':
      return named(node, scope)
    case 'PrintOperator':
      return print(node, scope)
    case 'UnionOperator':
      return union(node, undefined, { scope, text })
    case 'MaterializeExpression':
      return materialized(node, scope, text)
    case 'FunctionCallExpression':
      throw new QueryMistake('unsupported', 'functions that make tables are not supported yet', node)
    default:
      throw new QueryMistake('unsupported', 'a table is needed here', node)
  }
}

function pipe(node: SyntaxNode, scope: Scope, text: string): Relation {
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
  const start = relation(first, scope, text)
  return chain.toReversed().reduce((input, operator) => applyOperator(operator, input, { scope, text }), start)
}

function named(node: SyntaxNode, scope: Scope): Relation {
  const name = node.ReferencedSymbol?.Name ?? nameText(node)
  const known = scope.relations.get(name)
  if (known) return known()
  const table = Object.hasOwn(scope.options.tables, name) ? scope.options.tables[name] : undefined
  if (table) return tableRelation(table, scope)
  throw new QueryMistake('unknown-name', `there is no table "${name}"`, node)
}

function print(node: SyntaxNode, scope: Scope): Relation {
  const names = resultColumns(node)
  const columns: RelationColumn[] = []
  const written = listedParts(node).map((part, index) => {
    const value = expression(itemOf(part).value, { ...scope, columns: new Map() })
    const alias = scope.writer.alias()
    columns.push({ name: names[index]?.name ?? `print_${index}`, type: value.type, alias })
    return `${value.sql} AS ${alias}`
  })
  return { sql: `SELECT ${written.join(', ')}`, columns, order: [] }
}

/** `materialize(T)` is T: the store decides what it keeps. */
function materialized(node: SyntaxNode, scope: Scope, text: string): Relation {
  const inner = partsOf(node).find((part) => isTable(part))
  if (inner) return relation(inner, scope, text)
  throw new QueryMistake('syntax', 'a table is missing here', node)
}
