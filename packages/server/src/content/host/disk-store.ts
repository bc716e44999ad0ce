import { createReadStream } from 'node:fs'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { StoreUnavailable } from '../../ports.ts'
import { type ContentStore, placeOf } from '../store/content-store.ts'
import { DRAFT, isMissing, makeFolder, syncFolder, writeWhole } from './disk-files.ts'

/**
 * Contents as files:
 *
 *     <folder>/ab/ab12…ef.zst    a zstd frame; its name is the SHA-256 of what it holds
 *     <folder>/ab/.draft-…       not whole; deleted by the next start
 */
export class DiskStore implements ContentStore {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Makes the folder where there is none, and deletes what a crash left half written. */
  static async open(folder: string): Promise<DiskStore> {
    await makeFolder(folder)
    for (const shard of await readdir(folder)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue
      const names = await readdir(join(folder, shard))
      for (const name of names) if (name.startsWith(DRAFT)) await rm(join(folder, shard, name), { force: true })
    }
    return new DiskStore(folder)
  }

  async put(hash: string, frame: Uint8Array): Promise<void> {
    const path = this.#path(hash)
    await orUnavailable(async () => {
      await makeFolder(dirname(path))
      if (!(await this.has(hash))) await writeWhole(path, frame)
      // Also where it was there: whoever wrote it may not have come so far.
      await syncFolder(dirname(path))
    })
  }

  async get(hash: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return await orUnavailable(async () => {
      const file = await open(this.#path(hash), 'r').catch((error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      })
      return file && createReadStream('', { fd: file })
    })
  }

  async has(hash: string): Promise<boolean> {
    return await orUnavailable(async () => {
      try {
        return (await stat(this.#path(hash))).isFile()
      } catch (error) {
        if (isMissing(error)) return false
        throw error
      }
    })
  }

  async remove(hash: string): Promise<void> {
    await orUnavailable(async () => {
      await rm(this.#path(hash), { force: true })
      await syncFolder(dirname(this.#path(hash))).catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
    })
  }

  #path(hash: string): string {
    return join(this.#folder, placeOf(hash))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }
}

/** A full or broken disk may be mended: the sender keeps what it has and comes again. */
async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StoreUnavailable(`the content store's disk: ${why}`, { cause })
  }
}
