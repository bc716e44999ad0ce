import { Command, CommanderError } from 'commander'

import type { CommandContext } from './context.ts'
import { examplesText } from './terminal/examples.ts'
import { CommandError, exitCodes } from './terminal/exit.ts'
import { coloured } from './terminal/terminal.ts'
import { version } from './version.ts'

/** Commands by their names. Only the one that is called is loaded: none has to wait for what another one needs. */
export type Commands = Readonly<Record<string, () => Promise<(context: CommandContext) => Command>>>

/** What a `tidemark` can do, and the lines that show it. */
export interface Repertoire {
  readonly commands: Commands
  readonly examples: readonly string[]
}

/** Runs one command line (without node and script); the exit code reaches the context, errors reach standard error. */
export async function runCommandLine(
  repertoire: Repertoire,
  words: readonly string[],
  context: CommandContext,
): Promise<void> {
  const program = await buildProgram(repertoire, words, context)
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

async function buildProgram(
  { commands, examples }: Repertoire,
  words: readonly string[],
  context: CommandContext,
): Promise<Command> {
  const program = new Command('tidemark')
    .description('What changed on these Linux machines, when, by whom, and what is installed and running there')
    .version(version, '-V, --version', 'print the version')
    .addHelpText(
      'after',
      `${examplesText(examples)}\n\nExit codes: 0 done, 1 the answer is no, 2 wrong words, 3 could not be done; "scan --rule" and "diff" have their own.`,
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
