import type { Clock } from '@tidemark/base'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

/** Whom an ingestion token speaks for. */
const claimsShape = z.object({
  resourceId: z.string(),
  immutableId: z.string(),
  workspaceId: z.string(),
  computer: z.string(),
  sourceComputerId: z.string(),
})
export type IngestionClaims = z.infer<typeof claimsShape>

/** How long a token is good, and how long its holder should use it before it asks for a new one, in seconds. */
export const TOKEN_SECONDS = 3_600
export const TOKEN_REFRESH_SECONDS = 1_800

const AUDIENCE = 'tidemark-ingestion'

/** Signs and reads ingestion tokens: JWT, HS256 with the server's own key. */
export class IngestionTokens {
  readonly #key: Uint8Array
  readonly #clock: Clock

  /** `key` has 32 random bytes. */
  constructor(key: Uint8Array, clock: Clock) {
    this.#key = key
    this.#clock = clock
  }

  async issue(claims: IngestionClaims): Promise<string> {
    const nowSeconds = Math.floor(this.#clock.nowMs() / 1_000)
    return await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setAudience(AUDIENCE)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + TOKEN_SECONDS)
      .sign(this.#key)
  }

  /** `undefined` for a token that is not ours, or too old. */
  async read(token: string): Promise<IngestionClaims | undefined> {
    try {
      const currentDate = new Date(this.#clock.nowMs())
      const { payload } = await jwtVerify(token, this.#key, { audience: AUDIENCE, algorithms: ['HS256'], currentDate })
      return claimsShape.safeParse(payload).data
    } catch {
      return undefined
    }
  }
}
