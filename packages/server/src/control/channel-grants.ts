import type { Clock } from '@tidemark/base'

import type { Metadata } from '../metadata/metadata.ts'

/** A way of a machine's rows into a workspace. */
export interface ChannelGrant {
  readonly resourceId: string
  /** The rule's. */
  readonly immutableId: string
  readonly workspaceId: string
}

/** How long a machine may still hand over what it collected under a rule that is gone, or sends elsewhere now: 30 days. */
export const GRANT_MS = 30 * 86_400_000
/** How old the remembered moment may be before it is written again, in milliseconds. */
const RENEW_MS = 86_400_000

/** Where each machine was let to send: what waits on its disk belongs there also when the rule is another one by then. */
export class ChannelGrants {
  readonly #metadata: Metadata
  readonly #clock: Clock

  constructor(metadata: Metadata, clock: Clock) {
    this.#metadata = metadata
    this.#clock = clock
  }

  /** A rule that is in force sends there. */
  async remember(grant: ChannelGrant): Promise<void> {
    const nowMs = this.#clock.nowMs()
    if (nowMs - ((await this.#grantedMs(grant)) ?? -Infinity) < RENEW_MS) return
    const { build } = this.#metadata
    const row = { ...keyOf(grant), granted_ms: nowMs }
    await this.#metadata.run(build.deleteFrom('channel_grant').where('granted_ms', '<', nowMs - GRANT_MS))
    await this.#metadata.run(
      build
        .insertInto('channel_grant')
        .values(row)
        .onConflict((conflict) => conflict.columns(['resource_key', 'immutable_id', 'workspace_id']).doUpdateSet(row)),
    )
  }

  /** Whether a rule that was in force lately sent there. */
  async has(grant: ChannelGrant): Promise<boolean> {
    return this.#clock.nowMs() - ((await this.#grantedMs(grant)) ?? -Infinity) < GRANT_MS
  }

  async #grantedMs(grant: ChannelGrant): Promise<number | undefined> {
    const key = keyOf(grant)
    const question = this.#metadata.build
      .selectFrom('channel_grant')
      .select('granted_ms')
      .where('resource_key', '=', key.resource_key)
      .where('immutable_id', '=', key.immutable_id)
      .where('workspace_id', '=', key.workspace_id)
    return (await this.#metadata.first(question))?.granted_ms
  }
}

function keyOf({ resourceId, immutableId, workspaceId }: ChannelGrant) {
  return {
    resource_key: resourceId.toLowerCase(),
    immutable_id: immutableId.toLowerCase(),
    workspace_id: workspaceId.toLowerCase(),
  }
}
