import type { LiveRows } from '@tidemark/model'

/** Is told of rows of every workspace, and passes on what its own listener may see. */
export type LiveListener = (rows: LiveRows, workspaceId: string) => void

/** Tells whoever listens that rows arrived. */
export class LiveFeed {
  readonly #listeners = new Set<LiveListener>()

  get listenerCount(): number {
    return this.#listeners.size
  }

  publish(workspaceId: string, rows: LiveRows): void {
    for (const listener of this.#listeners) listener(rows, workspaceId)
  }

  /** Calls `listener` until the function that comes back is called. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
