/** The files in /proc/PID that tell who a process is. */
export type ProcessFile = 'stat' | 'status' | 'cmdline' | 'loginuid' | 'sessionid' | 'cgroup'

/** The processes of a machine as the process table sees them. Nothing throws: what cannot be read is `undefined`. */
export interface ProcessReader {
  /** Text of /proc/PID/file, one character for each byte, at most `PROCESS_FILE_BYTES_MAX`. */
  read(pid: number, file: ProcessFile): string | undefined
  /** Path of the program (/proc/PID/exe), one character for each byte. */
  executable(pid: number): string | undefined
  /** Everything that runs now. */
  pids(): readonly number[]
  /** Processes and threads started since the machine booted; `undefined` where it does not tell. */
  forks(): number | undefined
  /** Numbers are given to processes below this, in a circle (/proc/sys/kernel/pid_max). */
  pidMax(): number
  /** Names of users by their numbers. */
  accounts(): ReadonlyMap<number, string>
  /** Whether the process behind a pidfd has ended. */
  hasEnded(pidfd: number): boolean
}

/** Bytes of one file in /proc/PID that are read. */
export const PROCESS_FILE_BYTES_MAX = 16_384
