import { Command, CommanderError } from 'commander'

import type { CommandContext } from './context.ts'
import { agentCommand } from './daemons/agent.ts'
import { changeTrackingCommand } from './daemons/changetracking.ts'
import { serverCommand } from './daemons/server.ts'
import { changesCommand } from './reading/changes.ts'
import { inventoryCommand } from './reading/inventory.ts'
import { queryCommand } from './reading/query.ts'
import { rulesCommand } from './rules/rules.ts'
import { scanCommand } from './scan/scan.ts'
import { statusCommand } from './status/status.ts'
import { CommandError, exitCodes } from './terminal/exit.ts'
import { coloured } from './terminal/terminal.ts'
import { upCommand } from './up/up.ts'
import { version } from './version.ts'

/** Everything that `tidemark` can do. Adding a command is a new folder and one line here. */
const commands = [
  upCommand,
  statusCommand,
  changesCommand,
  inventoryCommand,
  queryCommand,
  rulesCommand,
  scanCommand,
  serverCommand,
  agentCommand,
  changeTrackingCommand,
]

/** Runs one command line (without node and script); the exit code reaches the context, errors reach standard error. */
export async function runProgram(words: readonly string[], context: CommandContext): Promise<void> {
  const program = buildProgram(context)
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

function buildProgram(context: CommandContext): Command {
  const program = new Command('tidemark')
    .description('What changed on these Linux machines, when, and what is installed and running there')
    .version(version, '-V, --version', 'print the version')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tidemark up                      track this machine, everything below ./var\n  $ tidemark changes --since 1h      what changed in the last hour\n  $ tidemark status                  is all well, and if not, what is wrong\n\nExit codes: 0 done, 1 the answer is no, 2 wrong words, 3 could not be done.',
    )
  for (const command of commands) program.addCommand(command(context))
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
