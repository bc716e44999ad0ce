import type { ColumnType } from '@tidemark/model'

import { columnsOf, kindOf, partsOf, type SyntaxNode } from '../analyzer/kusto.ts'
import { typeNamed } from '../column-types.ts'
import { QueryMistake } from '../problem.ts'
import { nameText, sourceText } from '../scalar/names.ts'
import type { Scalar } from '../scalar/scalar.ts'
import type { Relation, RelationColumn, Scope } from '../scope.ts'

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
  return columnsOf(node).map(({ name, type }) => ({ name, type: typeNamed(type) ?? 'dynamic' }))
}

/** A column of its own for a value; a column's own alias where the value is that column. */
export function columnFor(
  name: string,
  value: Scalar,
  scope: Scope,
): { readonly column: RelationColumn; readonly sql: string | undefined } {
  const isColumn = /^c\d+$/.test(value.sql)
  const column: RelationColumn = {
    name,
    type: value.type,
    alias: isColumn ? value.sql : scope.writer.alias(),
    ...(isColumn && value.values !== undefined ? { values: value.values } : {}),
    ...(isColumn && value.isNeverNull ? { isNeverNull: true } : {}),
  }
  return { column, sql: isColumn ? undefined : value.sql }
}

/** The relation with further columns in its SQL, which its own columns do not show yet. */
export function withColumns(
  relation: Relation,
  made: readonly { readonly column: RelationColumn; readonly sql: string | undefined }[],
): string {
  const written = made.flatMap(({ sql, column }) => (sql === undefined ? [] : [`${sql} AS ${column.alias}`]))
  return written.length === 0 ? relation.sql : `SELECT *, ${written.join(', ')} FROM (${relation.sql})`
}

/** Aliases once each: two columns may share one. */
export function uniqueAliases(columns: readonly RelationColumn[]): string[] {
  return [...new Set(columns.map(({ alias }) => alias))]
}

/** Names in an expression, from left to right; those of functions too. */
export function namesIn(node: SyntaxNode): { readonly name: string; readonly isCallee: boolean }[] {
  if (kindOf(node) === 'NameReference')
    return [{ name: node.ReferencedSymbol?.Name ?? nameText(node), isCallee: false }]
  const isCall = kindOf(node) === 'FunctionCallExpression'
  return partsOf(node).flatMap((part, index) =>
    isCall && index === 0 ? [{ name: nameText(part), isCallee: true }] : namesIn(part),
  )
}

/** Elements of the lists below an operator, without its parameters (`kind=…`, `hint.…=…`). */
export function listedParts(node: SyntaxNode): SyntaxNode[] {
  return partsOf(node)
    .flatMap((part) => (kindOf(part) === 'List' ? partsOf(part) : [part]))
    .filter((part) => kindOf(part) !== 'NamedParameter')
}

/** `kind=leftouter` of an operator, as it is written. */
export function parameterOf(node: SyntaxNode, name: string): string | undefined {
  for (const part of partsOf(node).flatMap((list) => (kindOf(list) === 'List' ? partsOf(list) : [list]))) {
    if (kindOf(part) !== 'NamedParameter') continue
    const [key, value] = partsOf(part)
    if (key && value && nameText(key) === name)
      return typeof value.LiteralValue === 'string'
        ? value.LiteralValue
        : (sourceText(value).trim().split(/\s+/)[0] ?? '')
  }
  return undefined
}
