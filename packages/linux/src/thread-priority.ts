import { libcFunction } from './libc.ts'

const setpriorityOf: () => (which: number, who: number, value: number) => number = libcFunction(
  'int setpriority(int which, unsigned int who, int value)',
)
const ioprioSetOf: () => (call: number, which: number, who: number, value: number) => number = libcFunction(
  'long syscall(long number, long which, long who, long value)',
)

// <sys/resource.h>, <linux/ioprio.h>, <asm/unistd.h>. On Linux each thread has a nice value and an I/O priority of its own,
// and 0 names the calling thread (setpriority(2), ioprio_set(2)).
const PRIO_PROCESS = 0
const IOPRIO_WHO_PROCESS = 1
const IOPRIO_CLASS_SHIFT = 13
const IO_CLASSES = { 'best-effort': (2 << IOPRIO_CLASS_SHIFT) | 7, idle: 3 << IOPRIO_CLASS_SHIFT } as const
const SYS_IOPRIO_SET = process.arch === 'arm64' ? 30 : 251

/**
 * Makes the calling thread yield to others: `nice` from 0 to 19, and `ioClass` for its reads. What the kernel refuses
 * stays as it is: it is a courtesy, not a condition.
 */
export function yieldToOthers(nice: number, ioClass: keyof typeof IO_CLASSES): void {
  setpriorityOf()(PRIO_PROCESS, 0, nice)
  ioprioSetOf()(SYS_IOPRIO_SET, IOPRIO_WHO_PROCESS, 0, IO_CLASSES[ioClass])
}
