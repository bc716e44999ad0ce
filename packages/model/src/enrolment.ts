import { z } from 'zod'

/** A machine's public key: P-256 for ES256 (RFC 7517, RFC 7518 §6.2). */
export const publicKeyJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().min(1).max(100),
  y: z.string().min(1).max(100),
})
export type PublicKeyJwk = z.infer<typeof publicKeyJwk>

/** `POST /api/enrolment-tokens` (right `machines:write`). */
export const createEnrolmentToken = z.object({
  /** How many machines it enrols. */
  usesMax: z.number().int().min(1).max(100_000).default(1),
  lifeSeconds: z
    .number()
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(86_400),
  description: z.string().max(200).default(''),
})

/** An enrolment token as it is listed; the token itself is told once, when it is made. */
export interface EnrolmentTokenView {
  readonly id: string
  readonly description: string
  readonly usesMax: number
  readonly uses: number
  readonly createdAt: string
  readonly expiresAt: string
}

/** `POST /api/enrolment`: the proof is a JWT of the new key with `aud` `enrolmentAudience` and the ticket that it begins with. */
export const enrolRequest = z.object({
  token: z.string().min(1).max(500),
  computer: z.string().min(1).max(253),
  sourceComputerId: z.uuid(),
  publicKey: publicKeyJwk,
  proof: z.string().max(4_000),
  /** Takes the place of a machine with this identity that has a key already. */
  isReplacement: z.boolean().default(false),
})
/** Who the machine is from now on. */
export interface EnrolAnswer {
  readonly resourceId: string
  readonly region: string
  readonly keyId: string
}

/** `POST /api/enrolment/access-token`: a JWT of the machine's key, see `ticketClaims`. */
export const accessTokenRequest = z.object({ assertion: z.string().max(4_000) })
/** A bearer token for the control plane. */
export interface AccessTokenAnswer {
  readonly accessToken: string
  /** Somebody wants the machine to put another key in the place of this one, now. */
  readonly isRotationWished: boolean
  readonly expiresInSeconds: number
}

/** `POST /api/enrolment/rotation`: the assertion is the old key's, the proof the new one's. */
export const rotationRequest = z.object({
  assertion: z.string().max(4_000),
  publicKey: publicKeyJwk,
  proof: z.string().max(4_000),
})
/** The id of the key that is good from now on. */
export interface RotationAnswer {
  readonly keyId: string
}

/**
 * What an assertion and a proof claim beside `aud`, `iat` and `exp`: the ticket that the holder of the key said last, and
 * the one it will say next. Two holders of one key part here: only one of them knows the last ticket (decision 0033).
 */
export const ticketClaims = z.object({ ticket: z.string().min(16).max(100), next: z.string().min(16).max(100) })

/** `aud` of assertions and proofs. */
export const enrolmentAudience = 'tidemark-enrolment'
/** How long an assertion is good, and how far the two clocks may be apart, in seconds. */
export const ASSERTION_SECONDS_MAX = 120

/** A machine's key as it is listed, `GET /api/machine-keys`. */
export interface MachineKeyView {
  readonly resourceId: string
  readonly computer: string
  readonly keyId: string
  readonly enrolledAt: string
  readonly lastSeenAt: string
  /** When the machine got this key. */
  readonly rotatedAt: string
  readonly revokedAt: string | null
  /** `admin`, or the id of an API token; empty where it is not known. */
  readonly revokedBy: string | null
  /** When a second machine with the same key was last refused. */
  readonly cloneSeenAt: string | null
}

/** `POST /api/machine-keys/revocations`, `…/restorations` and `…/rotations` (right `machines:write`). */
export const machineActionRequest = z.strictObject({
  resourceId: z.string().startsWith('/subscriptions/'),
  /** For whoever asks later why. */
  reason: z.string().max(500).default(''),
})

/** What somebody did about a machine, `GET /api/machine-actions`; the newest first, at most 1,000. */
export interface MachineActionView {
  /** In lower case. */
  readonly resourceId: string
  readonly at: string
  /** `admin`, or the id of an API token; empty where the machine itself did it, by an enrolment token. */
  readonly who: string
  /** `revoke`, `restore`, `rotate`, `enrol`. */
  readonly what: string
  readonly reason: string
}
