import { isHarmless, isSecretName, isSpacedName } from './secret-names.ts'
import {
  afterBlank,
  afterSeparator,
  afterTag,
  type Carried,
  carriedInto,
  readValue,
  type ReadValue,
  upTo,
} from './secret-value.ts'
import type { Span } from './span.ts'

/** What a line leaves for those below it. */
export interface LineState {
  readonly carried?: Carried
  /** Lines in which a `value` belongs to a name that was said before: `name: DB_PASSWORD`, `value: …`. */
  readonly namedLeft: number
}

/** Nothing is left over. */
export const cleanState: LineState = { namedLeft: 0 }
/** Lines between a secret's name and its value in a list of name and value. */
const NAMED_LINES_MAX = 3
/** Words that stand before a name without being one: of the shell, of programs, of configurations. */
const LEADS: ReadonlySet<string> = new Set([
  'export',
  'set',
  'setenv',
  'declare',
  'local',
  'let',
  'const',
  'var',
  'val',
  'env',
  'arg',
  'define',
  'final',
  'string',
  'static',
  'private',
  'public',
  '-',
])

interface Scan {
  readonly line: string
  readonly spans: Span[]
  /** Whether any name stands for a secret. */
  readonly isSecretData: boolean
  carried: Carried | undefined
  namedLeft: number
  /** Words of this line so far, leads not counted. */
  wordCount: number
  before: string
}

interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Secrets that a line names as such: passwords in `key=value`, `key: value`, JSON, XML, ini, options and headers. Linear:
 * goes over the line once, word by word, and behind a value on.
 */
export function namedSecrets(
  line: string,
  state: LineState,
  { isSecretData }: { readonly isSecretData: boolean },
): { readonly spans: readonly Span[]; readonly state: LineState } {
  const scan: Scan = {
    line,
    spans: [],
    isSecretData,
    carried: undefined,
    namedLeft: Math.max(0, state.namedLeft - 1),
    wordCount: 0,
    before: '',
  }
  let at = 0
  if (state.carried) at = take(scan, carriedInto(line, state.carried))
  const words = /[\w.-]+/g
  words.lastIndex = at
  for (let found = words.exec(line); found !== null; found = words.exec(line)) {
    const [text] = found
    const next = readWord(scan, { text, start: found.index, end: found.index + text.length })
    if (!LEADS.has(text.toLowerCase())) scan.wordCount += 1
    scan.before = text
    if (next !== undefined) words.lastIndex = Math.max(next, words.lastIndex)
  }
  const { carried, namedLeft, spans } = scan
  return { spans, state: { namedLeft, ...(carried === undefined ? {} : { carried }) } }
}

/** Notes what a value holds; gives where to go on. */
function take(scan: Scan, value: ReadValue): number {
  if (value.span) scan.spans.push(value.span)
  if (value.carried) scan.carried = value.carried
  return value.next
}

/** Reads a word and, where it names a secret, what it names. Gives where to go on, `undefined` for behind the word. */
function readWord(scan: Scan, word: Word): number | undefined {
  const lower = word.text.toLowerCase()
  if (lower === 'bearer') return bearer(scan, word)
  if (lower.endsWith('authorization')) return authorization(scan, word)
  if (scan.namedLeft > 0 && lower === 'value') return namedValue(scan, word)
  if (isSecretName(word.text)) return secretOf(scan, word)
  if (scan.isSecretData && scan.wordCount === 0) {
    const colon = afterSeparator(scan.line, word.end)
    return colon?.mark === ':' ? secretAt(scan, word, { ...colon, isWholeLine: true }) : undefined
  }
  return undefined
}

function secretOf(scan: Scan, word: Word): number | undefined {
  const { line } = scan
  if (isLabelled(scan, word)) {
    scan.namedLeft = NAMED_LINES_MAX
    return undefined
  }
  const inside = afterTag(line, word)
  if (inside !== undefined) return take(scan, upTo(line, inside, '<'))
  const isWholeLine = scan.wordCount === 0
  const separated = afterSeparator(line, word.end)
  if (separated !== undefined) return secretAt(scan, word, { ...separated, isWholeLine })
  const blank = afterBlank(line, word.end)
  if (blank === undefined) return undefined
  const isQuoted = /["'`]/.test(line[blank] ?? '')
  const isPair = isWholeLine && /^\S+\s*$/.test(line.slice(blank, blank + 256)) && blank + 256 > line.length
  if (!isQuoted && !isSpacedName(word.text) && !isPair && !isSecondOfTwo(scan, word)) return undefined
  if (line[blank] === '-') return undefined
  return secretAt(scan, word, { start: blank, mark: ' ', isWholeLine: isWholeLine && !word.text.startsWith('-') })
}

/** A list of names and values: `"name": "DB_PASSWORD", "value": …`, `<name>password</name>`, `key="password"`. */
function isLabelled({ line, before }: Scan, { start }: Word): boolean {
  return /^(?:name|key|id)$/i.test(before) && /[:=>][ \t]*["'`]?$/.test(line.slice(Math.max(0, start - 8), start))
}

/** netrc(5): `login me password secret`; debconf: `passwd/root-password password secret`. */
function isSecondOfTwo(scan: Scan, { text, start }: Word): boolean {
  if (!/^password$/i.test(text)) return false
  return isSecretName(scan.before) || /\blogin[ \t]+\S+[ \t]+$/.test(scan.line.slice(Math.max(0, start - 256), start))
}

function secretAt(
  scan: Scan,
  { text }: Word,
  { start, mark, isWholeLine }: { readonly start: number; readonly mark: string; readonly isWholeLine: boolean },
): number {
  const value = readValue(scan.line, start, { isWholeLine, mark })
  if (value.span && value.carried === undefined && isHarmless(text, scan.line.slice(value.span.start, value.span.end)))
    return value.next
  return take(scan, value)
}

function namedValue(scan: Scan, word: Word): number | undefined {
  const inside = afterTag(scan.line, word)
  const separated = afterSeparator(scan.line, word.end)
  if (inside === undefined && separated === undefined) return undefined
  scan.namedLeft = 0
  if (inside !== undefined) return take(scan, upTo(scan.line, inside, '<'))
  if (separated === undefined) return undefined
  return secretAt(scan, word, { ...separated, isWholeLine: scan.wordCount === 0 })
}

const SCHEME = /(?:bearer|basic|digest|token|negotiate|apikey|aws4-hmac-sha256)[ \t]+/iy

/** `Authorization: Basic …`: the scheme may be seen. */
function authorization(scan: Scan, word: Word): number | undefined {
  const separated = afterSeparator(scan.line, word.end)
  if (separated === undefined) return undefined
  const quote = /["'`]/.test(scan.line[separated.start] ?? '') ? 1 : 0
  SCHEME.lastIndex = separated.start + quote
  const scheme = SCHEME.exec(scan.line)?.[0] ?? ''
  const start = separated.start + quote + scheme.length
  // Without a scheme it may be a setting that is only called so: a single long word is taken for a token.
  const value = scheme === '' ? /[^\s"'`]{0,4096}/y : /[^"'`\r]*/y
  value.lastIndex = start
  const length = value.exec(scan.line)?.[0].trimEnd().length ?? 0
  if (scheme === '' && length < BEARER_CHARS_MIN) return undefined
  return take(scan, { span: { start, end: start + length }, next: start + length })
}

/** Characters of a bearer's token at least (RFC 6750): what is shorter is most likely a word. */
const BEARER_CHARS_MIN = 16

function bearer(scan: Scan, word: Word): number | undefined {
  const start = afterBlank(scan.line, word.end)
  if (start === undefined) return undefined
  const token = /[\w.~+/=-]+/y
  token.lastIndex = start
  const length = token.exec(scan.line)?.[0].length ?? 0
  if (length < BEARER_CHARS_MIN) return undefined
  return take(scan, { span: { start, end: start + length }, next: start + length })
}
