import type { LiveRows } from '@tidemark/model'

/** Tells whoever listens that rows arrived. */
export class LiveFeed {
  readonly #listeners = new Set<(rows: LiveRows) => void>()

  get listenerCount(): number {
    return this.#listeners.size
  }

  publish(rows: LiveRows): void {
    for (const listener of this.#listeners) listener(rows)
  }

  /** Calls `listener` until the function that comes back is called. */
  listen(listener: (rows: LiveRows) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
