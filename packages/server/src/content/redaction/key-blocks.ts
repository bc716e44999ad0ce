import { type Span, wholeLine } from './span.ts'

/** Lines of one private key at most; an RSA key of 16,384 bits has about 200. */
export const KEY_LINES_MAX = 400

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const END = '-----END'

/** Secret spans by line number of private keys: PEM and OpenPGP (RFC 7468, RFC 9580) and PuTTY's files. */
export function keyBlocks(lines: readonly string[]): Map<number, Span[]> {
  const spans = new Map<number, Span[]>()
  for (let number = 0; number < lines.length; number += 1) {
    const line = lines[number] ?? ''
    const putty = /^Private-Lines: (\d{1,3})\s*$/.exec(line)?.[1]
    if (putty !== undefined) {
      addLines(spans, lines, { from: number + 1, to: number + 1 + Math.min(Number(putty), KEY_LINES_MAX) })
      continue
    }
    const open = withinLine(line, spans, number)
    if (open !== undefined) number = closeBlock(spans, lines, { number, open })
  }
  return spans
}

/** Keys that begin and end on one line (JSON with `\n`); gives where an open one begins, `undefined` where none is. */
function withinLine(line: string, spans: Map<number, Span[]>, number: number): number | undefined {
  if (!line.includes('-----BEGIN ')) return undefined
  let passed = 0
  for (const { 0: head, index } of line.matchAll(BEGIN)) {
    if (index < passed) continue
    const start = index + head.length
    const end = line.indexOf(END, start)
    if (end === -1) return start
    add(spans, number, { start, end })
    passed = end
  }
  return undefined
}

/** Hides what follows up to the end of the key; gives the number of the line with its end. */
function closeBlock(
  spans: Map<number, Span[]>,
  lines: readonly string[],
  { number, open }: { readonly number: number; readonly open: number },
): number {
  const last = Math.min(lines.length, number + KEY_LINES_MAX)
  let end = number + 1
  while (end < last && !(lines[end] ?? '').includes(END)) end += 1
  const secret = [(lines[number] ?? '').slice(open), ...lines.slice(number + 1, end)].join('\n')
  const tail = (lines[number] ?? '').slice(open)
  // What stands behind the first line's marker is at most a quote, or the key itself on a line that was cut.
  if (tail.trim().length > 4) add(spans, number, { start: open, end: open + tail.trimEnd().length, secret })
  addLines(spans, lines, { from: number + 1, to: end, secret })
  return end < last ? end : last - 1
}

function addLines(
  spans: Map<number, Span[]>,
  lines: readonly string[],
  { from, to, secret }: { readonly from: number; readonly to: number; readonly secret?: string },
): void {
  const whole = secret ?? lines.slice(from, to).join('\n')
  let isContinued = false
  for (let number = from; number < Math.min(to, lines.length); number += 1) {
    const span = wholeLine(lines[number] ?? '')
    if (span === undefined) continue
    add(spans, number, { ...span, secret: whole, isContinued })
    isContinued = true
  }
}

function add(spans: Map<number, Span[]>, number: number, span: Span): void {
  const others = spans.get(number)
  if (others) others.push(span)
  else spans.set(number, [span])
}
