/** Folders that are remembered, in two halves: when the newer one is full, the older one is forgotten. */
export const FOLDERS_MAX = 65_536

/** Remembers what was found out about folders; those that were not asked for lately go first. `Value` is not undefined. */
export class FolderCache<Value> {
  #newer = new Map<string, Value>()
  #older = new Map<string, Value>()

  get(key: string): Value | undefined {
    const value = this.#newer.get(key)
    if (value !== undefined) return value
    const before = this.#older.get(key)
    if (before !== undefined) this.set(key, before)
    return before
  }

  set(key: string, value: Value): void {
    if (this.#newer.size >= FOLDERS_MAX / 2) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    this.#newer.set(key, value)
  }

  clear(): void {
    this.#newer.clear()
    this.#older.clear()
  }

  get size(): number {
    return this.#newer.size + this.#older.size
  }
}
