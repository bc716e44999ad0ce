import { asText, type Scalar } from './scalar.ts'

/** Conditions on text as SQL. Kusto's terms are runs of letters and digits; `has` finds whole ones. */

const TERM = '[\\\\p{L}\\\\p{N}]'
/**
 * What stands between terms. Letters and digits of all scripts as few ranges, each with the marks and signs of its script:
 * the classes of Unicode have so many that RE2 gives up its fast way of matching.
 */
export const BORDER = borderClass()
const NO_TERM = BORDER.replaceAll('\\', '\\\\')

function borderClass(): string {
  const scripts =
    'AA B2 B3 B5 B9 BA BC-BE C0-D6 D8-F6 F8-1FFF 2070-209C 2C00-2DFF 3005-3007 3021-3029 3031-FEFF FF10-FF19 FF21-FF3A ' +
    'FF41-FF5A FF66-FFDC 10000-1CFFF 20000-3FFFF'
  const ranges = scripts.split(' ').map((range) =>
    range
      .split('-')
      .map((code) => `\\x{${code}}`)
      .join('-'),
  )
  return `[^0-9A-Za-z${ranges.join('')}]`
}

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
  // In small letters on both sides where that is cheap: patterns that heed no case are slower.
  const isFolded = !options.isCased && isPlain(needle)
  const quotedNeedle = quoteMeta(isFolded ? needle.constant.toLowerCase() : needle.constant)
  const before = options.start && /^[\p{L}\p{N}]/u.test(needle.constant) ? `(?:^|${BORDER})` : ''
  const behind = options.end && /[\p{L}\p{N}]$/u.test(needle.constant) ? `(?:$|${BORDER})` : ''
  const contains = containsText(text, needle, options.isCased)
  if (before === '' && behind === '') return contains
  const pattern = options.bind(`${options.isCased || isFolded ? '(?s)' : '(?is)'}${before}${quotedNeedle}${behind}`)
  // Most rows do not have the text at all, which is seen far sooner than that a pattern does not match.
  return `(${contains} AND match(${isFolded ? `lower(${text})` : text}, ${pattern}))`
}

/** The text as a pattern of RE2 that means nothing but itself. */
export function quoteMeta(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}-]/g, '\\$&')
}
