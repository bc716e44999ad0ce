import { untilStopped } from '@tidemark/base'

import type { CommandContext } from './context.ts'
import { terminalOf } from './terminal/terminal.ts'

/** Runs a command line in this process: with its terminal, its environment, its folder, and until its signals. */
export async function runHere(run: (context: CommandContext) => Promise<void>): Promise<void> {
  const stop = untilStopped(process)
  // A reader that went away (`tidemark changes | head`) is no error.
  process.stdout.on('error', () => process.exit(0))
  await run({
    terminal: terminalOf({ out: process.stdout, error: process.stderr, environment: process.env }),
    environment: process.env,
    folder: process.cwd(),
    signal: stop.signal,
    setExitCode: (code) => {
      process.exitCode = code
    },
  })
}
