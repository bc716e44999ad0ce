import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { BoltFile } from './bolt-file.ts'

/** A file of the machine's. Throws what `node:fs` throws. */
export class DiskFile implements BoltFile {
  readonly descriptor: number
  #isClosed = false

  private constructor(descriptor: number) {
    this.descriptor = descriptor
  }

  static openReadOnly(path: string): DiskFile {
    return new DiskFile(openSync(path, 'r'))
  }

  /** Makes the file, with these permissions, when there is none; its name is then on stable storage, too. */
  static openOrCreate(path: string, mode: number): DiskFile {
    try {
      return new DiskFile(openSync(path, 'r+'))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
    // 'a+' would move every write to the end. Two that create at once both get the file; the lock sorts them.
    const file = new DiskFile(openSync(path, constants.O_RDWR | constants.O_CREAT, mode))
    syncFolder(dirname(path))
    return file
  }

  read(into: Uint8Array, offset: number): number {
    let done = 0
    while (done < into.length) {
      const count = readSync(this.descriptor, into, done, into.length - done, offset + done)
      if (count === 0) break
      done += count
    }
    return done
  }

  write(bytes: Uint8Array, offset: number): void {
    let done = 0
    while (done < bytes.length) done += writeSync(this.descriptor, bytes, done, bytes.length - done, offset + done)
  }

  sync(): void {
    fdatasyncSync(this.descriptor)
  }

  truncate(sizeBytes: number): void {
    ftruncateSync(this.descriptor, sizeBytes)
  }

  size(): number {
    return fstatSync(this.descriptor).size
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.descriptor)
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
