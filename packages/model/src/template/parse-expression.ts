/** An expression of an ARM template, as it stands between `[` and `]`. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly parts: readonly Expression[] }
  /** `.name`, or `['name']`, or `[0]` of what stands before it. */
  | { readonly kind: 'member'; readonly of: Expression; readonly key: Expression }

/** Characters of an expression at most (Azure's own limit). */
export const EXPRESSION_CHARACTERS_MAX = 24_576
/** How deep calls may stand in one another. */
export const EXPRESSION_DEPTH_MAX = 50

/**
 * Reads an expression (ARM template syntax: calls, texts in single quotes with `''` for a quote, whole numbers, members).
 * Total: what is none gives `undefined`.
 */
export function parseExpression(text: string): Expression | undefined {
  if (text.length > EXPRESSION_CHARACTERS_MAX) return undefined
  const tokens = tokensOf(text)
  const reader = new Reader(tokens ?? [])
  const expression = tokens && reader.expression(0)
  return expression && reader.isAtEnd ? expression : undefined
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(-?\d+)|([A-Za-z_][\w.]*?(?=\s*\())|([A-Za-z_]\w*)|([()[\],.]))/y

type Token =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'function' | 'name' | 'mark'; readonly value: string }

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = []
  let at = 0
  const end = text.trimEnd().length
  while (at < end) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (found === null) return undefined
    const [, quoted, number, called, name, mark] = found
    if (quoted !== undefined) tokens.push({ kind: 'literal', value: quoted.replaceAll("''", "'") })
    else if (number !== undefined) tokens.push({ kind: 'literal', value: Number(number) })
    else if (called !== undefined) tokens.push({ kind: 'function', value: called })
    else if (name !== undefined) tokens.push({ kind: 'name', value: name })
    else tokens.push({ kind: 'mark', value: mark ?? '' })
    at = TOKEN.lastIndex
  }
  return tokens
}

class Reader {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.#next === this.#tokens.length
  }

  expression(depth: number): Expression | undefined {
    if (depth > EXPRESSION_DEPTH_MAX) return undefined
    let found = this.#first(depth)
    for (let members = 0; found !== undefined && members < EXPRESSION_DEPTH_MAX; members += 1) {
      if (this.#takes('.')) {
        const name = this.#tokens[this.#next++]
        if (name?.kind !== 'name') return undefined
        found = { kind: 'member', of: found, key: { kind: 'literal', value: name.value } }
      } else if (this.#takes('[')) {
        const key = this.expression(depth + 1)
        if (key === undefined || !this.#takes(']')) return undefined
        found = { kind: 'member', of: found, key }
      } else break
    }
    return found
  }

  #first(depth: number): Expression | undefined {
    const token = this.#tokens[this.#next++]
    if (token?.kind === 'literal') return token
    if (token?.kind !== 'function' || !this.#takes('(')) return undefined
    const parts: Expression[] = []
    if (this.#takes(')')) return { kind: 'call', name: token.value, parts }
    do {
      const part = this.expression(depth + 1)
      if (part === undefined) return undefined
      parts.push(part)
    } while (this.#takes(','))
    return this.#takes(')') ? { kind: 'call', name: token.value, parts } : undefined
  }

  #takes(mark: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'mark' || token.value !== mark) return false
    this.#next += 1
    return true
  }
}
