import { join } from 'node:path'

import { ChdbStore, type ChdbOptions } from '../clickhouse/chdb.ts'
import { SCHEMA_VERSION } from '../clickhouse/migrate.ts'
import { migrations } from '../metadata/schema.ts'
import { SqliteMetadata } from '../metadata/sqlite-metadata.ts'
import { ServerError } from '../server-error.ts'
import { manifest, MANIFEST, type Manifest } from './backup.ts'
import { copyFiles, fileFacts, newFolder, textIn } from './host/backup-files.ts'

/** What was restored. */
export interface Restored {
  readonly files: number
  readonly bytes: number
  /** The version that wrote the backup. */
  readonly version: string
}

/**
 * Makes a state folder, which must be new or empty, out of a backup. Every file is checked before anything is written; the rows
 * are brought to the present schema. Throws `ServerError` `backup-unusable`; a folder that is half made is left for whoever
 * wants to look, and must be deleted before the next try.
 */
export async function restoreBackup(
  { from, stateFolder }: { readonly from: string; readonly stateFolder: string },
  options: Omit<ChdbOptions, 'restoreFrom'>,
): Promise<Restored> {
  const known = await checkedManifest(from)
  const why = await newFolder(stateFolder)
  if (why !== undefined) throw unusable(`${stateFolder} cannot be restored to: ${why}; take a new folder`)
  const plain = known.files.map(({ path }) => path).filter((path) => !path.startsWith('clickhouse/'))
  await copyFiles(plain, from, stateFolder)
  await new SqliteMetadata(join(stateFolder, 'metadata.db'))[Symbol.asyncDispose]()
  const restoreFrom = join(from, 'clickhouse')
  await using store = await ChdbStore.open(join(stateFolder, 'clickhouse'), { ...options, restoreFrom })
  await store.retention()
  return {
    files: known.files.length,
    bytes: known.files.reduce((sum, { bytes }) => sum + bytes, 0),
    version: known.version,
  }
}

async function checkedManifest(from: string): Promise<Manifest> {
  const text = await textIn(join(from, MANIFEST))
  if (text === undefined) throw unusable(`${from} is no backup, or one that was cut off: it has no ${MANIFEST}`)
  const read = manifest.safeParse(jsonIn(text))
  if (!read.success) throw unusable(`${join(from, MANIFEST)} is damaged: ${read.error.message}`)
  const { schema, files, version } = read.data
  if (schema.store > SCHEMA_VERSION || schema.metadata > migrations.length)
    throw unusable(`${from} was written by the later version ${version} of Tidemark; restore it with that one`)
  for (const file of files) {
    const isInside = !file.path.startsWith('/') && !file.path.split('/').includes('..')
    const now = isInside ? await fileFacts(from, file.path).catch(() => undefined) : undefined
    if (now?.hash !== file.hash)
      throw unusable(`${join(from, file.path)} is not what was backed up: it is damaged or gone`)
  }
  return read.data
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unusable(message: string): ServerError {
  return new ServerError('backup-unusable', message)
}
