import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** A random UUID, version 4. */
export function newUuid(): string {
  return randomUUID()
}

/** `byteCount` random bytes. */
export function newBytes(byteCount: number): Uint8Array {
  return randomBytes(byteCount)
}

/** A random number in [0, 1), for jitter. */
export function chance(): number {
  return randomBytes(4).readUInt32LE() / 2 ** 32
}

/** A UUID (RFC 9562 version 8, from SHA-256) that is always the same for the same name. */
export function uuidFromName(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
