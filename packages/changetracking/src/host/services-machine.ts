import { systemClock } from '@tidemark/base'

import type { ServicesMachine } from '../services/services-machine.ts'
import { runCommand } from './run.ts'
import { openTree } from './tree.ts'

/** This machine (`/`), or one whose files are below another folder, as `/proc/PID/root` is for a container's. */
export function openServicesMachine(root: string): ServicesMachine {
  return { tree: openTree(root), clock: systemClock, userId: process.geteuid?.() ?? 0, run: runCommand }
}
