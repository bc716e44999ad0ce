import type { Parsed } from '@tidemark/base'

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing'

const SPACE = /[\t\n\r ]*/y
// What stands within a text without an escape, and one escape (RFC 8259 section 7).
const LETTERS = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null/y

/** The value of a JSON text, or what is wrong with it, with its line and column. Takes any text; never throws. */
export function parseJsonText(text: string): Parsed<unknown> {
  try {
    return { kind: 'parsed', value: JSON.parse(text) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'rejected', problems: [{ where: placeIn(text, wrongAt(text)), message }] }
  }
}

/** `line 3, column 17`, from 1. */
function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

/** Where a text stops being JSON. Node's own message does not always say it. */
function wrongAt(text: string): number {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    at = ends(SPACE, text, at) ?? at
    const next = text[at]
    const isClosing = (next === '}' && open.at(-1) === '{') || (next === ']' && open.at(-1) === '[')
    if (isClosing && expected.endsWith('-or-end')) {
      open.pop()
      expected = open.length === 0 ? 'nothing' : 'comma-or-end'
      at += 1
    } else if (expected.startsWith('value') && (next === '{' || next === '[')) {
      open.push(next)
      expected = next === '{' ? 'key-or-end' : 'value-or-end'
      at += 1
    } else if ((expected === 'colon' && next === ':') || (expected === 'comma-or-end' && next === ',')) {
      expected = next === ':' || open.at(-1) === '[' ? 'value' : 'key'
      at += 1
    } else {
      const isKey = expected.startsWith('key')
      const end =
        isKey || expected.startsWith('value')
          ? (textEnd(text, at) ?? (isKey ? undefined : ends(PLAIN, text, at)))
          : undefined
      if (end === undefined || end === at) return at
      expected = isKey ? 'colon' : open.length === 0 ? 'nothing' : 'comma-or-end'
      at = end
    }
  }
}

function textEnd(text: string, from: number): number | undefined {
  if (text[from] !== '"') return undefined
  for (let at: number | undefined = from + 1; at !== undefined; at = ends(ESCAPE, text, at)) {
    at = ends(LETTERS, text, at) ?? at
    if (text[at] === '"') return at + 1
  }
  return undefined
}

function ends(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
