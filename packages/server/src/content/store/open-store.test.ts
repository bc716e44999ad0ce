import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { AzureStore } from './azure-store.ts'
import { openContentStore } from './open-store.ts'
import { S3Store } from './s3-store.ts'

test('each place has its store, and a disk without a folder is below the state', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-open-store-'))
  await using disk = await openContentStore({ kind: 'disk' }, folder)
  expect([await disk.has('ab'.repeat(32)), readdirSync(folder)]).toEqual([false, ['contents']])
  await openContentStore({ kind: 'disk', folder: join(folder, 'deep', 'elsewhere') }, folder)
  expect(readdirSync(join(folder, 'deep'))).toEqual(['elsewhere'])
  const bucket = { kind: 's3', bucket: 'b', prefix: '', region: 'r', hasPathStyle: false } as const
  await using s3 = await openContentStore(bucket, folder)
  await using azure = await openContentStore(
    { kind: 'azure', containerUrl: 'https://x/c', prefix: '', sas: 's' },
    folder,
  )
  expect([s3, azure]).toEqual([expect.any(S3Store), expect.any(AzureStore)])
  rmSync(folder, { recursive: true })
})
