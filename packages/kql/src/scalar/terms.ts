import { asText, type Scalar } from './scalar.ts'

/** Conditions on text as SQL. Kusto's terms are runs of letters and digits; `has` finds whole ones. */

const TERM = '[\\\\p{L}\\\\p{N}]'
const NO_TERM = '[^\\\\p{L}\\\\p{N}]'

export function containsText(text: string, needle: Scalar, isCased: boolean): string {
  const name = isCased ? 'position' : isPlain(needle) ? 'positionCaseInsensitive' : 'positionCaseInsensitiveUTF8'
  return `(${name}(${text}, ${asText(needle)}) > 0)`
}

export function startsWithText(text: string, needle: Scalar, isCased: boolean): string {
  const fold = isCased ? unfolded : folding([needle])
  return `startsWith(${fold(text)}, ${fold(asText(needle))})`
}

export function endsWithText(text: string, needle: Scalar, isCased: boolean): string {
  const fold = isCased ? unfolded : folding([needle])
  return `endsWith(${fold(text)}, ${fold(asText(needle))})`
}

export function equalsText(one: string, other: Scalar, isCased: boolean): string {
  const fold = isCased ? unfolded : folding([other])
  return `(${fold(one)} = ${fold(asText(other))})`
}

const unfolded = (sql: string): string => sql

/** How both sides of a comparison lose their case: byte by byte where the text looked for is ASCII, which is much cheaper. */
export function folding(needles: readonly Scalar[]): (sql: string) => string {
  return needles.every(isPlain) ? (sql) => `lower(${sql})` : (sql) => `lowerUTF8(${sql})`
}

function isPlain({ constant }: Scalar): boolean {
  return typeof constant === 'string' && /^[\x01-\x7f]*$/.test(constant)
}

export interface TermOptions {
  readonly isCased: boolean
  /** Whether a term has to begin where the needle does, and to end where it does. */
  readonly start: boolean
  readonly end: boolean
}

/**
 * Whether the needle stands in the text with no letter or digit before it (`start`) and behind it (`end`). An end of the
 * needle that is itself no letter or digit is a border of its own.
 */
export function hasTerm(text: string, needle: string, options: TermOptions): string {
  const before = options.start ? `if(match(${needle}, '^${TERM}'), '(?:^|${NO_TERM})', '')` : "''"
  const behind = options.end ? `if(match(${needle}, '${TERM}$'), '(?:$|${NO_TERM})', '')` : "''"
  const flags = options.isCased ? "'(?s)'" : "'(?is)'"
  return `match(${text}, concat(${flags}, ${before}, regexpQuoteMeta(${needle}), ${behind}))`
}

/** The same for a value of the query, which is one bound pattern where the query says it. */
export function hasTermOf(
  text: string,
  needle: Scalar,
  options: TermOptions & { readonly bind: (pattern: string) => string },
): string {
  if (typeof needle.constant !== 'string') return hasTerm(text, asText(needle), options)
  if (needle.constant === '') return '(true)'
  const quotedNeedle = quoteMeta(needle.constant)
  const before = options.start && /^[\p{L}\p{N}]/u.test(needle.constant) ? '(?:^|[^\\p{L}\\p{N}])' : ''
  const behind = options.end && /[\p{L}\p{N}]$/u.test(needle.constant) ? '(?:$|[^\\p{L}\\p{N}])' : ''
  const pattern = options.bind(`${options.isCased ? '(?s)' : '(?is)'}${before}${quotedNeedle}${behind}`)
  // Most rows do not have the text at all, which is seen far sooner than that a pattern does not match.
  return `(${containsText(text, needle, options.isCased)} AND match(${text}, ${pattern}))`
}

/** The text as a pattern of RE2 that means nothing but itself. */
export function quoteMeta(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}-]/g, '\\$&')
}
