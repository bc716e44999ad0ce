import { Buffer } from 'node:buffer'
import { setPriority } from 'node:os'

import { libcFunction } from './libc.ts'

const setScheduler: () => (thread: number, policy: number, parameter: Buffer) => number = libcFunction(
  'int sched_setscheduler(int pid, int policy, const void *param)',
)

// <linux/sched.h>
const SCHED_OTHER = 0
const SCHED_RR = 2
const SCHED_RESET_ON_FORK = 0x4000_0000
/** Where the kernel gives no real time, in the nice value. */
const NICE_FIRST = -10

/**
 * Puts this thread before all ordinary ones (sched(7): SCHED_RR, lowest priority), or back among them. Where that is not
 * allowed it gets a better nice value, or stays as it is. What it starts is ordinary.
 */
export function comeFirst(isFirst: boolean): void {
  const parameter = Buffer.alloc(4)
  parameter.writeInt32LE(isFirst ? 1 : 0)
  if (setScheduler()(0, isFirst ? SCHED_RR | SCHED_RESET_ON_FORK : SCHED_OTHER, parameter) === 0) return
  try {
    setPriority(0, isFirst ? NICE_FIRST : 0)
  } catch {
    // Without the right to it, it comes when it comes.
  }
}
