import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/**
 * The disk as the sink may use it. Every call throws node's error where the system says no; a write may take fewer bytes
 * than it was given. Nothing is on stable storage before its `sync`, no name before its folder's.
 */
export interface SinkFiles {
  makeFolder(path: string): void
  /** Sorted. */
  namesIn(path: string): string[]
  /** Opens a file to write at its end, made where there is none. */
  openAppend(path: string): number
  /** Opens an empty file, whatever was there. */
  openEmpty(path: string): number
  /** How many of the bytes were written. */
  write(descriptor: number, bytes: Uint8Array): number
  truncate(descriptor: number, sizeBytes: number): void
  /** Resolves when everything written to the descriptor is on stable storage. */
  sync(descriptor: number): Promise<void>
  syncNow(descriptor: number): void
  syncFolder(path: string): void
  close(descriptor: number): void
  rename(from: string, to: string): void
  remove(path: string): void
  removeFolder(path: string): void
  /** The bytes from `offset` on, at most `bytesMax`, fewer where the file ends. */
  read(path: string, offset: number, bytesMax: number): Buffer
  /** `undefined` where there is no such file. */
  sizeOf(path: string): number | undefined
  /** What the file system has left for us. */
  freeBytes(path: string): number
}

const fdatasyncOf: (descriptor: number) => Promise<void> = promisify(fdatasync)

/** The machine's own disk. */
export const systemFiles: SinkFiles = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o750 }),
  namesIn: (path) => readdirSync(path).sort(),
  openAppend: (path) => openSync(path, 'a', 0o600),
  openEmpty: (path) => openSync(path, 'w', 0o600),
  write: (descriptor, bytes) => writeSync(descriptor, bytes),
  truncate: (descriptor, sizeBytes) => ftruncateSync(descriptor, sizeBytes),
  sync: fdatasyncOf,
  syncNow: (descriptor) => fsyncSync(descriptor),
  syncFolder: (path) => {
    const descriptor = openSync(path, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  },
  close: (descriptor) => closeSync(descriptor),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
  removeFolder: (path) => rmSync(path, { recursive: true, force: true }),
  read: readPart,
  sizeOf: (path) => statSync(path, { throwIfNoEntry: false })?.size,
  freeBytes: (path) => {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  },
}

function readPart(path: string, offset: number, bytesMax: number): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(bytesMax)
    let count = 0
    for (let step = -1; step !== 0 && count < bytesMax; count += step)
      step = readSync(descriptor, bytes, count, bytesMax - count, offset + count)
    return bytes.subarray(0, count)
  } finally {
    closeSync(descriptor)
  }
}

/** Writes all of the bytes, in as many steps as it takes. */
export function writeAll(files: SinkFiles, descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += files.write(descriptor, bytes.subarray(done))
}

/** Replaces a file in one step that survives a power cut: write beside it, sync, rename, sync the folder. */
export function replaceFile(files: SinkFiles, path: string, bytes: Uint8Array): void {
  const descriptor = files.openEmpty(`${path}.new`)
  try {
    writeAll(files, descriptor, bytes)
    files.syncNow(descriptor)
  } finally {
    files.close(descriptor)
  }
  files.rename(`${path}.new`, path)
  files.syncFolder(dirname(path))
}

/** The text of a small file; `undefined` where there is none. */
export function readTextIfThere(files: SinkFiles, path: string): string | undefined {
  const size = files.sizeOf(path)
  return size === undefined ? undefined : files.read(path, 0, size).toString('utf8')
}
