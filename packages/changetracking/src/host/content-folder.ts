import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Keeps a content under the name of its hash, once; who reads the folder sees whole files only. */
export function writeContent(
  folder: string,
  content: { readonly sha256: string; readonly compressed: Uint8Array },
): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${content.sha256}.zst`)
  if (existsSync(path)) return
  writeFileSync(`${path}.new`, content.compressed, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
