import type { ColumnType } from '@tidemark/model'

/** A table that queries may name: its columns in the order in which a bare table answers them. */
export interface KqlTable {
  readonly name: string
  readonly columns: readonly TableColumn[]
  /** It has columns and never a row: nothing of it is in the store. */
  readonly isEmpty?: boolean
}

/** A column of a table, as queries may name it. */
export interface TableColumn {
  readonly name: string
  readonly type: ColumnType
  /** Every value that the column may hold: comparing it with another one gives a hint. */
  readonly values?: readonly string[]
}

/** What a query may see and how large it and its answer may be. Everything is an argument; nothing is remembered. */
export interface CompileOptions {
  /** Tables by their Kusto names. Pass the same object each time: the analyzer's view of it is cached by identity. */
  readonly tables: Readonly<Record<string, KqlTable>>
  /** Tables without rows, which only a query that names them sees: `search` and `union *` do not. */
  readonly emptyTables?: Readonly<Record<string, KqlTable>>
  /** Every table is read through these filters, whatever the query says. At least one. */
  readonly scope: readonly ScopeFilter[]
  /** Applied to `TimeGenerated` of every table that has it, beside the query's own conditions. */
  readonly timespan?: TimeWindow
  /** What `now()` and `ago()` mean: milliseconds since 1970. */
  readonly nowMs: number
  /** Rows that an answer may have. The SQL asks for one more, so that the reader can tell a full answer from a cut one. */
  readonly rowsMax: number
  /** Where a table is in the store. By default the table has its Kusto name in the session's database. */
  readonly storedAt?: (table: string) => StoredTable
  /** Characters of query text; by default `TEXT_CHARS_MAX`. */
  readonly textCharsMax?: number
}

/** Rows whose column holds one of these values. An empty list shows nothing. */
export interface ScopeFilter {
  readonly column: string
  readonly anyOf: readonly string[]
}

/** `startMs` belongs to the window, `endMs` does not; milliseconds since 1970. */
export interface TimeWindow {
  readonly startMs: number
  readonly endMs: number
}

/** Names of a stored table; quoted by the compiler, so any characters are safe. */
export interface StoredTable {
  readonly database?: string
  readonly table: string
}

/** A value for a `{name:Type}` placeholder. Strings also carry 64-bit integers and datetimes (`2024-01-01 00:00:00.0000000`). */
export type ParameterValue = string | number | boolean | readonly string[]

/** A bound value with its ClickHouse type, as it also stands in the placeholder. */
export interface Parameter {
  readonly type: string
  readonly value: ParameterValue
}

/** A column of the answer. The SQL's own column names mean nothing: columns are matched by position. */
export interface AnswerColumn {
  readonly name: string
  readonly type: ColumnType
}

/** SQL that holds no character of the query text: literals are parameters, aliases are generated. */
export interface Compiled {
  readonly kind: 'compiled'
  readonly sql: string
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly columns: readonly AnswerColumn[]
  /** The `rowsMax` asked for: an answer with more rows was cut and its last row must be dropped. */
  readonly rowsMax: number
  /**
   * Where only the data knows some columns (`pivot`, `bag_unpack`): the SQL has one column more at its end, a JSON object
   * of them. `spreadAnswer` makes columns of it.
   */
  readonly spread?: Spread
  /** Name of the chart of a final `render`, such as `timechart`. */
  readonly render?: string
  /** Not mistakes, but probably not what was meant, e.g. a value that the column never holds. */
  readonly hints: readonly KqlProblem[]
}

/** Columns whose names the data says: how they are called, and their type where it is one for all. */
export interface Spread {
  readonly prefix: string
  readonly type?: ColumnType
}

/** At least one problem, in text order. */
export interface Rejected {
  readonly kind: 'rejected'
  readonly problems: readonly KqlProblem[]
}

/** What compiling comes to. */
export type CompileOutcome = Compiled | Rejected

/**
 * Stable names of what can be wrong; docs/formats/kql.md explains each. `syntax` and `semantics` are Kusto's own
 * findings, `unsupported` is right in Kusto and unknown here.
 */
export const problemCodes = [
  'syntax',
  'semantics',
  'unknown-name',
  'unknown-function',
  'unsupported',
  'placeholder',
  'bad-literal',
  'text-too-long',
  'nested-too-deep',
  'too-complex',
  'analyzer-failed',
  'unlikely-value',
  'empty-table',
  'single-equals',
  'placeholder-text',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** Where a mistake stands: offset and length in UTF-16 units, line and column from 1. */
export interface KqlProblem {
  readonly code: ProblemCode
  readonly message: string
  readonly line: number
  readonly column: number
  readonly offset: number
  readonly length: number
  /** What to write instead at that place. */
  readonly suggestion?: string
}
