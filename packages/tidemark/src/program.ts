import { Command, CommanderError } from 'commander'

import type { CommandContext } from './context.ts'
import { CommandError, exitCodes } from './terminal/exit.ts'
import { coloured } from './terminal/terminal.ts'
import { version } from './version.ts'

type MakeCommand = (context: CommandContext) => Command

/**
 * Everything that `tidemark` can do. Adding a command is a new folder and one line here. Only the one that is called is
 * loaded: none has to wait for what another one needs.
 */
const commands: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  up: async () => (await import('./up/up.ts')).upCommand,
  status: async () => (await import('./status/status.ts')).statusCommand,
  changes: async () => (await import('./reading/changes.ts')).changesCommand,
  diff: async () => (await import('./reading/diff.ts')).diffCommand,
  inventory: async () => (await import('./reading/inventory.ts')).inventoryCommand,
  query: async () => (await import('./reading/query.ts')).queryCommand,
  rules: async () => (await import('./rules/rules.ts')).rulesCommand,
  tokens: async () => (await import('./tokens/tokens.ts')).tokensCommand,
  retention: async () => (await import('./upkeep/retention.ts')).retentionCommand,
  backup: async () => (await import('./upkeep/backup.ts')).backupCommand,
  restore: async () => (await import('./upkeep/restore.ts')).restoreCommand,
  scan: async () => (await import('./scan/scan.ts')).scanCommand,
  verify: async () => (await import('./verify/verify.ts')).verifyCommand,
  enroll: async () => (await import('./enrol/enroll.ts')).enrollCommand,
  'enroll-token': async () => (await import('./enrol/enroll-token.ts')).enrollTokenCommand,
  sink: async () => (await import('./sink/sink.ts')).sinkCommand,
  server: async () => (await import('./daemons/server.ts')).serverCommand,
  agent: async () => (await import('./daemons/agent.ts')).agentCommand,
  changetracking: async () => (await import('./daemons/changetracking.ts')).changeTrackingCommand,
}

/** Runs one command line (without node and script); the exit code reaches the context, errors reach standard error. */
export async function runProgram(words: readonly string[], context: CommandContext): Promise<void> {
  const program = await buildProgram(words, context)
  try {
    await program.parseAsync([...words], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError)
      return context.setExitCode(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
    if (!(error instanceof CommandError)) throw error
    context.terminal.writeError(`${coloured(context.terminal, 'red', 'tidemark:')} ${error.message}\n`)
    context.setExitCode(error.exitCode)
  }
}

async function buildProgram(words: readonly string[], context: CommandContext): Promise<Command> {
  const program = new Command('tidemark')
    .description('What changed on these Linux machines, when, by whom, and what is installed and running there')
    .version(version, '-V, --version', 'print the version')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark up                      track this machine, everything below ./var\n  $ tidemark changes --since 1h      what changed in the last hour\n  $ tidemark status                  is all well, and if not, what is wrong\n  $ tidemark scan --help             one scan of files without agent or server, as AIDE does\n\nExit codes: 0 done, 1 the answer is no, 2 wrong words, 3 could not be done; "scan --rule" and "diff" have their own.',
    )
  // Without a command's name it is help that is wanted, or a hint at what was meant.
  const called = Object.hasOwn(commands, words[0] ?? '') ? commands[words[0] ?? ''] : undefined
  for (const load of called === undefined ? Object.values(commands) : [called])
    program.addCommand((await load())(context))
  return applyToAll(program, context)
}

/** Commander's own exits and outputs go through the context, in the program and in every command below it. */
function applyToAll(command: Command, context: CommandContext): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => context.terminal.write(text),
    writeErr: (text) => context.terminal.writeError(text),
  })
  for (const inner of command.commands) applyToAll(inner, context)
  return command
}
