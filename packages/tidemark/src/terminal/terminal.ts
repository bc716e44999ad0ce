import { styleText } from 'node:util'

/** Where a command writes: standard output for what was asked for, standard error for everything about it. */
export interface Terminal {
  /** Whether standard output is a terminal with colours (NO_COLOR and pipes say no). */
  readonly isColoured: boolean
  /** Whether standard error is a terminal: progress is shown there only. */
  readonly isInteractive: boolean
  /** Characters in a line. */
  readonly columns: number
  write(text: string): void
  writeError(text: string): void
}

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** The text in a colour where the terminal has them, unchanged elsewhere. */
export function coloured(terminal: Terminal, colour: Colour, text: string): string {
  return terminal.isColoured ? styleText(colour, text, { validateStream: false }) : text
}

/** What a stream of node's `process` must have for a terminal to be made of it. */
export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** The terminal of a process. Colours only on a terminal, and never under NO_COLOR (no-color.org) or TERM=dumb. */
export function terminalOf(streams: {
  readonly out: OutputStream
  readonly error: OutputStream
  readonly environment: Readonly<Record<string, string | undefined>>
}): Terminal {
  const { out, error, environment } = streams
  const plain = Boolean(environment['NO_COLOR']) || environment['TERM'] === 'dumb'
  return {
    isColoured: out.isTTY === true && !plain,
    isInteractive: error.isTTY === true,
    columns: out.columns ?? 120,
    write: (text) => void out.write(text),
    writeError: (text) => void error.write(text),
  }
}

/** What comes from machines may hold anything: control and bidirectional characters are shown as escapes. */
export function safeText(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => {
      const code = character.charCodeAt(0)
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
    },
  )
}
