import { type Clock, newUuid } from '@tidemark/base'
import type { WorkspaceView } from '@tidemark/model'

import { type Metadata, MetadataConflict } from '../metadata/metadata.ts'

/** Workspaces of one server. */
export const WORKSPACES_MAX = 1_000
/** The name of the one that a server begins with. */
export const DEFAULT_WORKSPACE_NAME = 'default'

/** Workspaces: each row belongs to one, and is seen by nobody who asks another. */
export class Workspaces {
  /** The id of the one that the server began with. */
  readonly ownId: string
  readonly #metadata: Metadata
  readonly #clock: Clock

  constructor(metadata: Metadata, options: { readonly ownId: string; readonly clock: Clock }) {
    this.#metadata = metadata
    this.#clock = options.clock
    this.ownId = options.ownId
  }

  /** The server's own first, then by name. */
  async list(): Promise<WorkspaceView[]> {
    const { build } = this.#metadata
    const others = await this.#metadata.all(build.selectFrom('workspace').select(['id', 'name']).orderBy('name'))
    return [
      { id: this.ownId, name: DEFAULT_WORKSPACE_NAME, isDefault: true },
      ...others.map(({ id, name }) => ({ id, name, isDefault: false })),
    ]
  }

  /** `taken` where another one has the name, `full` where there are `WORKSPACES_MAX`. */
  async create(name: string): Promise<WorkspaceView | 'taken' | 'full'> {
    const known = await this.list()
    if (known.some((one) => one.name.toLowerCase() === name.toLowerCase())) return 'taken'
    if (known.length >= WORKSPACES_MAX) return 'full'
    const row = { id: newUuid(), name, created_ms: this.#clock.nowMs() }
    try {
      await this.#metadata.run(this.#metadata.build.insertInto('workspace').values(row))
    } catch (error) {
      if (error instanceof MetadataConflict) return 'taken'
      throw error
    }
    return { id: row.id, name, isDefault: false }
  }

  /** The id of the workspace that is meant: its id, its name, or an ARM id that ends with one of both. */
  async find(text: string): Promise<string | undefined> {
    return (await this.finder())(text)
  }

  /** `find` for many texts at once, as things are now. */
  async finder(): Promise<(text: string) => string | undefined> {
    const known = await this.list()
    return (text) => {
      const last = (text.startsWith('/') ? text.split('/').findLast(Boolean) : text)?.toLowerCase()
      return known.find(({ id, name }) => id.toLowerCase() === last || name.toLowerCase() === last)?.id
    }
  }
}
