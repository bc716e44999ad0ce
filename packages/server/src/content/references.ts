import type { Metadata } from '../metadata/metadata.ts'

/** A content that a workspace may read because a machine of it uploaded all of it. */
export interface ContentReference {
  readonly hash: string
  /** Bytes before compression. */
  readonly size: number
  /** What is shown of it at most, where an entry said it. */
  readonly shownBytesMax?: number | undefined
}

/** Which workspace has which contents: the store itself knows of no workspace, and keeps each content once. */
export class ContentReferences {
  readonly #metadata: Metadata

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  find(workspaceId: string, hash: string): ContentReference | undefined {
    const question = this.#metadata.build
      .selectFrom('content')
      .select(['hash', 'size', 'shown_bytes_max'])
      .where('workspace_id', '=', workspaceId)
      .where('hash', '=', hash)
    const row = this.#metadata.first(question)
    return row && { hash: row.hash, size: row.size, shownBytesMax: row.shown_bytes_max ?? undefined }
  }

  /** On stable storage when it returns. Of several entries' limits the largest counts. */
  add(workspaceId: string, { hash, size, shownBytesMax }: ContentReference, nowMs: number): void {
    const before = this.find(workspaceId, hash)
    const shown = Math.max(shownBytesMax ?? -1, before?.shownBytesMax ?? -1)
    const shown_bytes_max = shown < 0 ? null : shown
    const { build } = this.#metadata
    if (before === undefined) {
      const row = { workspace_id: workspaceId, hash, size, shown_bytes_max, stored_ms: nowMs }
      this.#metadata.run(build.insertInto('content').values(row))
    } else if (shown !== (before.shownBytesMax ?? -1)) {
      const change = build.updateTable('content').set({ shown_bytes_max })
      this.#metadata.run(change.where('workspace_id', '=', workspaceId).where('hash', '=', hash))
    }
  }
}
