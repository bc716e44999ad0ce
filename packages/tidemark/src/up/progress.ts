import type { Terminal } from '../terminal/terminal.ts'

/** What a long start is doing: one line that is overwritten on a terminal, a line each elsewhere. */
export interface Progress {
  tell(text: string): void
  end(): void
}

export function showProgress(terminal: Terminal): Progress {
  return {
    tell: (text) => terminal.writeError(terminal.isInteractive ? `\r\u001b[K${text}…` : `${text}…\n`),
    end: () => terminal.writeError(terminal.isInteractive ? '\r\u001b[K' : ''),
  }
}
