import { createHash, createPrivateKey, sign } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { PackageError } from './facts.ts'

/**
 * Writes SHA256SUMS (as sha256sum(1) does) for the packages in `out`; with a key, `<file>.sig` beside each of `built` and beside
 * the sums: the Ed25519 signature (RFC 8032) of the file's bytes in base64 and a line's end. `keyFile` is PEM, PKCS #8, as
 * `openssl genpkey -algorithm ed25519` writes it. Throws `PackageError` for any other key.
 */
export function signFiles(out: string, built: readonly string[], keyFile: string | undefined): void {
  const sums = join(out, 'SHA256SUMS')
  const names = readdirSync(out).filter((name) => /\.(deb|rpm)$/.test(name))
  const lines = names.sort().map((name) => `${sha256Of(join(out, name))}  ${basename(name)}\n`)
  writeFileSync(sums, lines.join(''))
  if (keyFile === undefined) return
  const key = readKey(keyFile)
  for (const path of [...built, sums])
    writeFileSync(`${path}.sig`, `${sign(undefined, readFileSync(path), key).toString('base64')}\n`)
}

function readKey(path: string): ReturnType<typeof createPrivateKey> {
  try {
    const key = createPrivateKey(readFileSync(path, 'utf8'))
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new PackageError(`${path} is no private key (PEM)`, { cause })
  }
  throw new PackageError(`${path} is no Ed25519 key: make one with "openssl genpkey -algorithm ed25519"`)
}

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
