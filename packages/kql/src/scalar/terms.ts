/** Conditions on text as SQL. Kusto's terms are runs of letters and digits; `has` finds whole ones. */

const TERM = '[\\\\p{L}\\\\p{N}]'
const NO_TERM = '[^\\\\p{L}\\\\p{N}]'

export function containsText(text: string, needle: string, isCased: boolean): string {
  return isCased ? `(position(${text}, ${needle}) > 0)` : `(positionCaseInsensitiveUTF8(${text}, ${needle}) > 0)`
}

export function startsWithText(text: string, needle: string, isCased: boolean): string {
  return isCased ? `startsWith(${text}, ${needle})` : `startsWith(lowerUTF8(${text}), lowerUTF8(${needle}))`
}

export function endsWithText(text: string, needle: string, isCased: boolean): string {
  return isCased ? `endsWith(${text}, ${needle})` : `endsWith(lowerUTF8(${text}), lowerUTF8(${needle}))`
}

export function equalsText(one: string, other: string, isCased: boolean): string {
  return isCased ? `(${one} = ${other})` : `(lowerUTF8(${one}) = lowerUTF8(${other}))`
}

/**
 * Whether the needle stands in the text with no letter or digit before it (`start`) and behind it (`end`). An end of the
 * needle that is itself no letter or digit is a border of its own.
 */
export function hasTerm(
  text: string,
  needle: string,
  options: { readonly isCased: boolean; readonly start: boolean; readonly end: boolean },
): string {
  const before = options.start ? `if(match(${needle}, '^${TERM}'), '(?:^|${NO_TERM})', '')` : "''"
  const behind = options.end ? `if(match(${needle}, '${TERM}$'), '(?:$|${NO_TERM})', '')` : "''"
  const flags = options.isCased ? "'(?s)'" : "'(?is)'"
  return `match(${text}, concat(${flags}, ${before}, regexpQuoteMeta(${needle}), ${behind}))`
}
