import { newBytes } from '@tidemark/base'
import { ASSERTION_SECONDS_MAX, enrolmentAudience, type PublicKeyJwk, publicKeyJwk } from '@tidemark/model'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import { z } from 'zod'

const privateKeyJwk = publicKeyJwk.extend({ d: z.string().min(1) })

/** One key of the machine. */
const keyPair = z.object({ keyId: z.string(), privateKey: privateKeyJwk, madeMs: z.number() })
export type KeyPair = z.infer<typeof keyPair>

/** What `machine.key` holds, mode 0600. */
export const machineKey = z.object({
  key: keyPair,
  /** A new key that the server may know already. */
  pending: keyPair.optional(),
  /** What the server heard last, and what it hears next: written before it is said. */
  ticket: z.string(),
  next: z.string(),
})
export type MachineKey = z.infer<typeof machineKey>

/** Where the machine's key is kept: replaced as a whole, and on stable storage when `save` returns. */
export interface KeyFile {
  /** `undefined` where there is none. Throws where it cannot be read or understood. */
  load(): MachineKey | undefined
  save(key: MachineKey): void
}

/** A key that nobody has seen. */
export async function newKeyPair(nowMs: number): Promise<KeyPair> {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const privateKey = privateKeyJwk.parse(await exportJWK(pair.privateKey))
  return { keyId: await calculateJwkThumbprint(publicKeyOf(privateKey)), privateKey, madeMs: nowMs }
}

/** 192 random bits. */
export function newTicket(): string {
  return Buffer.from(newBytes(24)).toString('base64url')
}

/** What may be shown of a key. */
export function publicKeyOf({ kty, crv, x, y }: PublicKeyJwk): PublicKeyJwk {
  return { kty, crv, x, y }
}

/** A JWT by which the holder of the key shows itself at a moment of the server's clock. */
export async function signedBy(
  { keyId, privateKey }: KeyPair,
  tickets: { readonly ticket: string; readonly next: string },
  nowMs: number,
): Promise<string> {
  const nowSeconds = Math.floor(nowMs / 1_000)
  return await new SignJWT({ ticket: tickets.ticket, next: tickets.next })
    .setProtectedHeader({ alg: 'ES256', kid: keyId, typ: 'JWT' })
    .setAudience(enrolmentAudience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + ASSERTION_SECONDS_MAX)
    .sign(await importJWK(privateKey, 'ES256'))
}
