import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { ServerError } from '../../server-error.ts'

/**
 * The secret in a file that only its owner reads; `make` makes it where there is none. Throws `ServerError`
 * `state-unusable` for a file without a secret: an empty one would let everybody in.
 */
export function secretInFile(path: string, make: () => string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const secret = secretAt(path)
  if (secret === '')
    throw new ServerError('state-unusable', `${path} holds no token; delete it, and the next start makes a new one`)
  return secret ?? writeSecret(path, make())
}

function secretAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return undefined
  }
}

/** Under its name only once it is whole: a full disk or a crash leaves no empty file behind. */
function writeSecret(path: string, secret: string): string {
  const draft = `${path}.new`
  writeFileSync(draft, `${secret}\n`, { mode: 0o600, flush: true })
  renameSync(draft, path)
  return secret
}
