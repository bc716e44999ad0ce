/** What /proc/PID/stat tells (proc_pid_stat(5)). */
export interface ProcessStat {
  /** Name of the main thread, at most 15 bytes. */
  readonly name: string
  readonly parentPid: number
  /** Clock ticks from boot to the process's start: with the pid, its identity. */
  readonly startTicks: number
  /** Ended, but not yet reaped by its parent. */
  readonly isZombie: boolean
  readonly isKernelThread: boolean
}

/** Above every id that means "none" in loginuid and sessionid: (uid_t) -1. */
const NO_ID = 4_294_967_295
const PF_KTHREAD = 0x20_0000

/** Reads /proc/PID/stat; `undefined` where it is not one. The name may hold blanks and parentheses. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return undefined
  const fields = text.slice(close + 2).split(' ')
  const [parentPid, flags, startTicks] = [Number(fields[1]), Number(fields[6]), Number(fields[19])]
  if (![parentPid, flags, startTicks].every((value) => Number.isSafeInteger(value) && value >= 0)) return undefined
  return {
    name: text.slice(open + 1, close),
    parentPid,
    startTicks,
    isZombie: fields[0] === 'Z' || fields[0] === 'X',
    isKernelThread: Math.floor(flags / PF_KTHREAD) % 2 === 1,
  }
}

/** The effective user in /proc/PID/status (proc_pid_status(5), `Uid: real effective saved filesystem`). */
export function parseEffectiveUser(text: string): number | undefined {
  const found = /^Uid:\s+\d+\s+(\d+)/m.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** The words of /proc/PID/cmdline. A process that wrote a title over them has one word. */
export function parseCommandLine(text: string): string[] {
  const words = text.split('\0')
  while (words.at(-1) === '') words.pop()
  return words
}

/** /proc/PID/loginuid or sessionid; `undefined` where none was given. */
export function parseAuditId(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+\s*$/.test(text)) return undefined
  const id = Number(text)
  return id >= NO_ID ? undefined : id
}

/** How many processes and threads the machine has started, from /proc/stat (`processes`). */
export function parseForks(text: string): number | undefined {
  const found = /^processes (\d+)$/m.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}
