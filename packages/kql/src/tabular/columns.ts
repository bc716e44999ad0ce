import type { ColumnType } from '@tidemark/model'

import { columnsOf, kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { columnTypes } from '../column-types.ts'
import { QueryMistake } from '../problem.ts'
import { nameText } from '../scalar/expression.ts'
import type { Relation, RelationColumn } from '../scope.ts'

/** A name and an expression, as operators list them. */
export interface Item {
  readonly name: string | undefined
  readonly value: SyntaxNode
}

/** `Name = value`, or a value. */
export function itemOf(node: SyntaxNode): Item {
  if (kindOf(node) !== 'SimpleNamedExpression') return { name: undefined, value: node }
  const [declaration, value] = partsOf(node)
  if (declaration === undefined || value === undefined)
    throw new QueryMistake('syntax', 'something is missing here', node)
  return { name: nameText(declaration), value }
}

/** The columns that Kusto gives an operator's result, with types that are known here. */
export function resultColumns(node: SyntaxNode): { readonly name: string; readonly type: ColumnType }[] {
  return columnsOf(node).map(({ name, type }) => ({
    name,
    type: columnTypes.find((known) => known === type) ?? 'dynamic',
  }))
}

/** `expression AS alias` for new columns, and the hidden ones of the order as they are. */
export function selectSql(
  relation: Pick<Relation, 'sql' | 'order'>,
  columns: readonly { readonly sql: string; readonly column: RelationColumn }[],
): string {
  const written = columns.map(({ sql, column }) => `${sql} AS ${column.alias}`)
  return `SELECT ${[...written, ...relation.order.map(({ alias }) => alias)].join(', ') || '1'} FROM (${relation.sql})`
}

/** Elements of the lists below an operator, without its parameters (`kind=…`, `hint.…=…`). */
export function listedParts(node: SyntaxNode): SyntaxNode[] {
  return partsOf(node)
    .flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
    .filter((part) => kindOf(part) !== 'NamedParameter')
}

/** `kind=leftouter` of an operator, in lower case. */
export function parameterOf(node: SyntaxNode, name: string, text: string): string | undefined {
  for (const list of partsOf(node))
    for (const part of kindOf(list) === 'List' ? partsOf(list) : []) {
      if (kindOf(part) !== 'NamedParameter') continue
      const [key, value] = text.slice(part.TextStart, part.TextStart + part.Width).split('=')
      if (key?.trim() === name) return value?.trim().toLowerCase()
    }
  return undefined
}
