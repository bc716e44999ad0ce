/** Entries for which there is room at first, a power of two. */
const CAPACITY = 1 << 14
/** How full the table may be. */
const LOAD_MAX = 0.7

// FNV-1a with 32 bits.
const BASIS = 0x811c9dc5
const PRIME = 0x01000193

/** The hash of bytes, going on from the hash of what is before them. */
export function hashOf(bytes: Uint8Array, from: number, to: number, before: number = BASIS): number {
  let hash = before
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), PRIME)
  return hash >>> 0
}

/**
 * Which of many lists may hold a path: hashes with numbers of lists, 8 bytes for each path, never the paths themselves. What it
 * finds has to be looked up in the list; what it does not find is in none.
 */
export class PathTable {
  #slots = new Uint32Array(2 * CAPACITY)
  #count = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#slots.byteLength
  }

  add(hash: number, list: number): void {
    if (this.#count >= (this.#slots.length / 2) * LOAD_MAX) this.#grow()
    this.#put(hash, list + 1)
    this.#count += 1
  }

  /** Numbers of the lists that may hold a path of this hash. */
  find(hash: number): number[] {
    const found: number[] = []
    const mask = this.#slots.length / 2 - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const list = this.#slots[2 * slot + 1] ?? 0
      if (list === 0) return found
      if (this.#slots[2 * slot] === hash) found.push(list - 1)
    }
  }

  #put(hash: number, value: number): void {
    const mask = this.#slots.length / 2 - 1
    let slot = hash & mask
    while (this.#slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask
    this.#slots[2 * slot] = hash
    this.#slots[2 * slot + 1] = value
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(2 * before.length)
    for (let at = 0; at < before.length; at += 2)
      if (before[at + 1] !== 0) this.#put(before[at] ?? 0, before[at + 1] ?? 0)
  }
}
