import { createCipheriv } from 'node:crypto'
import { closeSync, mkdirSync, openSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { runPlain } from './process.ts'

const FOLDER_FILES = 1_000
const BLOCK_BYTES = 4_096
const CHUNK_BYTES = 4 * 1024 * 1024
/** What has to stay free on the disk beside a tree: states, databases, and room for others. */
const SPARE_BYTES = 2 * 1024 ** 3

/** Bytes that look random and are the same in each run. */
class Stream {
  readonly #cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'tidemark'), Buffer.alloc(16))
  readonly #zeros = Buffer.alloc(CHUNK_BYTES)
  #chunk = Buffer.alloc(0)

  take(sizeBytes: number): Buffer {
    if (this.#chunk.length < sizeBytes) this.#chunk = this.#cipher.update(this.#zeros)
    const taken = this.#chunk.subarray(0, sizeBytes)
    this.#chunk = this.#chunk.subarray(sizeBytes)
    return taken
  }
}

/** Files of random bytes, 1,000 a folder, their sizes spread evenly. Throws when the disk has no room for them. */
export function makeSmallFiles(
  folder: string,
  size: { readonly count: number; readonly bytesMin: number; readonly bytesMax: number },
): void {
  const blocks = Math.ceil((size.bytesMin + size.bytesMax) / 2 / BLOCK_BYTES) + 1
  assertRoom(folder, size.count * blocks * BLOCK_BYTES, size.count)
  const stream = new Stream()
  for (let index = 0; index < size.count; index++) {
    const inner = join(folder, `folder-${String(Math.floor(index / FOLDER_FILES)).padStart(4, '0')}`)
    if (index % FOLDER_FILES === 0) mkdirSync(inner, { recursive: true })
    const bytes = size.bytesMin + (stream.take(4).readUInt32LE() % (size.bytesMax - size.bytesMin + 1))
    const file = openSync(`${inner}/file-${String(index % FOLDER_FILES).padStart(3, '0')}`, 'wx')
    writeSync(file, stream.take(bytes))
    closeSync(file)
  }
  writeBack(folder)
}

export function makeLargeFiles(folder: string, size: { readonly count: number; readonly bytes: number }): void {
  assertRoom(folder, size.count * size.bytes, size.count)
  const stream = new Stream()
  mkdirSync(folder, { recursive: true })
  for (let index = 0; index < size.count; index++) {
    const file = openSync(join(folder, `large-${index}`), 'wx')
    for (let done = 0; done < size.bytes; done += CHUNK_BYTES)
      writeSync(file, stream.take(Math.min(CHUNK_BYTES, size.bytes - done)))
    closeSync(file)
  }
  writeBack(folder)
}

function assertRoom(folder: string, bytes: number, files: number): void {
  mkdirSync(folder, { recursive: true })
  const disk = statfsSync(folder)
  const freeBytes = disk.bavail * disk.bsize
  if (freeBytes < bytes + SPARE_BYTES) {
    throw new Error(`${folder}: ${gib(freeBytes)} GiB are free and ${gib(bytes + SPARE_BYTES)} are needed`)
  }
  // A file system that makes inodes as it needs them (btrfs, XFS) says 0 of 0.
  if (disk.files > 0 && disk.ffree < files * 1.01) throw new Error(`${folder}: no inodes for ${files} files`)
}

/** What is still to be written to the disk would disturb whoever is measured first. */
function writeBack(folder: string): void {
  runPlain({ words: ['sync', '-f', folder] })
}

function gib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1)
}
