import { readFileSync, statSync } from 'node:fs'

/** Characters of a secret at most. */
const SECRET_CHARS_MAX = 16_384

/** The secret in a file, without the blanks around it. Throws where others than its owner may read it, or where it has none. */
export function secretText(path: string): string {
  const { mode } = statSync(path)
  if ((mode & 0o077) !== 0)
    throw new Error(`${path} may be read by others than its owner: it has a secret, make it mode 0600`)
  const text = readFileSync(path, 'utf8').trim()
  if (text === '' || text.length > SECRET_CHARS_MAX) throw new Error(`${path} has no secret, or one that is too long`)
  return text
}
