import { ASSERTION_SECONDS_MAX, enrolmentAudience, type PublicKeyJwk, ticketClaims } from '@tidemark/model'
import { errors, importJWK, jwtVerify } from 'jose'

/** What the holder of a key said, or why it is not believed. */
export type SignedClaims =
  | { readonly kind: 'signed'; readonly ticket: string; readonly next: string }
  /** The signature is right, the times are not: the other clock is wrong, or ours. */
  | { readonly kind: 'clocks-differ' }
  | { readonly kind: 'not-signed'; readonly reason: string }

/** Checks a JWT against a machine's key (ES256). Never rejects. */
export async function signedClaims(token: string, key: PublicKeyJwk, nowMs: number): Promise<SignedClaims> {
  try {
    const { payload } = await jwtVerify(token, await importJWK(key, 'ES256'), {
      audience: enrolmentAudience,
      algorithms: ['ES256'],
      currentDate: new Date(nowMs),
      clockTolerance: ASSERTION_SECONDS_MAX,
      maxTokenAge: ASSERTION_SECONDS_MAX,
      requiredClaims: ['iat', 'exp'],
    })
    const read = ticketClaims.safeParse(payload)
    return read.success ? { kind: 'signed', ...read.data } : { kind: 'not-signed', reason: 'it has no tickets' }
  } catch (error) {
    const isLate = error instanceof errors.JWTExpired
    const isEarly = error instanceof errors.JWTClaimValidationFailed && (error.claim === 'iat' || error.claim === 'nbf')
    if (isLate || isEarly) return { kind: 'clocks-differ' }
    return { kind: 'not-signed', reason: error instanceof Error ? error.message : String(error) }
  }
}
