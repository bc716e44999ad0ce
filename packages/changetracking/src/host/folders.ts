import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
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

/** A file that is to replace another one when it is whole. Disposing an unfinished one leaves the other as it was. */
export interface Replacement extends Disposable {
  write(text: string): void
  finish(): void
}

/** Begins a file that replaces the one at `path` in one step. */
export function openReplacement(path: string): Replacement {
  makeFolderFor(path)
  const descriptor = openSync(`${path}.new`, 'w', 0o640)
  let isFinished = false
  return {
    write: (text) => {
      const bytes = Buffer.from(text)
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done)
    },
    finish: () => {
      renameSync(`${path}.new`, path)
      isFinished = true
    },
    [Symbol.dispose]: () => {
      closeSync(descriptor)
      if (!isFinished) rmSync(`${path}.new`, { force: true })
    },
  }
}
