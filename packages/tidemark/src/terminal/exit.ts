/** Exit codes of every command; documented in docs/operating/commands.md. */
export const exitCodes = {
  /** Done, and all is well. */
  ok: 0,
  /** The answer is "no": status not healthy. */
  trouble: 1,
  /** The words were wrong: an unknown flag, a query or a rule with mistakes. */
  usage: 2,
  /** It could not be done: server away, no rights, sockets held. */
  unavailable: 3,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Stable reasons why a command could not do its work. */
export type CommandErrorCode =
  | 'no-installation'
  | 'server-away'
  | 'sign-in-refused'
  | 'query-rejected'
  | 'rule-rejected'
  | 'not-found'
  | 'already-running'
  | 'daemon-failed'
  | 'bad-option'
  | 'interrupted'
  | 'forecast-failed'
  | 'content-not-kept'
  | 'not-restored'

/** Ends a command with a message for people (what, where, what now) and an exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: CommandErrorCode
  readonly exitCode: ExitCode

  constructor(code: CommandErrorCode, message: string, options: { exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.exitCode = options.exitCode ?? exitCodes.unavailable
  }
}
