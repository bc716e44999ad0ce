/** One position of a pattern; characters are Unicode code points. */
type Token =
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[] }

/** A pattern for one name, without slashes. */
export interface Glob {
  /**
   * Whether a name matches as a whole; names are well-formed text, as `shownPath` gives it. Takes time in proportion to the
   * name's length times the pattern's at worst, whatever both.
   */
  matches(name: string): boolean
  /** The one name that matches, where the pattern has no wildcard. */
  readonly literal: string | undefined
  /** Whether every name matches (`*`). */
  readonly isAny: boolean
}

/**
 * Reads a pattern in either dialect: `*` any characters, `?` one, `[a-z]` and `[!a-z]` one of a set, `\` takes the next
 * character as it is. `.*` is `*` where the author wrote a regular expression: at the start of the name (`.*.conf`, as in
 * the default rule), or anywhere in a name that also has `\.`. Names that begin with a dot are matched as others are:
 * what is tracked must not hide by its name.
 */
export function parseGlob(pattern: string): Glob {
  const tokens = tokensOf(pattern)
  const parts = partsOf(tokens)
  if (parts === undefined) return { literal: undefined, isAny: false, matches: generalMatcher(tokens) }
  const [only] = parts
  if (parts.length === 1) return { literal: only, isAny: false, matches: (name) => name === only }
  return { literal: undefined, isAny: parts.join('') === '', matches: partsMatcher(parts) }
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
  const ranges: (readonly [number, number])[] = []
  for (let isFirst = true; at < characters.length; isFirst = false) {
    const from = characters[at] ?? ''
    if (from === ']' && !isFirst) return { token: { kind: 'class', isNegated, ranges }, end: at + 1 }
    const to = characters[at + 2]
    const isRange = characters[at + 1] === '-' && to !== undefined && to !== ']'
    ranges.push([codePointOf(from), codePointOf(isRange ? to : from)])
    at += isRange ? 3 : 1
  }
  return undefined
}

/**
 * The texts between the stars of a pattern that has nothing but text and stars: `a*b` is `a`, `b`; `*` is two empty ones.
 * Half a surrogate pair is left to the general matcher, which never finds it in a name.
 */
function partsOf(tokens: readonly Token[]): string[] | undefined {
  const parts = ['']
  for (const token of tokens) {
    if (token.kind === 'star') parts.push('')
    else if (token.kind === 'literal' && token.character.isWellFormed())
      parts[parts.length - 1] = `${parts.at(-1) ?? ''}${token.character}`
    else return undefined
  }
  return parts
}

function partsMatcher(parts: readonly string[]): (name: string) => boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  const between = parts.slice(1, -1)
  const lengthMin = parts.join('').length
  if (between.length === 0 && first === '') return (name) => name.endsWith(last)
  if (between.length === 0 && last === '') return (name) => name.startsWith(first)
  return (name) => {
    if (name.length < lengthMin || !name.startsWith(first) || !name.endsWith(last)) return false
    let at = first.length
    // The first place is the best one: what comes later has more room then.
    for (const part of between) {
      const found = name.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at + last.length <= name.length
  }
}

function generalMatcher(tokens: readonly Token[]): (name: string) => boolean {
  const lengthMin = tokens.filter(({ kind }) => kind !== 'star').length
  const compiled = tokens.map(testOf)
  return (name) => name.length >= lengthMin && matchesTokens(compiled, codePointsOf(name))
}

/** Whether a position takes a character; a star takes any number of them. */
type Test = 'star' | ((character: number) => boolean)

function testOf(token: Token): Test {
  if (token.kind === 'star') return 'star'
  if (token.kind === 'one') return () => true
  if (token.kind === 'class') {
    const { ranges, isNegated } = token
    return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== isNegated
  }
  const wanted = codePointOf(token.character)
  return (character) => character === wanted
}

// A star that failed is tried again one character later, and only the last star: an earlier one cannot do better. So each
// stretch between two stars is tried at each place of the name once at most.
function matchesTokens(tests: readonly Test[], name: readonly number[]): boolean {
  let [token, at] = [0, 0]
  let starToken = -1
  let starAt = 0
  while (at < name.length) {
    const current = tests[token]
    if (current === 'star') {
      starToken = token
      starAt = at
      token += 1
    } else if (current?.(name[at] ?? 0) === true) {
      token += 1
      at += 1
    } else if (starToken >= 0) {
      token = starToken + 1
      starAt += 1
      at = starAt
    } else return false
  }
  while (tests[token] === 'star') token += 1
  return token === tests.length
}

function codePointsOf(name: string): number[] {
  const codePoints: number[] = []
  for (let at = 0; at < name.length; at += 1) {
    const codePoint = name.codePointAt(at) ?? 0
    if (codePoint > 0xffff) at += 1
    codePoints.push(codePoint)
  }
  return codePoints
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0
}
