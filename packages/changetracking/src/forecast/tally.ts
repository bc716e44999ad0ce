/** A file among the largest. */
export interface LargeFile {
  /** As it is shown. */
  readonly path: string
  readonly bytes: number
}

/** Files, and the bytes in them. */
export interface FilesAndBytes {
  readonly files: number
  readonly bytes: number
}

/** What an entry, or all of them, come to. */
export interface Tally {
  /** Regular files, those behind links that are followed included. */
  readonly files: number
  readonly folders: number
  /** Symbolic links that are recorded as themselves. */
  readonly links: number
  /** Fifos, sockets and devices. */
  readonly others: number
  /** Bytes in the regular files. */
  readonly bytes: number
  /** Files whose content is read for their checksum or to be kept, and those of them whose content is kept. */
  readonly read: FilesAndBytes
  readonly kept: FilesAndBytes
  /** The largest regular files that are not empty, largest first; at most `LARGEST_MAX`. */
  readonly largest: readonly LargeFile[]
}

/** Files that are named as the largest of an entry, or of all. */
export const LARGEST_MAX = 5

/** What is counted of one path. `path` is asked for only when it has to be kept. */
export interface Counted {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly bytes: number
  readonly isRead: boolean
  readonly isKept: boolean
  readonly path: () => string
}

/** Counts paths, one by one. */
export class TallyCounter {
  #files = 0
  #folders = 0
  #links = 0
  #others = 0
  #bytes = 0
  readonly #read = { files: 0, bytes: 0 }
  readonly #kept = { files: 0, bytes: 0 }
  readonly #largest: LargeFile[] = []

  count(counted: Counted): void {
    if (counted.kind === 'folder') this.#folders += 1
    else if (counted.kind === 'link') this.#links += 1
    else if (counted.kind === 'other') this.#others += 1
    else this.#countFile(counted)
  }

  get tally(): Tally {
    return {
      files: this.#files,
      folders: this.#folders,
      links: this.#links,
      others: this.#others,
      bytes: this.#bytes,
      read: { ...this.#read },
      kept: { ...this.#kept },
      largest: [...this.#largest],
    }
  }

  #countFile({ bytes, isRead, isKept, path }: Counted): void {
    this.#files += 1
    this.#bytes += bytes
    if (isRead) add(this.#read, bytes)
    if (isKept) add(this.#kept, bytes)
    const smallest = this.#largest[LARGEST_MAX - 1]?.bytes ?? 0
    if (bytes <= smallest) return
    const place = this.#largest.findIndex((other) => other.bytes < bytes)
    this.#largest.splice(place < 0 ? this.#largest.length : place, 0, { path: path(), bytes })
    this.#largest.length = Math.min(this.#largest.length, LARGEST_MAX)
  }
}

/** All paths that a tally counts. */
export function pathsOf({ files, folders, links, others }: Tally): number {
  return files + folders + links + others
}

function add(sum: { files: number; bytes: number }, bytes: number): void {
  sum.files += 1
  sum.bytes += bytes
}
