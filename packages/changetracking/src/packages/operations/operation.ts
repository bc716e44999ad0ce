import type { OperationOutcome } from '@tidemark/model'

/** Where operations are read from. */
export type OperationSource = 'apt' | 'dpkg' | 'dnf' | 'rpm' | 'pacman'

/** What an operation did to one package. */
export type PackageAction =
  | 'install'
  | 'reinstall'
  | 'upgrade'
  | 'downgrade'
  | 'remove'
  | 'purge'
  | 'obsolete'
  | 'disappear'
  | 'configure'
  | 'trigger'

/** One package of an operation. */
export interface PackageStep {
  readonly name: string
  readonly architecture?: string
  readonly action: PackageAction
  /** The version before and after; absent where there was or is none, or where the log does not say. */
  readonly from?: string
  readonly to?: string
  /** Only because another package needs it. */
  readonly isAutomatic?: boolean
}

/** One run of a package manager. */
export interface Operation {
  /** Computed from what is in the log when the operation begins: the same whoever reads it when. */
  readonly id: string
  readonly source: OperationSource
  /** Milliseconds since 1970, of whole seconds; `undefined` where the log has no possible date. */
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  /** Secrets replaced by `[redacted]`. */
  readonly commandLine?: string
  readonly requestedBy?: string
  readonly requestedById?: number
  readonly packages: readonly PackageStep[]
  /** `undefined` while the log does not tell how it ended: it runs, or it was killed. */
  readonly outcome: OperationOutcome | undefined
  /** What is known of a bad end; empty where there is nothing to say. */
  readonly outcomeDetail: string
}

/** An operation with its place in the text that it was read from, in bytes. */
export interface LoggedOperation {
  readonly operation: Operation
  readonly at: number
}

/** Something in a log that could not be understood: where (`line N`), and what. */
export interface LogProblem {
  readonly line: number
  readonly message: string
}

/** What a log tells. Texts are latin1, one character for each byte, so that places are bytes. */
export interface LogReading {
  readonly operations: readonly LoggedOperation[]
  readonly problems: readonly LogProblem[]
}

/** Problems of one reading that are told; the rest is counted by whoever tells them. */
export const PROBLEMS_MAX = 20

/** How a log is read. */
export interface HowLogIsRead {
  /** Whether nobody is at work any more: then the last operation is over, too. */
  readonly isOver: boolean
}
/** While somebody may be at work the last operation may go on. */
export const atWork: HowLogIsRead = { isOver: false }
