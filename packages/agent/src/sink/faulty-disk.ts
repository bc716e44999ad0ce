import { basename, dirname } from 'node:path'

import type { SinkFiles } from './sink-files.ts'

interface Inode {
  /** What the running system sees. */
  data: Buffer
  /** What is on stable storage. */
  durable: Buffer
}

/**
 * A disk in memory that fails when it is told to and forgets what was not synced when the power is cut: bytes by file,
 * names by folder, each by itself and in any order, as a file system may.
 */
export class FaultyDisk implements SinkFiles {
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  #open = new Map<number, Inode>()
  #nextDescriptor = 3
  #operations = 0
  #failAt: number | undefined
  /** Bytes that a failing write still writes. */
  #failingWriteBytes = 0
  syncs = 0
  free = Number.MAX_SAFE_INTEGER
  #folders = new Set<string>()

  /** The operation that comes after so many others fails; a write then writes `bytes` of what it was given. */
  failAfter(operations: number, bytes = 0): void {
    this.#failAt = this.#operations + operations
    this.#failingWriteBytes = bytes
  }

  heal(): void {
    this.#failAt = undefined
  }

  /** Bytes behind what was synced, of all files. */
  get unsyncedBytes(): number {
    const inodes = [...new Set(this.#names.values())]
    return inodes.reduce((sum, { data, durable }) => sum + Math.max(0, data.length - durable.length), 0)
  }

  /**
   * The disk as it is found after a power cut; this one is not to be used any more. `chance` gives numbers in [0, 1).
   * `bytesKept` says how much is left of what was appended and not synced, where that is not left to chance.
   */
  cutPower(chance: () => number, bytesKept?: number): FaultyDisk {
    const found = new FaultyDisk()
    found.#folders = this.#folders
    found.free = this.free
    for (const path of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      const inode = chance() < 0.5 ? this.#names.get(path) : this.#durableNames.get(path)
      if (inode === undefined) continue
      const data = survivor(inode, chance, bytesKept)
      const after = { data, durable: data }
      found.#names.set(path, after)
      found.#durableNames.set(path, after)
    }
    return found
  }

  #step(): void {
    this.#operations += 1
    if (this.#operations === this.#failAt) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
  }

  #inode(descriptor: number): Inode {
    const inode = this.#open.get(descriptor)
    if (inode === undefined) throw new Error(`EBADF: ${descriptor}`)
    return inode
  }

  makeFolder(path: string): void {
    this.#folders.add(path)
  }

  namesIn(path: string): string[] {
    const files = [...this.#names.keys()].filter((each) => dirname(each) === path)
    const folders = [...this.#folders].filter((each) => dirname(each) === path)
    return [...files, ...folders].map((each) => basename(each)).sort()
  }

  openAppend(path: string): number {
    this.#step()
    const inode = this.#names.get(path) ?? { data: Buffer.alloc(0), durable: Buffer.alloc(0) }
    this.#names.set(path, inode)
    return this.#opened(inode)
  }

  openEmpty(path: string): number {
    this.#step()
    const inode = this.#names.get(path) ?? { data: Buffer.alloc(0), durable: Buffer.alloc(0) }
    inode.data = Buffer.alloc(0)
    this.#names.set(path, inode)
    return this.#opened(inode)
  }

  #opened(inode: Inode): number {
    this.#nextDescriptor += 1
    this.#open.set(this.#nextDescriptor, inode)
    return this.#nextDescriptor
  }

  write(descriptor: number, bytes: Uint8Array): number {
    const inode = this.#inode(descriptor)
    // Half at a time, so that callers have to come again.
    const count = bytes.length > 16 ? Math.ceil(bytes.length / 2) : bytes.length
    try {
      this.#step()
    } catch (error) {
      inode.data = Buffer.concat([inode.data, bytes.subarray(0, this.#failingWriteBytes)])
      throw error
    }
    inode.data = Buffer.concat([inode.data, bytes.subarray(0, count)])
    return count
  }

  truncate(descriptor: number, sizeBytes: number): void {
    this.#step()
    const inode = this.#inode(descriptor)
    inode.data = inode.data.subarray(0, sizeBytes)
  }

  async sync(descriptor: number): Promise<void> {
    await Promise.resolve()
    this.syncNow(descriptor)
  }

  syncNow(descriptor: number): void {
    this.#step()
    this.syncs += 1
    const inode = this.#inode(descriptor)
    inode.durable = Buffer.from(inode.data)
  }

  syncFolder(path: string): void {
    this.#step()
    this.syncs += 1
    for (const name of new Set([...this.#names.keys(), ...this.#durableNames.keys()])) {
      if (dirname(name) !== path) continue
      const inode = this.#names.get(name)
      if (inode === undefined) this.#durableNames.delete(name)
      else this.#durableNames.set(name, inode)
    }
  }

  close(descriptor: number): void {
    this.#open.delete(descriptor)
  }

  rename(from: string, to: string): void {
    this.#step()
    const inode = this.#names.get(from)
    if (inode === undefined) throw new Error(`ENOENT: ${from}`)
    this.#names.delete(from)
    this.#names.set(to, inode)
  }

  remove(path: string): void {
    this.#step()
    this.#names.delete(path)
  }

  removeFolder(path: string): void {
    for (const name of this.#names.keys()) if (dirname(name) === path) this.#names.delete(name)
    this.#folders.delete(path)
  }

  read(path: string, offset: number, bytesMax: number): Buffer {
    const inode = this.#names.get(path)
    if (inode === undefined) throw new Error(`ENOENT: ${path}`)
    return Buffer.from(inode.data.subarray(offset, offset + bytesMax))
  }

  sizeOf(path: string): number | undefined {
    return this.#names.get(path)?.data.length
  }

  freeBytes(): number {
    return this.free
  }
}

/** What a power cut leaves of a file: what was synced, and of what came after it any part, perhaps with zeros behind. */
function survivor({ data, durable }: Inode, chance: () => number, bytesKept?: number): Buffer {
  if (data.length <= durable.length || !data.subarray(0, durable.length).equals(durable))
    return chance() < 0.5 ? data : durable
  const extra = data.length - durable.length
  if (bytesKept !== undefined) return data.subarray(0, Math.min(data.length, durable.length + bytesKept))
  const kept = Math.floor(chance() * (extra + 1))
  const zeros = chance() < 0.3 ? extra - kept : 0
  return Buffer.concat([data.subarray(0, durable.length + kept), Buffer.alloc(zeros)])
}
