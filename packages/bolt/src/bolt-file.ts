/**
 * The file under a database, as far as the database needs one. Synchronous, as bbolt is. Every method throws what the
 * machine throws; the database wraps it. Tests bring one that stops in the middle.
 */
export interface BoltFile {
  /** Fills `into` from `offset` and returns how many bytes there were; fewer only at the end of the file. */
  read(into: Uint8Array, offset: number): number
  /** Writes all of `bytes` at `offset`, growing the file where needed; keeps no reference to them. */
  write(bytes: Uint8Array, offset: number): void
  /** Returns when everything written is on stable storage, the file's size included (fdatasync(2)). */
  sync(): void
  /** Makes the file `sizeBytes` long; what is added reads as zeros. */
  truncate(sizeBytes: number): void
  /** The file's size in bytes. */
  size(): number
  close(): void
}

/**
 * Takes an advisory lock on an open file descriptor without waiting (flock(2) with LOCK_NB): true when it is ours, false
 * when somebody else holds it. It ends when the descriptor is closed. bbolt takes `shared` for readers and `exclusive`
 * for writers.
 */
export type TakeLock = (descriptor: number, kind: 'shared' | 'exclusive') => boolean
