import type { ChangeColumns, ItemColumns } from '../../collector.ts'
import { fileChange, renameChange } from '../change.ts'
import type { PathBytes } from '../file-name.ts'
import type { KeptContent } from './read-file.ts'
import { fileIdentity, isSameWrite } from './stamp.ts'

/** One file to keep (with its new stamp and value) or to forget. */
export interface FileUpdate {
  readonly path: PathBytes
  readonly stamp: Buffer | undefined
  /** Text, or its UTF-8. */
  readonly value: string | Uint8Array | undefined
}

/** A change with the entries that ask for the file. */
export interface FoundFileChange {
  readonly path: PathBytes
  readonly columns: ChangeColumns
  readonly matches: readonly number[]
}

/** A content that a rule asks to be kept. */
export interface FoundContent extends KeptContent {
  readonly matches: readonly number[]
}

/** A part of what a look found, to be kept as a whole or not at all. */
export interface Findings {
  readonly updates: readonly FileUpdate[]
  readonly changes: readonly FoundFileChange[]
  readonly contents: readonly FoundContent[]
}

/** Files that came or went and wait for the end of the look, when it is known which were renamed; more are told as they are. */
export const RENAMES_MAX = 10_000
/** Updates in one part of the findings at most. */
export const UPDATES_MAX = 2_000
/** Bytes of values and contents in one part, about; a single content may be larger. */
export const FINDINGS_BYTES_MAX = 6 * 1024 * 1024

/** What bounds the parts; tests bring smaller ones. */
export interface FindingsLimits {
  readonly renamesMax: number
  readonly updatesMax: number
  readonly bytesMax: number
}
export const findingsLimits: FindingsLimits = {
  renamesMax: RENAMES_MAX,
  updatesMax: UPDATES_MAX,
  bytesMax: FINDINGS_BYTES_MAX,
}

/** A file that came or went. */
interface Moved {
  readonly path: PathBytes
  readonly stamp: Buffer
  readonly value: string | undefined
  readonly columns: ItemColumns
  readonly matches: readonly number[]
  readonly content?: KeptContent
}

/**
 * Collects what a look finds and hands it on in parts of bounded size, each complete in itself. A file that went here and
 * came there with the same inode, birth and content was renamed: that is one change.
 */
export class FindingsCollector {
  readonly #keep: (findings: Findings) => void
  readonly #limits: FindingsLimits
  #updates: FileUpdate[] = []
  #changes: FoundFileChange[] = []
  #contents: FoundContent[] = []
  #bytes = 0
  readonly #came = new Map<string, Moved>()
  readonly #went = new Map<string, Moved>()
  #changeCount = 0

  constructor(keep: (findings: Findings) => void, limits: FindingsLimits = findingsLimits) {
    this.#keep = keep
    this.#limits = limits
  }

  get changeCount(): number {
    return this.#changeCount
  }

  update(path: PathBytes, stamp: Buffer | undefined, value: string | Uint8Array | undefined): void {
    this.#updates.push({ path, stamp, value })
    this.#bytes += path.length + (value?.length ?? 0)
    if (this.#updates.length >= this.#limits.updatesMax || this.#bytes >= this.#limits.bytesMax) this.#flush()
  }

  content(content: KeptContent | undefined, matches: readonly number[]): void {
    if (content === undefined) return
    this.#contents.push({ ...content, matches })
    this.#bytes += content.compressed.length
  }

  /** A change goes into the same part as the update that is told next. */
  change(change: FoundFileChange): void {
    this.#changeCount += 1
    this.#changes.push(change)
    this.#bytes += 1_000
  }

  came(moved: Moved): void {
    this.#moved(this.#came, moved)
  }

  went(moved: Moved): void {
    this.#moved(this.#went, moved)
  }

  /** Pairs what was renamed, and hands the rest on. */
  end(): void {
    for (const [identity, from] of this.#went) {
      const to = this.#came.get(identity)
      if (to === undefined || !isRename(from, to)) continue
      this.#went.delete(identity)
      this.#came.delete(identity)
      this.content(to.content, to.matches)
      this.change({ path: to.path, columns: renameChange(from.columns, to.columns), matches: to.matches })
      this.#updates.push({ path: from.path, stamp: undefined, value: undefined })
      this.update(to.path, to.stamp, to.value)
    }
    this.#tellMoved()
    this.#flush()
  }

  #moved(files: Map<string, Moved>, moved: Moved): void {
    const identity = fileIdentity(moved.stamp)
    // Two names of one file: which of them was which cannot be told.
    const twin = files.get(identity)
    if (twin !== undefined) this.#tell(files, identity, twin)
    files.set(identity, moved)
    if (this.#came.size + this.#went.size > this.#limits.renamesMax) this.#tellMoved()
  }

  #tellMoved(): void {
    for (const files of [this.#went, this.#came])
      for (const [identity, moved] of files) this.#tell(files, identity, moved)
  }

  #tell(files: Map<string, Moved>, identity: string, moved: Moved): void {
    const isGone = files === this.#went
    const columns = isGone ? fileChange(moved.columns, undefined) : fileChange(undefined, moved.columns)
    files.delete(identity)
    this.content(moved.content, moved.matches)
    if (columns !== undefined) this.change({ path: moved.path, columns, matches: moved.matches })
    this.update(moved.path, isGone ? undefined : moved.stamp, moved.value)
  }

  #flush(): void {
    if (this.#updates.length + this.#changes.length + this.#contents.length === 0) return
    const findings = { updates: this.#updates, changes: this.#changes, contents: this.#contents }
    ;[this.#updates, this.#changes, this.#contents, this.#bytes] = [[], [], [], 0]
    this.#keep(findings)
  }
}

/** Inode and birth are the same; is the content, too? Without a checksum its size and time have to tell. */
function isRename(from: Moved, to: Moved): boolean {
  const [before, after] = [from.columns.FileContentChecksum, to.columns.FileContentChecksum]
  if (before !== after || from.columns.Size !== to.columns.Size) return false
  return (before !== undefined && before !== '') || isSameWrite(from.stamp, to.stamp)
}
