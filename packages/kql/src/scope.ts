import type { ColumnType } from '@tidemark/model'

import type { SyntaxNode } from './analyzer/kusto.ts'
import type { CompileOptions, KqlProblem } from './contract.ts'
import type { Scalar } from './scalar/scalar.ts'
import type { Writer } from './writer.ts'

/** A column inside of a relation: its name in Kusto, its alias in SQL. Two columns may share an alias. */
export interface RelationColumn {
  readonly name: string
  readonly type: ColumnType
  readonly alias: string
  /** Every value that the column may hold, where the table says so. */
  readonly values?: readonly string[]
  /** Whether every row has a value: a stored table's own time. */
  readonly isNeverNull?: boolean
}

/** A table-like value: SQL of a SELECT, and what its columns are called. */
export interface Relation {
  readonly sql: string
  readonly columns: readonly RelationColumn[]
  /** The rows' order, where they have one: hidden columns of the SQL, which every further SELECT has to carry on. */
  readonly order: Order
  /** Hidden columns of the rows around an inner query (`mv-apply`, `partition`): all operators work within them. */
  readonly partition?: Partition
  /** A hidden column with a JSON object of further columns, whose names only the data knows (`pivot`, `bag_unpack`). */
  readonly open?: OpenColumns
}

export type Order = readonly { readonly alias: string; readonly direction: string }[]

export interface Partition {
  /** What tells the outer rows apart. */
  readonly key: string
  /** The outer row's own columns, as one tuple; absent where nobody asks for them again. */
  readonly carried?: string
}

export interface OpenColumns {
  readonly alias: string
  /** The type of all of them, where it is known. */
  readonly type?: ColumnType
  /** Where among the columns they stand in the answer. */
  readonly prefix: string
}

/** A function of the query's own: its parameters, and what its body means for a call. */
export interface OwnFunction {
  readonly declaration: SyntaxNode
  readonly scope: Scope
}

/** The rows that are at hand, for functions that look at other rows (rows.ts). */
export interface RowsAtHand {
  /** A column below the operator's SELECT, by the alias given back. */
  below(sql: string): string
  /** A column with the row's number in the present order, counted from 1. */
  position(): string
  /** `OVER (…)` along the present order, split by a column where one is given. */
  over(frame: string, split?: string): string
  readonly isOrdered: boolean
}

/** What a name means at some place of a query. */
export interface Scope {
  readonly writer: Writer
  readonly options: CompileOptions
  /** The query's text. */
  readonly text: string
  /** Columns of the row at hand, by name. */
  readonly columns: ReadonlyMap<string, Scalar>
  /** The rows that are at hand, for functions that look at other rows. */
  readonly rows?: RowsAtHand
  readonly open?: OpenColumns
  /** Columns of `$left` and `$right` in a join's condition. */
  readonly sides?: { readonly left: ReadonlyMap<string, Scalar>; readonly right: ReadonlyMap<string, Scalar> }
  /** Whether aggregates may stand here, over the rows of a group. */
  readonly isGroup?: boolean
  /** What `let` named, in the order of the statements: a later one wins. */
  readonly scalars: ReadonlyMap<string, Scalar>
  readonly relations: ReadonlyMap<string, () => Relation>
  readonly functions: ReadonlyMap<string, OwnFunction>
  /** The rows around an inner query, from which its first operator starts. */
  readonly contextRows?: Relation
  /** How many calls of functions are around this place. */
  readonly callDepth: number
  /** Keeps what is not wrong, but probably not meant. */
  readonly hint: (problem: KqlProblem) => void
  /** Compiles a value. */
  readonly value: (node: SyntaxNode, scope: Scope) => Scalar
  /** Compiles a tabular expression where a value is asked for (`in (T | project X)`). */
  readonly relation: (node: SyntaxNode, scope: Scope) => Relation
}

export function scalarsOf({ columns }: Pick<Relation, 'columns'>): ReadonlyMap<string, Scalar> {
  return new Map(
    columns.map(({ name, type, alias, values, isNeverNull = false }) => [
      name,
      { sql: alias, type, name, isNeverNull, ...(values === undefined ? {} : { values }) },
    ]),
  )
}

/** The ORDER BY of a relation, with a space before it; empty where it has no order. */
export function orderSql(order: Order): string {
  return order.length === 0
    ? ''
    : ` ORDER BY ${order.map(({ alias, direction }) => `${alias} ${direction}`).join(', ')}`
}

/** Names of the hidden columns, which a SELECT that lists its columns has to list too. */
export function hiddenColumns({ order, partition, open }: Pick<Relation, 'order' | 'partition' | 'open'>): string[] {
  return [
    ...order.map(({ alias }) => alias),
    ...partitionColumns(partition),
    ...(open === undefined ? [] : [open.alias]),
  ]
}

export function partitionColumns(partition: Partition | undefined): string[] {
  if (partition === undefined) return []
  return partition.carried === undefined ? [partition.key] : [partition.key, partition.carried]
}
