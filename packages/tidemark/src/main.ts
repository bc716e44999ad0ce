import { untilStopped } from '@tidemark/base'

import { runProgram } from './program.ts'
import { terminalOf } from './terminal/terminal.ts'

const stop = untilStopped(process)
// A program that was started by "tidemark up" ends with it, even when "up" was killed and could say nothing.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
// Listening for that must not keep a program running that has done its work.
process.channel?.unref()
// A reader that went away (`tidemark changes | head`) is no error.
process.stdout.on('error', () => process.exit(0))

await runProgram(process.argv.slice(2), {
  terminal: terminalOf({ out: process.stdout, error: process.stderr, environment: process.env }),
  environment: process.env,
  folder: process.cwd(),
  signal: stop.signal,
  setExitCode: (code) => {
    process.exitCode = code
  },
})
