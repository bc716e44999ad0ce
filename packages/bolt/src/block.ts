/** A part of a B+tree as one reads it: a page of the file, or a node that a writer is changing. Nothing is copied out. */
export interface Block {
  readonly isLeaf: boolean
  readonly count: number
  keyAt(index: number): Uint8Array
  /** The key at `index` against `key`, as `compareBytes`. */
  compareAt(index: number, key: Uint8Array): number
  /** Leaves only: `FLAG_BUCKET` or 0. */
  flagsAt(index: number): number
  /** Leaves only. */
  valueAt(index: number): Uint8Array
  /** Branches only: the child's page; 0 while the child is new and was never written. */
  pageIdAt(index: number): number
  /** Branches only: the child, when a writer is changing it. */
  changedAt(index: number): Block | undefined
}
