import type { ColumnType } from '@tidemark/model'

import type { SyntaxNode } from './analyzer/kusto.ts'
import type { CompileOptions } from './contract.ts'
import type { Scalar } from './scalar/scalar.ts'
import type { Writer } from './writer.ts'

/** A column inside of a relation: its name in Kusto, its alias in SQL. */
export interface RelationColumn {
  readonly name: string
  readonly type: ColumnType
  readonly alias: string
}

/** A table-like value: SQL of a SELECT, and what its columns are called. */
export interface Relation {
  readonly sql: string
  readonly columns: readonly RelationColumn[]
  /** The rows' order, where they have one: hidden columns of the SQL, which every further SELECT has to carry on. */
  readonly order: readonly { readonly alias: string; readonly direction: string }[]
}

/** What a name means at some place of a query. */
export interface Scope {
  readonly writer: Writer
  readonly options: CompileOptions
  /** Columns of the row at hand, by name. */
  readonly columns: ReadonlyMap<string, Scalar>
  /** Columns of `$left` and `$right` in a join's condition. */
  readonly sides?: { readonly left: ReadonlyMap<string, Scalar>; readonly right: ReadonlyMap<string, Scalar> }
  /** Whether aggregates may stand here, over the rows of a group. */
  readonly isGroup?: boolean
  /** What `let` named. */
  readonly scalars: ReadonlyMap<string, Scalar>
  readonly relations: ReadonlyMap<string, () => Relation>
  /** Compiles a tabular expression where a value is asked for (`in (T | project X)`). */
  readonly relation: (node: SyntaxNode, scope: Scope) => Relation
}

/** The scope in which a row of this relation is at hand. `prefix` is the relation's name in the SQL around it. */
export function rowScope(scope: Scope, relation: Pick<Relation, 'columns'>, prefix = ''): Scope {
  return { ...scope, columns: scalarsOf(relation, prefix) }
}

export function scalarsOf({ columns }: Pick<Relation, 'columns'>, prefix = ''): ReadonlyMap<string, Scalar> {
  return new Map(columns.map(({ name, type, alias }) => [name, { sql: `${prefix}${alias}`, type }]))
}

/** The ORDER BY of a relation, with a space before it; empty where it has no order. */
export function orderSql(order: Relation['order']): string {
  return order.length === 0
    ? ''
    : ` ORDER BY ${order.map(({ alias, direction }) => `${alias} ${direction}`).join(', ')}`
}
