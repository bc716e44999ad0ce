import { type Clock, newUuid } from '@tidemark/base'
import type { MachineActionView } from '@tidemark/model'

import type { Metadata, MetadataSession } from '../metadata/metadata.ts'

/** Actions that are told at a time, the newest. */
export const ACTIONS_MAX = 1_000

/** Who does something about a machine, and why. */
export interface ByWhom {
  /** `admin`, or the id of an API token. */
  readonly who: string
  readonly reason: string
}

/** Since when nothing is taken from a machine. */
export interface Revocation extends ByWhom {
  readonly atMs: number
}

/** How machines stand with us: whose word is taken no more, who is to change its key, and which people said so. */
export class Standing {
  readonly #metadata: Metadata
  readonly #clock: Clock

  constructor(metadata: Metadata, clock: Clock) {
    this.#metadata = metadata
    this.#clock = clock
  }

  async isRevoked(resourceId: string): Promise<boolean> {
    const question = this.#metadata.build
      .selectFrom('machine_revocation')
      .select('revoked_ms')
      .where('resource_key', '=', resourceId.toLowerCase())
    return (await this.#metadata.first(question)) !== undefined
  }

  /** By the machine's ARM id in lower case. */
  async revocations(): Promise<ReadonlyMap<string, Revocation>> {
    const rows = await this.#metadata.all(this.#metadata.build.selectFrom('machine_revocation').selectAll())
    return new Map(
      rows.map((row) => [row.resource_key, { atMs: row.revoked_ms, who: row.revoked_by, reason: row.reason }]),
    )
  }

  /** When a second holder of a machine's key was last refused, by the machine's ARM id in lower case. */
  async copies(): Promise<ReadonlyMap<string, number>> {
    const { build } = this.#metadata
    const question = build.selectFrom('machine_key').select(['resource_key', 'clone_seen_ms'])
    const rows = await this.#metadata.all(question.where('clone_seen_ms', 'is not', null))
    return new Map(rows.flatMap((row) => (row.clone_seen_ms === null ? [] : [[row.resource_key, row.clone_seen_ms]])))
  }

  /** From now on nothing is taken from this machine. False where that is so already. */
  async revoke(resourceId: string, by: ByWhom): Promise<boolean> {
    return await this.#metadata.together(async (within) => {
      const row = {
        resource_key: resourceId.toLowerCase(),
        revoked_ms: this.#clock.nowMs(),
        revoked_by: by.who,
        reason: by.reason,
      }
      const change = within.build.insertInto('machine_revocation').values(row)
      const isNew = (await within.run(change.onConflict((conflict) => conflict.doNothing()))) > 0
      if (isNew) await this.#note(within, resourceId, 'revoke', by)
      return isNew
    })
  }

  /** Its key, or its token, is good again. False where it was never taken away. */
  async restore(resourceId: string, by: ByWhom): Promise<boolean> {
    return await this.#metadata.together(async (within) => {
      const wasRevoked = await this.#forget(within, resourceId)
      if (wasRevoked) await this.#note(within, resourceId, 'restore', by)
      return wasRevoked
    })
  }

  /** It was enrolled anew, by a token that somebody gave it for that. */
  async enrolled(resourceId: string): Promise<void> {
    await this.#metadata.together(async (within) => {
      if (await this.#forget(within, resourceId)) await this.#note(within, resourceId, 'enrol', { who: '', reason: '' })
    })
  }

  async #forget(within: MetadataSession, resourceId: string): Promise<boolean> {
    const key = resourceId.toLowerCase()
    const gone = await within.run(within.build.deleteFrom('machine_revocation').where('resource_key', '=', key))
    return gone > 0
  }

  /** The machine is told with its next access token to make another key for itself. */
  async wishRotation(resourceId: string, by: ByWhom): Promise<void> {
    await this.#metadata.together(async (within) => {
      const row = { resource_key: resourceId.toLowerCase(), wished_ms: this.#clock.nowMs() }
      const change = within.build.insertInto('rotation_wish').values(row)
      await within.run(change.onConflict((conflict) => conflict.column('resource_key').doUpdateSet(row)))
      await this.#note(within, resourceId, 'rotate', by)
    })
  }

  async isRotationWished(resourceKey: string): Promise<boolean> {
    const { build } = this.#metadata
    const question = build.selectFrom('rotation_wish').select('wished_ms').where('resource_key', '=', resourceKey)
    return (await this.#metadata.first(question)) !== undefined
  }

  /** The machine has another key. */
  async rotated(resourceKey: string): Promise<void> {
    await this.#metadata.run(this.#metadata.build.deleteFrom('rotation_wish').where('resource_key', '=', resourceKey))
  }

  /** What people did, the newest first. */
  async actions(): Promise<MachineActionView[]> {
    const { build } = this.#metadata
    const newest = build.selectFrom('machine_action').selectAll().orderBy('at_ms', 'desc').orderBy('id')
    const rows = await this.#metadata.all(newest.limit(ACTIONS_MAX))
    return rows.map((row) => ({
      resourceId: row.resource_key,
      at: new Date(row.at_ms).toISOString(),
      who: row.who,
      what: row.what,
      reason: row.reason,
    }))
  }

  async #note(within: MetadataSession, resourceId: string, what: string, { who, reason }: ByWhom): Promise<void> {
    const row = { id: newUuid(), resource_key: resourceId.toLowerCase(), at_ms: this.#clock.nowMs(), who, what, reason }
    await within.run(within.build.insertInto('machine_action').values(row))
  }
}
