/** Characters of query text unless the caller says otherwise. */
export const TEXT_CHARS_MAX = 65_536
/** Brackets and expressions inside each other. The analyzer and ClickHouse's parser both recurse. */
export const NESTING_MAX = 64
/** Words and operators of one query: far below what the analyzer's recursion and the store's parser bear. */
export const OPERATORS_MAX = 8_000
/** Characters of written SQL: a `let` used twice by a `let` used twice … doubles with each step. */
export const SQL_CHARS_MAX = 1_000_000
/** Problems reported at once. */
export const PROBLEMS_MAX = 20
/** Calls of a query's own functions inside one another. */
export const CALLS_MAX = 16
/** Rows that one `range` may make. */
export const RANGE_ROWS_MAX = 1_000_000
/** Points of one series of `make-series`. */
export const SERIES_POINTS_MAX = 100_000
/** Hints given with one answer. */
export const HINTS_MAX = 20
