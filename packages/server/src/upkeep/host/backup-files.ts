import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

import { isMissing, makeFolder, syncFolder, writeWhole } from '../../content/host/disk-files.ts'

/** One file of a backup, below its folder. */
export interface BackupFile {
  readonly path: string
  readonly bytes: number
  /** SHA-256, hex. */
  readonly hash: string
}

/** Makes a folder that must not be there yet, or be empty. `undefined`, or why that cannot be. */
export async function newFolder(path: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    })
    return (await readdir(path)).length === 0 ? undefined : 'something is in there already'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Every file below a folder, by its path in it, in the order of the paths; none where the folder is not there. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort()
}

/** Copies files from one folder to another. A file that is gone meanwhile is left out: it was a draft. */
export async function copyFiles(files: readonly string[], from: string, to: string): Promise<void> {
  for (const file of files) {
    await makeFolder(dirname(join(to, file)))
    await copyFile(join(from, file), join(to, file)).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
  }
}

/** Brings every file of a backup to stable storage and says what it is. */
export async function sealedFiles(folder: string): Promise<BackupFile[]> {
  const sealed: BackupFile[] = []
  const folders = new Set([folder])
  for (const path of await filesBelow(folder)) {
    const file = await fileFacts(folder, path)
    await using handle = await open(join(folder, path), 'r')
    await handle.sync()
    folders.add(dirname(join(folder, path)))
    sealed.push(file)
  }
  for (const each of folders) await syncFolder(each)
  return sealed
}

/** Length and hash of a file as they are now. Rejects where it is not there. */
export async function fileFacts(folder: string, path: string): Promise<BackupFile> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(join(folder, path))) if (part instanceof Uint8Array) hash.update(part)
  return { path, bytes: (await stat(join(folder, path))).size, hash: hash.digest('hex') }
}

/** The text of a file; `undefined` where it is not there. */
export async function textIn(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}

/** Writes a text, whole or not at all, synced. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeWhole(path, new TextEncoder().encode(text))
  await syncFolder(dirname(path))
}
