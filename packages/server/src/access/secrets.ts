import { createHash, timingSafeEqual } from 'node:crypto'

import { newBytes } from '@tidemark/base'

/** A new secret that can be told apart by its prefix: `tm_admin_…`, 256 bits. */
export function newSecret(prefix: string): string {
  return `${prefix}${Buffer.from(newBytes(32)).toString('base64url')}`
}

/** What is kept of a secret: SHA-256, hex. Secrets are random, so that no slow hash is needed. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(secretHash(one)), Buffer.from(secretHash(other)))
}
