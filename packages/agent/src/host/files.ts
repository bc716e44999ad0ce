import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Text of a file; `undefined` where there is none. Throws node's error where it may not be read. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Replaces a file in one step that survives a power cut; makes its folder. */
export function replaceFile(path: string, text: string, mode = 0o640): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
  const descriptor = openSync(`${path}.new`, 'w', mode)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.new`, path)
}

/** Replaces a file in one step; a power cut may bring the old one back. For what is told anew all the time. */
export function replaceFileQuickly(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
  writeFileSync(`${path}.new`, text, { mode: 0o640 })
  renameSync(`${path}.new`, path)
}

/** Names in a folder that end so, sorted; none where there is no folder. */
export function namesEndingIn(folder: string, end: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(end))
      .sort()
  } catch {
    return []
  }
}

export function removeFile(folder: string, name: string): void {
  rmSync(join(folder, name), { force: true })
}

export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o750 })
}

/** Bytes of a file, 0 where there is none. */
export function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
