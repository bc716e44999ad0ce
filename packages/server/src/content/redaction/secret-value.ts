import type { Span } from './span.ts'

/** Where a value goes on in the lines below. */
export type Carried =
  /** A YAML block scalar: lines that are deeper than `indent`. */
  | { readonly kind: 'block'; readonly indent: number; readonly isCounted: boolean }
  /** Up to `close`, which ends a quoted text, an XML element or a list. */
  | { readonly kind: 'open'; readonly close: string; readonly linesLeft: number; readonly isCounted: boolean }
  /** The next line goes on, for this one ends with a backslash. */
  | { readonly kind: 'continued' }
  /** A YAML list below a name. */
  | { readonly kind: 'list'; readonly indent: number }

/** What stands behind a name. */
export interface ReadValue {
  /** Nothing where the value holds no secret of its own. */
  readonly span?: Span
  /** Up to where the line is understood now. */
  readonly next: number
  readonly carried?: Carried
}

/** Lines over which one value may go. */
const OPEN_LINES_MAX = 50
/** Characters between a name and its value at most, blanks of a table included. */
const GAP_CHARS_MAX = 256
/** Characters of an XML tag behind its name at most. */
const TAG_CHARS_MAX = 512

const BLOCK_HEAD = /(?:![\w!:.-]{1,40}[ \t]+)?[|>][-+0-9]{0,3}[ \t]*(?:#.*)?\r?$/y
const SEPARATOR = /(?:\\?["'`]|\]|\)){0,4}[ \t]{0,256}(=>|:=|==|\?=|\+=|=|:|,(?=[ \t]{0,8}\\?["'`]))/y
const BLANK = /(?:\\?["'`])?[ \t]{1,256}/y

/** Whether `=`, `:` or the like stands behind a name that ends at `end`, and where its value begins. */
export function afterSeparator(
  line: string,
  end: number,
): { readonly start: number; readonly mark: string } | undefined {
  const found = matchAt(SEPARATOR, line, end)
  if (found === undefined) return undefined
  return { start: skipBlanks(line, end + found[0].length), mark: found[1] ?? '' }
}

/** Where a value begins that follows a name after blanks alone. */
export function afterBlank(line: string, end: number): number | undefined {
  const found = matchAt(BLANK, line, end)
  return found === undefined ? undefined : end + found[0].length
}

/** Where the text of the XML element begins whose tag has its name up to `end`. */
export function afterTag(
  line: string,
  { start, end }: { readonly start: number; readonly end: number },
): number | undefined {
  if (line[start - 1] !== '<') return undefined
  const close = line.slice(end, end + TAG_CHARS_MAX).indexOf('>')
  if (close === -1 || line[end + close - 1] === '/') return undefined
  return end + close + 1
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (at < from + GAP_CHARS_MAX && (line[at] === ' ' || line[at] === '\t')) at += 1
  return at
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(line) ?? undefined
}

/** How a value is to be read. */
export interface ValueManner {
  /** Whether its name is the first of the line: an unquoted value then goes to the line's end. */
  readonly isWholeLine: boolean
  /** What stands between name and value. */
  readonly mark: string
}

/** Reads the value that begins at `start`. Each character is looked at once: the caller goes on at `next`. */
export function readValue(line: string, start: number, { isWholeLine, mark }: ValueManner): ReadValue {
  if (mark === ':' && matchAt(BLOCK_HEAD, line, start)) {
    return { next: line.length, carried: { kind: 'block', indent: indentOf(line), isCounted: false } }
  }
  const quote = quoteAt(line, start)
  if (quote !== '') return quoted(line, start, quote)
  const first = line[start] ?? ''
  if (first === '[') return upTo(line, start + 1, ']')
  if (first === '{' && line[start + 1] !== '{') return { next: start + 1 }
  const end = isWholeLine ? lineEnd(line, start) : wordEnd(line, start)
  if (end <= start) {
    // Braces and commas: nothing to hide here, but perhaps a list below.
    const isEmpty = line.slice(start, start + 2).trim() === '' && start + 2 >= line.length
    return isEmpty && mark === ':'
      ? { next: line.length, carried: { kind: 'list', indent: indentOf(line) } }
      : { next: start }
  }
  const isContinued = isWholeLine && line[end - 1] === '\\'
  return { span: { start, end }, next: end, ...(isContinued ? { carried: { kind: 'continued' } } : {}) }
}

/** The text up to `close`, or to the line's end and on. */
export function upTo(line: string, start: number, close: string): ReadValue {
  const end = line.indexOf(close, start)
  if (end !== -1) return { span: { start, end }, next: end + close.length }
  const span = { start, end: line.trimEnd().length }
  return { span, next: line.length, carried: open(close, span) }
}

function open(close: string, { start, end }: Span): Carried {
  return { kind: 'open', close, linesLeft: OPEN_LINES_MAX, isCounted: end > start }
}

function quoteAt(line: string, start: number): string {
  const first = line[start] ?? ''
  if (first === '\\' && /["']/.test(line[start + 1] ?? '')) return line.slice(start, start + 2)
  if (first !== '"' && first !== "'" && first !== '`') return ''
  return line.startsWith(first.repeat(3), start) ? first.repeat(3) : first
}

/** Quoted text; a backslash takes the meaning from what follows it. */
function quoted(line: string, from: number, quote: string): ReadValue {
  const start = from + quote.length
  if (quote.length > 1) return upTo(line, start, quote)
  for (let at = start; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1
    else if (line[at] === quote) return { span: { start, end: at }, next: at + 1 }
  }
  const span = { start, end: line.trimEnd().length }
  return { span, next: line.length, carried: open(quote, span) }
}

function lineEnd(line: string, start: number): number {
  const end = line.trimEnd().length
  return end > start && /[,;]/.test(line[end - 1] ?? '') ? end - 1 : end
}

const DELIMITER = /[\s,;&)}\]<>"'`]/g

function wordEnd(line: string, start: number): number {
  DELIMITER.lastIndex = start
  return DELIMITER.exec(line)?.index ?? line.length
}

/** Blanks at the beginning of a line, the dash of a YAML list among them. */
export function indentOf(line: string): number {
  return /^[ \t]*(?:- +)?/.exec(line)?.[0].length ?? 0
}

/** What of a line belongs to a value that began above, and what is carried on. `next` is 0 where nothing does. */
export function carriedInto(line: string, carried: Carried): ReadValue {
  const end = line.trimEnd().length
  const own = line.length - line.trimStart().length
  switch (carried.kind) {
    case 'block':
      if (end === 0) return { next: line.length, carried }
      if (own <= carried.indent) return { next: 0 }
      return {
        span: { start: own, end, isContinued: carried.isCounted },
        next: line.length,
        carried: { ...carried, isCounted: true },
      }
    case 'continued':
      return {
        span: { start: own, end, isContinued: true },
        next: line.length,
        ...(line[end - 1] === '\\' ? { carried } : {}),
      }
    case 'open': {
      const { close, linesLeft, isCounted: isContinued } = carried
      const found = line.indexOf(close)
      if (found !== -1)
        return { span: { start: Math.min(own, found), end: found, isContinued }, next: found + close.length }
      const more = linesLeft > 1 ? { carried: { ...carried, linesLeft: linesLeft - 1, isCounted: true } } : {}
      return { span: { start: own, end, isContinued }, next: line.length, ...more }
    }
    case 'list': {
      if (end === 0) return { next: line.length, carried }
      const item = /^[ \t]*- +/.exec(line)?.[0].length
      if (item === undefined || own < carried.indent || /^["']?[\w.-]+["']?:(?:\s|$)/.test(line.slice(item)))
        return { next: 0 }
      return { span: { start: item, end }, next: line.length, carried }
    }
  }
}
