import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

import { newUuid } from '@tidemark/base'

/** Beginning of names that are not whole yet: nobody reads them, and the next start deletes them. */
export const DRAFT = '.draft-'

/** Whether the error says that nothing is at a path. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Makes a folder and brings the names of all that are new to stable storage. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))
}

/** Writes a file under its name only once all of it is on stable storage; `syncFolder` brings the name there, too. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${dirname(path)}/${DRAFT}${newUuid()}`
  try {
    await using file = await open(draft, 'wx', 0o600)
    await writeAll(file, bytes)
    await file.sync()
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.writeFile(bytes)
}

/** Brings the names in a folder to stable storage. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
