import { type Order, orderSql, type Relation, type RowsAtHand, type Scope, scalarsOf } from './scope.ts'
import type { Writer } from './writer.ts'

/**
 * The rows that an operator works on, while its expressions are compiled. Functions that look at other rows (`prev`,
 * `row_number`) need a place of their own in the SQL, below the operator's SELECT: they put it here.
 */
export class Rows implements RowsAtHand {
  #sql: string
  #order: Order
  #position: string | undefined
  readonly #relation: Relation
  readonly #writer: Writer

  constructor(relation: Relation, writer: Writer) {
    this.#relation = relation
    this.#sql = relation.sql
    this.#order = relation.order
    this.#writer = writer
  }

  /** The input with what was put below it. */
  get relation(): Relation {
    return { ...this.#relation, sql: this.#sql, order: this.#order }
  }

  /** A column that the SELECT above may use by the alias given back. */
  below(sql: string): string {
    const alias = this.#writer.alias()
    this.#sql = `SELECT *, ${sql} AS ${alias} FROM (${this.#sql})`
    return alias
  }

  /** A column with the row's number in the present order, counted from 1. */
  position(): string {
    if (this.#position !== undefined) return this.#position
    const within = this.#relation.partition ? `PARTITION BY ${this.#relation.partition.key}` : ''
    const alias = this.below(`row_number() OVER (${within}${orderSql(this.#order)})`)
    this.#position = alias
    this.#order = [{ alias, direction: 'ASC' }]
    return alias
  }

  /** `OVER (…)` along the present order, split by a column where one is given. */
  over(frame: string, split?: string): string {
    const position = this.position()
    const splits = [this.#relation.partition?.key, split].filter((one) => one !== undefined)
    const within = splits.length > 0 ? `PARTITION BY ${splits.join(', ')} ` : ''
    return `OVER (${within}ORDER BY ${position} ASC ${frame})`
  }

  get isOrdered(): boolean {
    return this.#order.length > 0
  }
}

/** The scope in which a row of this relation is at hand, and the rows that its functions work on. */
export function rowScope(scope: Scope, relation: Relation): Scope & { readonly rows: Rows } {
  const { open, ...rest } = scope
  void open
  return {
    ...rest,
    columns: scalarsOf(relation),
    rows: new Rows(relation, scope.writer),
    ...(relation.open === undefined ? {} : { open: relation.open }),
  }
}
