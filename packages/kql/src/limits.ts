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
