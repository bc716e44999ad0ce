/** Actors that are told for one touched path; earlier ones are left out. */
export const ACTORS_MAX = 8
/** Processes above an actor that are told. */
export const TREE_MAX = 16
/** Characters of a command line that are told. */
export const COMMAND_LINE_CHARS_MAX = 4_096

/**
 * How sure it is that this process did it, and what it is: `captured` was read from the kernel of that very process;
 * `inferred` has parts that were concluded, as `note` says; `unknown` has a number at most.
 */
export type Certainty = 'captured' | 'inferred' | 'unknown'

/** A process above an actor. */
export interface Ancestor {
  readonly pid: number
  readonly executable: string | undefined
  readonly commandLine: string | undefined
  readonly account: string | undefined
}

/** Who touched a path. What is not known is `undefined`; `note` then says why. */
export interface Actor {
  /** 0 where the kernel does not tell. */
  readonly pid: number
  readonly executable: string | undefined
  /** Words as a shell would take them, secrets replaced by `[redacted]`. */
  readonly commandLine: string | undefined
  /** Name of the effective user, its number where it has no name. */
  readonly account: string | undefined
  readonly accountId: number | undefined
  /** Who logged in, also behind `sudo` and `su`; `undefined` for what no login started. */
  readonly loginAccount: string | undefined
  readonly loginId: number | undefined
  /** Number of the login session (audit's, else logind's). */
  readonly sessionId: string | undefined
  /** Parents up to init, the nearest first, at most `TREE_MAX`. */
  readonly tree: readonly Ancestor[]
  /** Id or name of the container that the process ran in. */
  readonly containerId: string | undefined
  /** The innermost systemd unit: `cron.service`, `session-3.scope`. */
  readonly unit: string | undefined
  readonly certainty: Certainty
  /** Empty where there is nothing to say. */
  readonly note: string
}

/** Somebody who is not known, and why. */
export function unknownActor(pid: number, note: string): Actor {
  return {
    pid,
    executable: undefined,
    commandLine: undefined,
    account: undefined,
    accountId: undefined,
    loginAccount: undefined,
    loginId: undefined,
    sessionId: undefined,
    tree: [],
    containerId: undefined,
    unit: undefined,
    certainty: 'unknown',
    note,
  }
}
