import { PROBLEMS_MAX, type LogProblem } from './operation.ts'

/** Characters of a line that are looked at; apt writes all packages of an operation in one. */
export const LINE_CHARS_MAX = 4 * 1024 * 1024

/** One line of a log with its place. */
export interface LogLine {
  readonly text: string
  /** Bytes before it. */
  readonly at: number
  /** From 1. */
  readonly number: number
}

/** The whole lines of a text; a last one without its end is still being written, and is left for the next reading. */
export function* linesOf(text: string): Generator<LogLine> {
  let number = 0
  for (let at = 0, end = text.indexOf('\n'); end >= 0; at = end + 1, end = text.indexOf('\n', at)) {
    number += 1
    yield { text: text.slice(at, Math.min(end, at + LINE_CHARS_MAX)).replace(/\r$/, ''), at, number }
  }
}

/** Problems, of which the first few are kept. */
export class LogProblems {
  readonly found: LogProblem[] = []

  tell(line: number, message: string): void {
    if (this.found.length < PROBLEMS_MAX) this.found.push({ line, message })
  }
}

/** The text of bytes that are most likely UTF-8. */
export function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}

/** The beginning of a line, to be shown. */
export function beginning(text: string): string {
  return JSON.stringify(utf8(text.slice(0, 80)))
}
