import { type Clock, newUuid } from '@tidemark/base'
import type { MachineGroupView } from '@tidemark/model'
import type { Compilable } from 'kysely'

import { type Metadata, MetadataConflict } from '../metadata/metadata.ts'
import type { MetadataTables } from '../metadata/schema.ts'

/** Groups of one server. */
export const GROUPS_MAX = 1_000

/** What people say of a group. */
export interface GroupWish {
  readonly name: string
  readonly description: string
  readonly query: string
}

/** Machine groups as they are kept. Queries were checked before they come here. */
export class MachineGroups {
  readonly #metadata: Metadata
  readonly #clock: Clock

  constructor(metadata: Metadata, clock: Clock) {
    this.#metadata = metadata
    this.#clock = clock
  }

  /** By name. */
  async list(): Promise<MachineGroupView[]> {
    const { build } = this.#metadata
    return (await this.#metadata.all(build.selectFrom('machine_group').selectAll().orderBy('name'))).map(viewOf)
  }

  /** The group of this id, else the one of this name, whatever its case. */
  async find(idOrName: string): Promise<MachineGroupView | undefined> {
    const name = idOrName.toLowerCase()
    const all = await this.list()
    return all.find((one) => one.id === name) ?? all.find((one) => one.name.toLowerCase() === name)
  }

  /** `taken` where another one has the name, `full` where there are `GROUPS_MAX`. */
  async create(wish: GroupWish): Promise<MachineGroupView | 'taken' | 'full'> {
    if (await this.#isTaken(wish.name)) return 'taken'
    if ((await this.list()).length >= GROUPS_MAX) return 'full'
    const nowMs = this.#clock.nowMs()
    const row = { ...wish, id: newUuid(), etag: newUuid(), created_ms: nowMs, updated_ms: nowMs }
    const insert = this.#metadata.build.insertInto('machine_group').values(row)
    return (await this.#runsInto(insert)) ? 'taken' : viewOf(row)
  }

  /** `undefined` where there is none of this id, `taken` where another one has the name. */
  async replace(id: string, wish: GroupWish): Promise<MachineGroupView | 'taken' | undefined> {
    if (await this.#isTaken(wish.name, id)) return 'taken'
    const changed = { ...wish, etag: newUuid(), updated_ms: this.#clock.nowMs() }
    const update = this.#metadata.build.updateTable('machine_group').set(changed).where('id', '=', id)
    if (await this.#runsInto(update)) return 'taken'
    return (await this.list()).find((one) => one.id === id)
  }

  /** False where there was none. */
  async remove(id: string): Promise<boolean> {
    return (await this.#metadata.run(this.#metadata.build.deleteFrom('machine_group').where('id', '=', id))) > 0
  }

  /** `web (copy)`, `web (copy 2)`…: the first name for a copy that no group has. */
  async nameOfCopy(name: string): Promise<string> {
    const known = new Set((await this.list()).map((one) => one.name.toLowerCase()))
    // A name has at most 100 characters, the copy's too.
    const stem = name.slice(0, 100 - ` (copy ${GROUPS_MAX})`.length)
    for (let count = 1; count <= GROUPS_MAX; count += 1) {
      const next = count === 1 ? `${stem} (copy)` : `${stem} (copy ${count})`
      if (!known.has(next.toLowerCase())) return next
    }
    return `${stem} (copy ${GROUPS_MAX + 1})`
  }

  /** Whether a change runs into a name that another server gave meanwhile. */
  async #runsInto(change: Compilable): Promise<boolean> {
    try {
      await this.#metadata.run(change)
      return false
    } catch (error) {
      if (error instanceof MetadataConflict) return true
      throw error
    }
  }

  async #isTaken(name: string, butId?: string): Promise<boolean> {
    return (await this.list()).some((one) => one.id !== butId && one.name.toLowerCase() === name.toLowerCase())
  }
}

function viewOf(row: MetadataTables['machine_group']): MachineGroupView {
  const { id, name, description, query, etag } = row
  const [createdAt, updatedAt] = [row.created_ms, row.updated_ms].map((ms) => new Date(ms).toISOString())
  return { id, name, description, query, etag, createdAt: createdAt ?? '', updatedAt: updatedAt ?? '' }
}
