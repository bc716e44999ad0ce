/** One position of a segment's pattern. */
type Token =
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly isNegated: boolean; readonly ranges: readonly (readonly [string, string])[] }

/** A pattern for one name, without slashes. */
export interface Glob {
  /** Whether a name matches as a whole. Takes time in proportion to the name's length times the pattern's, whatever both. */
  matches(name: string): boolean
  /** The one name that matches, where the pattern has no wildcard. */
  readonly literal: string | undefined
}

/**
 * Reads a pattern in either dialect: `*` any characters, `?` one, `[a-z]` and `[!a-z]` one of a set, `\` takes the next
 * character as it is. `.*` is `*` where the author wrote a regular expression: at the start of the name (`.*.conf`, as in
 * the default rule), or anywhere in a name that also has `\.`. Names that begin with a dot are matched as others are:
 * what is tracked must not hide by its name.
 */
export function parseGlob(pattern: string): Glob {
  const tokens = tokensOf(pattern)
  const literals = tokens.map((token) => (token.kind === 'literal' ? token.character : undefined))
  const literal = literals.every((character) => character !== undefined) ? literals.join('') : undefined
  return { literal, matches: literal === undefined ? (name) => matches(tokens, [...name]) : (name) => name === literal }
}

function tokensOf(pattern: string): Token[] {
  const isExpression = pattern.includes('\\.')
  const characters = [...pattern]
  const tokens: Token[] = []
  for (let at = 0; at < characters.length;) {
    const character = characters[at] ?? ''
    const isDotStar = character === '.' && characters[at + 1] === '*' && (at === 0 || isExpression)
    const set = character === '[' ? classAt(characters, at) : undefined
    if (isDotStar || character === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
      at += isDotStar ? 2 : 1
    } else if (set) {
      tokens.push(set.token)
      at = set.end
    } else if (character === '\\' && at + 1 < characters.length) {
      tokens.push({ kind: 'literal', character: characters[at + 1] ?? '' })
      at += 2
    } else {
      tokens.push(character === '?' ? { kind: 'one' } : { kind: 'literal', character })
      at += 1
    }
  }
  return tokens
}

/** The set that begins at `[`, `undefined` where it is not closed: then the bracket means itself, as in a shell. */
function classAt(characters: readonly string[], start: number): { token: Token; end: number } | undefined {
  let at = start + 1
  const isNegated = characters[at] === '!' || characters[at] === '^'
  if (isNegated) at += 1
  const ranges: (readonly [string, string])[] = []
  for (let isFirst = true; at < characters.length; isFirst = false) {
    const from = characters[at] ?? ''
    if (from === ']' && !isFirst) return { token: { kind: 'class', isNegated, ranges }, end: at + 1 }
    const to = characters[at + 2]
    const isRange = characters[at + 1] === '-' && to !== undefined && to !== ']'
    ranges.push([from, isRange ? to : from])
    at += isRange ? 3 : 1
  }
  return undefined
}

// A star that failed is tried again one character later, and only the last star: an earlier one cannot do better.
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let [token, at] = [0, 0]
  let starToken = -1
  let starAt = 0
  while (at < name.length) {
    const current = tokens[token]
    if (current?.kind === 'star') {
      starToken = token
      starAt = at
      token += 1
    } else if (current !== undefined && takes(current, name[at] ?? '')) {
      token += 1
      at += 1
    } else if (starToken >= 0) {
      token = starToken + 1
      starAt += 1
      at = starAt
    } else return false
  }
  while (tokens[token]?.kind === 'star') token += 1
  return token === tokens.length
}

function takes(token: Token, character: string): boolean {
  if (token.kind === 'literal') return token.character === character
  if (token.kind === 'one') return true
  if (token.kind === 'star') return false
  return token.ranges.some(([from, to]) => from <= character && character <= to) !== token.isNegated
}
