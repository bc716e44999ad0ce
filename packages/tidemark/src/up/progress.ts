import { systemClock } from '@tidemark/base'

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

/** How often progress is told at most, in milliseconds. */
const PROGRESS_MS = 200

/** Progress of what goes on all the time, behind a word of what is done: now and then on a terminal, nowhere else. */
export function showNowAndThen(terminal: Terminal, doing: string): Progress {
  if (!terminal.isInteractive) return { tell: () => undefined, end: () => undefined }
  const progress = showProgress(terminal)
  let toldMs = -Infinity
  return {
    tell: (text) => {
      if (systemClock.monotonicMs() - toldMs < PROGRESS_MS) return
      toldMs = systemClock.monotonicMs()
      progress.tell(`${doing}: ${text}`)
    },
    end: () => progress.end(),
  }
}
