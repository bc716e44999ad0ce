import type { Clock } from '@tidemark/base'
import type { Logger } from 'pino'

/** What the agent is given. */
export interface AgentLife {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** A number in [0, 1) for jitter; random unless given. */
  readonly chance?: () => number
}
