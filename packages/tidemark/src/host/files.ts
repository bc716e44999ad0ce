import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  statSync,
  openSync,
  readSync,
  closeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** Text of a small file, `undefined` where it is not there or may not be read. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Text of a file; throws node's error with its code where it cannot be read. */
export function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

/** Names in a folder that end so, sorted; `undefined` where there is no folder. Throws node's error where it may not be read. */
export function namesEndingIn(folder: string, ending: string): string[] | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Names in a folder that begin so, sorted; none where it cannot be read. */
export function namesStartingWith(folder: string, start: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(start))
      .sort()
  } catch {
    return []
  }
}

/** When a file changed last, milliseconds since 1970; 0 where it is not there or cannot be seen. */
export function changedMs(path: string): number {
  try {
    return statSync(path).mtimeMs
  } catch {
    return 0
  }
}

/** Replaces a file in one step (write beside it, then rename); makes its folder. `mode` is that of the new file. */
export function writeTextAtomically(path: string, text: string, mode = 0o644): void {
  makeFolder(dirname(path))
  writeFileSync(`${path}.new`, text, { mode })
  renameSync(`${path}.new`, path)
}

/** Whether a folder is there, also behind a link; false where that cannot be seen. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Why a file cannot be read, in words where they are known: `no such file`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? error.message
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this account may not read it',
  EPERM: 'this account may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
}

export function makeFolder(path: string, mode = 0o755): void {
  mkdirSync(path, { recursive: true, mode })
}

/** The last `bytesMax` bytes of a file as lines, oldest first; none where there is no file. */
export function lastLines(path: string, options: { readonly bytesMax: number; readonly linesMax: number }): string[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) return []
  const buffer = Buffer.alloc(Math.min(size, options.bytesMax))
  const file = openSync(path, 'r')
  try {
    const count = readSync(file, buffer, 0, buffer.length, size - buffer.length)
    return buffer.subarray(0, count).toString('utf8').split('\n').filter(Boolean).slice(-options.linesMax)
  } finally {
    closeSync(file)
  }
}
