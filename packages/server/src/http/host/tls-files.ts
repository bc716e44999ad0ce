import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { networkInterfaces, hostname } from 'node:os'
import { dirname } from 'node:path'

import type { CertifiedKey } from '../tls/certificate.ts'

/** Certificate and key from two PEM files. Throws the file system's error, which names the file. */
export function readCertifiedKey(files: { readonly certificate: string; readonly key: string }): CertifiedKey {
  return { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') }
}

/** The same, made and kept (the key with mode 0600) where the certificate is not there yet. */
export function keptCertifiedKey(
  files: { readonly certificate: string; readonly key: string },
  make: () => CertifiedKey,
): CertifiedKey {
  if (existsSync(files.certificate)) return readCertifiedKey(files)
  mkdirSync(dirname(files.key), { recursive: true, mode: 0o700 })
  const { certificate, key } = make()
  writeFileSync(files.key, key, { mode: 0o600, flush: true })
  // Last, and whole or not at all: where it is, its key is there too.
  writeFileSync(`${files.certificate}.new`, certificate, { mode: 0o644, flush: true })
  renameSync(`${files.certificate}.new`, files.certificate)
  return { certificate, key }
}

/** Names and addresses of this machine. */
export function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
  return [...new Set([hostname(), 'localhost', ...addresses.map((address) => address.split('%')[0] ?? address)])]
}
