import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/** Returns when everything written to the descriptor is on stable storage (fdatasync(2)). */
export const syncData: (descriptor: number) => Promise<void> = promisify(fdatasync)

/** Opens a file for appending, makes it where there is none, and brings its name to stable storage. */
export function openAppend(path: string): number {
  const descriptor = openSync(path, 'a', 0o600)
  syncFolder(dirname(path))
  return descriptor
}

export function appendAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, bytes.length - done)
}

export function truncateTo(path: string, sizeBytes: number): void {
  const descriptor = openSync(path, 'r+')
  try {
    ftruncateSync(descriptor, sizeBytes)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export function closeFile(descriptor: number): void {
  closeSync(descriptor)
}

export function readAll(path: string): Buffer {
  return readFileSync(path)
}

export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o750 })
}

export function namesIn(path: string): string[] {
  return readdirSync(path).sort()
}

export function removeFile(path: string): void {
  rmSync(path, { force: true })
}

/** Replaces a file in one step that survives a power cut: write beside it, sync, rename, sync the folder. */
export function replaceFile(path: string, text: string): void {
  const descriptor = openSync(`${path}.new`, 'w', 0o600)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.new`, path)
  syncFolder(dirname(path))
}

export function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
