import type { ColumnType } from '@tidemark/model'

/** A value of one row as SQL. Timespans are Int64 ticks of 100 ns; dynamics are JSON text, empty for null. */
export interface Scalar {
  readonly sql: string
  readonly type: ColumnType
  /** What it is, where the text of the query says it: a value as `KQL` means it, `null` for a null. */
  readonly constant?: Constant
  /** Of a column: its name, and every value that it may hold where the table says so. */
  readonly name?: string
  readonly values?: readonly string[]
  /** Whether it is known that it never is null. */
  readonly isNeverNull?: boolean
}

export type Constant = string | number | bigint | boolean | null

/** Ticks from 0001-01-01, from where Kusto's bins count, to 1970-01-01. */
export const TICKS_TO_1970 = 621_355_968_000_000_000n

/** Ticks since 1970 of a datetime. */
export function ticksOf(sql: string): string {
  return `reinterpretAsInt64(${sql})`
}

/** The datetime of ticks since 1970. */
export function datetimeOf(ticks: string): string {
  return `reinterpret(toInt64(${ticks}), 'DateTime64(7, \\'UTC\\')')`
}

/** A dynamic as text: a JSON string without its quotes, anything else as it is written, nothing for null. */
export function dynamicText(sql: string): string {
  return `JSONExtract(${sql}, 'String')`
}

/** The value as text, as `tostring` gives it; null is empty. */
export function asText({ sql, type }: Scalar): string {
  switch (type) {
    case 'string':
    case 'guid':
      return sql
    case 'dynamic':
      return dynamicText(sql)
    case 'bool':
      return `multiIf((${sql}) IS NULL, '', ${sql}, 'True', 'False')`
    case 'datetime':
      return `ifNull(concat(replaceOne(toString(${sql}), ' ', 'T'), 'Z'), '')`
    case 'timespan':
      return `ifNull(${timespanSql(sql)}, '')`
    case 'real':
    case 'decimal':
      return `ifNull(replaceRegexpOne(toString(${sql}), '^nan$', 'NaN'), '')`
    case 'int':
    case 'long':
      return `ifNull(toString(${sql}), '')`
  }
}

/** `[-][d.]hh:mm:ss[.fffffff]`, as `timespanText` has it. */
function timespanSql(ticks: string): string {
  const size = 'abs(span)'
  const part = (divisor: number, modulus: number): string =>
    `leftPad(toString(intDiv(${size}, ${divisor}) % ${modulus}), 2, '0')`
  const days = `intDiv(${size}, 864000000000)`
  const written = [
    "concat(if(span < 0, '-', '')",
    `if(${days} > 0, concat(toString(${days}), '.'), '')`,
    `${part(36_000_000_000, 24)}, ':', ${part(600_000_000, 60)}, ':', ${part(10_000_000, 60)}`,
    `if(${size} % 10000000 > 0, concat('.', leftPad(toString(${size} % 10000000), 7, '0')), ''))`,
  ].join(', ')
  return `arrayMap(span -> ${written}, [${ticks}])[1]`
}

/** Whether a type counts. */
export function isNumber(type: ColumnType): boolean {
  return type === 'int' || type === 'long' || type === 'real' || type === 'decimal'
}

/** Whether a type counts in whole numbers. */
export function isWhole(type: ColumnType): boolean {
  return type === 'int' || type === 'long'
}

/** Whether SQL values of a type are text that is never NULL: null is the empty text. */
export function isTextLike(type: ColumnType): boolean {
  return type === 'string' || type === 'guid' || type === 'dynamic'
}
