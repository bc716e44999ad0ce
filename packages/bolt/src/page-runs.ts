const RUN_PAGES_MIN = 4
const RUN_BYTES_MAX = 256 * 1024

/** Stores whole pages from page `id` on. The bytes are the caller's again when it returns. */
export type WritePages = (bytes: Uint8Array, id: number) => void

/** Writes the new pages of a commit. Neighbours that come one after the other are stored with one write. */
export class PageRuns {
  readonly #pageSize: number
  readonly #write: WritePages
  #room = new Uint8Array(0)
  #roomId = 0
  #usedBytes = 0
  #nextPages = RUN_PAGES_MIN

  constructor(pageSize: number, write: WritePages) {
    this.#pageSize = pageSize
    this.#write = write
  }

  /** Zeroed bytes for `pageCount` pages from `id` on, to be filled in before the next call. */
  add(id: number, pageCount: number): Uint8Array {
    const sizeBytes = pageCount * this.#pageSize
    const nextId = this.#roomId + this.#usedBytes / this.#pageSize
    if (id !== nextId || this.#usedBytes + sizeBytes > this.#room.length) this.#start(id, sizeBytes)
    const bytes = this.#room.subarray(this.#usedBytes, this.#usedBytes + sizeBytes)
    this.#usedBytes += sizeBytes
    return bytes
  }

  /** Writes what is not written yet. */
  flush(): void {
    if (this.#usedBytes === 0) return
    const bytes = this.#room.subarray(0, this.#usedBytes)
    this.#write(bytes, this.#roomId)
    bytes.fill(0)
    this.#usedBytes = 0
  }

  #start(id: number, sizeBytes: number): void {
    this.flush()
    this.#roomId = id
    // Small commits should not pay for a large room.
    const roomBytes = Math.max(sizeBytes, Math.min(RUN_BYTES_MAX, this.#nextPages * this.#pageSize))
    if (roomBytes <= this.#room.length) return
    this.#room = new Uint8Array(roomBytes)
    this.#nextPages *= 2
  }
}
