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

  async find(workspaceId: string, hash: string): Promise<ContentReference | undefined> {
    const question = this.#metadata.build
      .selectFrom('content')
      .select(['hash', 'size', 'shown_bytes_max'])
      .where('workspace_id', '=', workspaceId)
      .where('hash', '=', hash)
    const row = await this.#metadata.first(question)
    return row && { hash: row.hash, size: row.size, shownBytesMax: row.shown_bytes_max ?? undefined }
  }

  /** On stable storage when it resolves. Of several entries' limits the largest counts. */
  async add(workspaceId: string, { hash, size, shownBytesMax }: ContentReference, nowMs: number): Promise<void> {
    const before = await this.find(workspaceId, hash)
    if (before !== undefined && (shownBytesMax ?? -1) <= (before.shownBytesMax ?? -1)) return
    const { build } = this.#metadata
    const shown_bytes_max = shownBytesMax ?? null
    const row = { workspace_id: workspaceId, hash, size, shown_bytes_max, stored_ms: nowMs }
    // Another server may have added it, or a larger limit, meanwhile.
    await this.#metadata.run(
      build
        .insertInto('content')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(['workspace_id', 'hash'])
            .doUpdateSet({ shown_bytes_max })
            .where((is) =>
              is.or([is('content.shown_bytes_max', 'is', null), is('content.shown_bytes_max', '<', shown_bytes_max)]),
            ),
        ),
    )
  }
}
