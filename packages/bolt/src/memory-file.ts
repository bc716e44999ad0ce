import type { BoltFile } from './bolt-file.ts'

/** What was done to a file, in order. */
export type FileStep =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly sizeBytes: number }
  | { readonly kind: 'sync' }

/** A file in memory for tests. It remembers every change, counts reads, and fails when told to. */
export class MemoryFile implements BoltFile {
  readonly steps: FileStep[] = []
  readBytes = 0
  isClosed = false
  /** Asked before each change; what it throws is the disk's error. */
  beforeStep: (step: FileStep) => void = () => undefined
  #bytes: Uint8Array
  #sizeBytes: number

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#bytes = bytes.slice()
    this.#sizeBytes = bytes.length
  }

  get bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#sizeBytes)
  }

  read(into: Uint8Array, offset: number): number {
    const found = this.#bytes.subarray(offset, Math.max(offset, Math.min(offset + into.length, this.#sizeBytes)))
    into.set(found)
    this.readBytes += found.length
    return found.length
  }

  write(bytes: Uint8Array, offset: number): void {
    this.#step({ kind: 'write', offset, bytes: bytes.slice() })
    this.#reserve(offset + bytes.length)
    this.#bytes.set(bytes, offset)
  }

  sync(): void {
    this.#step({ kind: 'sync' })
  }

  truncate(sizeBytes: number): void {
    this.#step({ kind: 'truncate', sizeBytes })
    this.#reserve(sizeBytes)
    this.#bytes.fill(0, sizeBytes)
    this.#sizeBytes = sizeBytes
  }

  size(): number {
    return this.#sizeBytes
  }

  close(): void {
    this.isClosed = true
  }

  #step(step: FileStep): void {
    this.beforeStep(step)
    this.steps.push(step)
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(sizeBytes, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#sizeBytes = Math.max(this.#sizeBytes, sizeBytes)
  }
}
