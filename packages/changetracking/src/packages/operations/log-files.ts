/** The logs of package managers as they are read; `host/package-logs.ts` alone opens them. */
export interface LogFiles {
  /** `undefined` where there is no such file, or it may not be seen. */
  status(path: string): LogStatus | undefined
  /** Bytes from a place on as latin1 text, fewer at the end; throws node's error where it cannot be read. */
  read(path: string, from: number, bytesMax: number): string
  /** The content of a gzip file as latin1 text; `undefined` where it is none, or larger than `bytesMax`. */
  unpacked(path: string, bytesMax: number): string | undefined
  /** Whether a process holds a lock on one of these files; `undefined` where the kernel does not tell. */
  isLocked(paths: readonly string[]): boolean | undefined
}

/** What tells whether a log is the one that was read, and whether it is as it was. */
export interface LogStatus {
  readonly inode: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}
