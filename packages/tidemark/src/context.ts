import type { Terminal } from './terminal/terminal.ts'

/** What every command is given: the outside world, once. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly folder: string
  /** Aborts when the person wants the command to end. */
  readonly signal: AbortSignal
  /** Kept until the process ends; a command that answers "no" sets it. */
  setExitCode(code: number): void
}
