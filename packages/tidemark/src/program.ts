import { type Repertoire, runCommandLine } from './command-line.ts'
import type { CommandContext } from './context.ts'
import { machineCommands } from './machine-program.ts'

/** Everything that `tidemark` can do. */
const repertoire: Repertoire = {
  commands: {
    up: async () => (await import('./up/up.ts')).upCommand,
    ...machineCommands,
    server: async () => (await import('./daemons/server.ts')).serverCommand,
  },
  examples: [
    'up                      track this machine, everything below ./var',
    'changes --since 1h      what changed in the last hour',
    'status                  is all well, and if not, what is wrong',
    'scan --help             one scan of files without agent or server, as AIDE does',
  ],
}

/** Runs one command line (without node and script); the exit code reaches the context, errors reach standard error. */
export async function runProgram(words: readonly string[], context: CommandContext): Promise<void> {
  await runCommandLine(repertoire, words, context)
}
