import type { Clock } from '@tidemark/base'

import type { RunCommand } from '../host/run.ts'
import type { Tree } from './tree.ts'

/** The machine as the collector of daemons may see it. */
export interface ServicesMachine {
  readonly tree: Tree
  readonly clock: Clock
  /** Our user's number; only root and the user of a bus are let in there. */
  readonly userId: number
  readonly run: RunCommand
}
