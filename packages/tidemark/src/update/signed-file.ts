import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'

/** What a package is to be. */
export interface Expected {
  /** Ed25519 (RFC 8032) of the file's bytes, base64, as `npm run package -- --sign` writes it. */
  readonly signature: string
  /** PEM, SPKI: the key that this machine believes. It never comes from a server. */
  readonly publicKey: string
  /** Hex, where it is known. */
  readonly sha256?: string
}

/** Why a file is not what it is to be; `undefined` where it is. The signature alone decides whom it comes from. */
export function whyNotSigned(bytes: Uint8Array, { signature, publicKey, sha256 }: Expected): string | undefined {
  const key = readKey(publicKey)
  if (key === undefined) return 'the public key is no Ed25519 key (PEM)'
  const text = signature.trim()
  const signed = Buffer.from(text, 'base64')
  if (signed.length !== SIGNATURE_BYTES || signed.toString('base64') !== text)
    return 'the signature is none: it is to be 64 bytes in base64'
  const found = createHash('sha256').update(bytes).digest()
  if (sha256 !== undefined && !isSame(found, Buffer.from(sha256, 'hex')))
    return `its SHA-256 is ${found.toString('hex')} and not ${sha256}: it is cut, or another file`
  return verify(undefined, bytes, key, signed)
    ? undefined
    : 'its signature is not by the key that this machine believes'
}

const SIGNATURE_BYTES = 64

function readKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
