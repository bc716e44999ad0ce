import { join } from 'node:path'

import { z } from 'zod'

import { readTextIfThere, replaceFile, type SinkFiles } from './sink-files.ts'

const MEMORY = 'chunks.json'
const memoryShape = z.array(z.string())

/** Chunk ids of removed segments that survive a restart: more than a sender forgets in one step (64, change tracking). */
export const CHUNKS_KEPT_MAX = 256

/**
 * The chunk ids that a stream has taken, so that what is sent again is kept once. Those in segments are read back from
 * them; of segments that are removed, the newest stay in `chunks.json`.
 */
export class ChunkMemory {
  readonly #path: string
  readonly #files: SinkFiles
  readonly #countMax: number
  readonly #ids = new Set<string>()

  constructor(folder: string, files: SinkFiles, countMax: number) {
    this.#path = join(folder, MEMORY)
    this.#files = files
    this.#countMax = countMax
    for (const id of parseIds(readTextIfThere(files, this.#path))) this.add(id)
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  add(id: string): void {
    this.#ids.delete(id)
    this.#ids.add(id)
    if (this.#ids.size <= this.#countMax) return
    const [oldest] = this.#ids
    if (oldest !== undefined) this.#ids.delete(oldest)
  }

  /** Has to be called before a segment is removed. */
  keep(): void {
    replaceFile(this.#files, this.#path, Buffer.from(JSON.stringify([...this.#ids].slice(-CHUNKS_KEPT_MAX))))
  }
}

function parseIds(text: string | undefined): string[] {
  try {
    return text === undefined ? [] : (memoryShape.safeParse(JSON.parse(text)).data ?? [])
  } catch {
    return []
  }
}
