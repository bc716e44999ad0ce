import { existsSync, readlinkSync } from 'node:fs'

/** The kernel's number of the calling thread (proc(5), thread-self); -1 where /proc does not tell. */
export function threadNumber(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  } catch {
    return -1
  }
}

/** Whether a thread of this process, by that number, has not ended. */
export function isThreadAlive(number: number): boolean {
  return existsSync(`/proc/self/task/${number}`)
}
