import type { FileKind } from './stamp.ts'

/** What one entry costs and covers; the first entry that asks for a path has it on its account. */
export interface EntryCounts {
  files: number
  folders: number
  bytes: number
  readFiles: number
  readBytes: number
}

/** What a scan has seen so far. */
export class ScanCounts {
  readonly entries: readonly EntryCounts[]
  unchanged = 0

  constructor(entryCount: number) {
    this.entries = Array.from({ length: entryCount }, () => ({
      files: 0,
      folders: 0,
      bytes: 0,
      readFiles: 0,
      readBytes: 0,
    }))
  }

  seen(entry: number, kind: FileKind, bytes: number): void {
    const counts = this.entries[entry]
    if (counts === undefined) return
    if (kind === 'folder') counts.folders += 1
    else counts.files += 1
    if (kind === 'file') counts.bytes += bytes
  }

  read(entry: number, bytes: number): void {
    const counts = this.entries[entry]
    if (counts === undefined) return
    counts.readFiles += 1
    counts.readBytes += bytes
  }

  /** All entries together. */
  get total(): Readonly<EntryCounts> {
    const total = { files: 0, folders: 0, bytes: 0, readFiles: 0, readBytes: 0 }
    for (const counts of this.entries) {
      total.files += counts.files
      total.folders += counts.folders
      total.bytes += counts.bytes
      total.readFiles += counts.readFiles
      total.readBytes += counts.readBytes
    }
    return total
  }
}
