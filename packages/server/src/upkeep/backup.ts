import { join } from 'node:path'

import type { BackupView } from '@tidemark/model'
import { z } from 'zod'

import { SCHEMA_VERSION } from '../clickhouse/migrate.ts'
import { migrations } from '../metadata/schema.ts'
import { version } from '../version.ts'
import { copyFiles, filesBelow, newFolder, sealedFiles, writeText } from './host/backup-files.ts'

/** What makes a folder a backup; written last, so that one without it was cut off. */
export const MANIFEST = 'manifest.json'

/** What a backup says of itself. */
export const manifest = z.object({
  version: z.string(),
  /** Of the store's tables (clickhouse/migrate.ts) and of the metadata (metadata/schema.ts). */
  schema: z.object({ store: z.number().int(), metadata: z.number().int() }),
  hasContents: z.boolean(),
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), hash: z.string() })),
})
export type Manifest = z.infer<typeof manifest>

/** What a backup is made of. */
export interface BackedUp {
  readonly store: { backup(folder: string): Promise<void> }
  readonly metadata: { copyTo(path: string): Promise<void> }
  readonly stateFolder: string
  /** The folder with contents; absent where they are kept elsewhere. */
  readonly contentsFolder?: string
}

/** Files of the state folder without which a restored server would be another one. */
const OWN_FILES = ['admin.token', 'reader.token', 'tls.crt', 'tls.key']

/**
 * Writes a backup while the server runs: rows, then metadata, then contents, so that whatever a row names is in it. Returns
 * text where the folder cannot be used. Rejects where writing fails; what is there then has no manifest and is no backup.
 */
export async function writeBackup(parts: BackedUp, folder: string): Promise<BackupView | string> {
  const why = await newFolder(folder)
  if (why !== undefined) return why
  await parts.store.backup(join(folder, 'clickhouse'))
  await parts.metadata.copyTo(join(folder, 'metadata.db'))
  await copyFiles(OWN_FILES, parts.stateFolder, folder)
  const { contentsFolder } = parts
  // Parts of contents that were answered with 200 and are not whole yet.
  const waiting = join(parts.stateFolder, 'content-parts')
  await copyFiles(await filesBelow(waiting), waiting, join(folder, 'content-parts'))
  if (contentsFolder !== undefined)
    await copyFiles(await filesBelow(contentsFolder), contentsFolder, join(folder, 'contents'))
  const files = await sealedFiles(folder)
  const hasContents = contentsFolder !== undefined
  const schema = { store: SCHEMA_VERSION, metadata: migrations.length }
  const written: Manifest = { version, schema, hasContents, files }
  await writeText(join(folder, MANIFEST), `${JSON.stringify(written, undefined, 1)}\n`)
  return { folder, files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), hasContents }
}
