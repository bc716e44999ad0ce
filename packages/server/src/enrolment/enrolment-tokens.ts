import { type Clock, newUuid } from '@tidemark/base'
import type { EnrolmentTokenView } from '@tidemark/model'

import { newSecret, secretHash } from '../access/secrets.ts'
import type { Metadata } from '../metadata/metadata.ts'

/** Tokens by which new machines come in: each for so many machines, until a moment. Only hashes are kept. */
export class EnrolmentTokens {
  readonly #metadata: Metadata
  readonly #clock: Clock

  constructor(metadata: Metadata, clock: Clock) {
    this.#metadata = metadata
    this.#clock = clock
  }

  /** Makes one; the token itself is told this once. */
  async create(wish: {
    readonly usesMax: number
    readonly lifeSeconds: number
    readonly description: string
  }): Promise<{ readonly token: string; readonly view: EnrolmentTokenView }> {
    const token = newSecret('tm_enrol_')
    const nowMs = this.#clock.nowMs()
    const row = {
      id: newUuid(),
      hash: secretHash(token),
      description: wish.description,
      uses_max: wish.usesMax,
      uses: 0,
      created_ms: nowMs,
      expires_ms: nowMs + wish.lifeSeconds * 1_000,
    }
    await this.#metadata.run(this.#metadata.build.insertInto('enrolment_token').values(row))
    return { token, view: viewOf(row) }
  }

  async list(): Promise<EnrolmentTokenView[]> {
    const { build } = this.#metadata
    const rows = await this.#metadata.all(build.selectFrom('enrolment_token').selectAll().orderBy('created_ms'))
    return rows.map(viewOf)
  }

  /** False where there is none of this id. */
  async revoke(id: string): Promise<boolean> {
    return (await this.#metadata.run(this.#metadata.build.deleteFrom('enrolment_token').where('id', '=', id))) > 0
  }

  /** Uses a token once; false where it is unknown, used up or too old. */
  async use(token: string): Promise<boolean> {
    const change = this.#metadata.build
      .updateTable('enrolment_token')
      .set((row) => ({ uses: row('uses', '+', 1) }))
      .where('hash', '=', secretHash(token))
      .where('expires_ms', '>', this.#clock.nowMs())
      .whereRef('uses', '<', 'uses_max')
    return (await this.#metadata.run(change)) > 0
  }
}

function viewOf(row: {
  id: string
  description: string
  uses_max: number
  uses: number
  created_ms: number
  expires_ms: number
}): EnrolmentTokenView {
  return {
    id: row.id,
    description: row.description,
    usesMax: row.uses_max,
    uses: row.uses,
    createdAt: new Date(row.created_ms).toISOString(),
    expiresAt: new Date(row.expires_ms).toISOString(),
  }
}
