import { type Clock, newUuid } from '@tidemark/base'
import type { ApiTokenView } from '@tidemark/model'

import type { Metadata } from '../metadata/metadata.ts'
import { newSecret, secretHash } from './secrets.ts'

/** API tokens that are kept at a time; who wants one more revokes one first. */
export const API_TOKENS_MAX = 1_000
/** How exactly the last use of a token is kept, in milliseconds: each write is synced to disk. */
const LAST_USED_EVERY_MS = 60_000
const PREFIX = 'tm_api_'

/** What a new token is to be. */
export interface TokenWish {
  readonly name: string
  readonly scopes: readonly string[]
  /** Ids of workspaces; empty means every one. */
  readonly workspaces: readonly string[]
  /** Milliseconds since 1970; absent: until it is revoked. */
  readonly expiresMs?: number
}

/** A token that is good at the moment. */
export interface KnownToken {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly workspaces: readonly string[]
}

/** Tokens for programs: made once, told once, kept as SHA-256, good until they expire or are revoked. */
export class ApiTokens {
  readonly #metadata: Metadata
  readonly #clock: Clock

  constructor(metadata: Metadata, clock: Clock) {
    this.#metadata = metadata
    this.#clock = clock
  }

  /** `undefined` when there are `API_TOKENS_MAX` already. The token itself is nowhere else afterwards. */
  async create(
    wish: TokenWish,
    createdBy: string,
  ): Promise<{ readonly view: ApiTokenView; readonly token: string } | undefined> {
    const token = newSecret(PREFIX)
    const row = {
      id: newUuid(),
      name: wish.name,
      hash: secretHash(token),
      scopes: JSON.stringify(wish.scopes),
      workspaces: JSON.stringify(wish.workspaces),
      created_by: createdBy,
      created_ms: this.#clock.nowMs(),
      expires_ms: wish.expiresMs ?? null,
      last_used_ms: null,
    }
    const isMade = await this.#metadata.together(async (within) => {
      const ids = await within.all(within.build.selectFrom('api_token').select('id'))
      if (ids.length >= API_TOKENS_MAX) return false
      return (await within.run(within.build.insertInto('api_token').values(row))) > 0
    })
    return isMade ? { view: viewOf(row), token } : undefined
  }

  /** Expired ones too, oldest first. */
  async list(): Promise<ApiTokenView[]> {
    const { build } = this.#metadata
    const rows = await this.#metadata.all(build.selectFrom('api_token').selectAll().orderBy('created_ms'))
    return rows.map(viewOf)
  }

  /** False where there is none of this id. What the token, or a session that it opened, asks next is refused. */
  async revoke(id: string): Promise<boolean> {
    return (await this.#metadata.run(this.#metadata.build.deleteFrom('api_token').where('id', '=', id))) > 0
  }

  /** The token that this secret is; `undefined` for one that is expired, revoked, or was never made. */
  async find(secret: string): Promise<KnownToken | undefined> {
    if (!secret.startsWith(PREFIX)) return undefined
    const { build } = this.#metadata
    const question = build.selectFrom('api_token').selectAll().where('hash', '=', secretHash(secret))
    return await this.#good(await this.#metadata.first(question))
  }

  /** The same by its id, for sessions that it opened. */
  async byId(id: string): Promise<KnownToken | undefined> {
    const { build } = this.#metadata
    return await this.#good(await this.#metadata.first(build.selectFrom('api_token').selectAll().where('id', '=', id)))
  }

  async #good(row: TokenRow | undefined): Promise<KnownToken | undefined> {
    const nowMs = this.#clock.nowMs()
    if (row === undefined || (row.expires_ms !== null && row.expires_ms <= nowMs)) return undefined
    if (nowMs - (row.last_used_ms ?? 0) >= LAST_USED_EVERY_MS) {
      const { build } = this.#metadata
      await this.#metadata.run(build.updateTable('api_token').set({ last_used_ms: nowMs }).where('id', '=', row.id))
    }
    return { id: row.id, name: row.name, scopes: namesIn(row.scopes), workspaces: namesIn(row.workspaces) }
  }
}

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly scopes: string
  readonly workspaces: string
  readonly created_by: string
  readonly created_ms: number
  readonly expires_ms: number | null
  readonly last_used_ms: number | null
}

function viewOf(row: TokenRow): ApiTokenView {
  return {
    id: row.id,
    name: row.name,
    scopes: namesIn(row.scopes),
    workspaces: namesIn(row.workspaces),
    createdBy: row.created_by,
    createdAt: new Date(row.created_ms).toISOString(),
    expiresAt: momentOf(row.expires_ms),
    lastUsedAt: momentOf(row.last_used_ms),
  }
}

function momentOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

function namesIn(text: string): string[] {
  const names: unknown = JSON.parse(text)
  return Array.isArray(names) ? names.map(String) : []
}
