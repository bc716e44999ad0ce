import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes the folder that a file is to be in. */
export function makeFolderFor(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
}

/** Gives a damaged file another name, which it returns. */
export function setAside(path: string, nowMs: number): string {
  const aside = `${path}.damaged-${new Date(nowMs).toISOString().replaceAll(':', '')}`
  renameSync(path, aside)
  return aside
}

/** Replaces a file in one step; readers see the old or the new text, never a part. */
export function writeTextAtomically(path: string, text: string): void {
  makeFolderFor(path)
  writeFileSync(`${path}.new`, text, { mode: 0o640 })
  renameSync(`${path}.new`, path)
}
