import { createHash } from 'node:crypto'

import type { Item } from '../collector.ts'

/**
 * The fields that the described agent keeps for each file (system.md of the project, "Where the results are"). Ours to
 * choose is how `FileMetaDatacheckSum` is made: the first 64 bits of SHA-256 over the metadata.
 */
export function describedFile(item: Item): Readonly<Record<string, unknown>> {
  const { columns } = item
  const mode = Number.parseInt(String(columns.FileMode ?? '0'), 8)
  const meta = [
    columns.FileContentChecksum,
    columns.Size,
    mode,
    columns.FileOwner,
    columns.FileGroup,
    columns.DateModified,
  ]
  return {
    CollectionName: columns.FileSystemPath ?? '',
    FileContentChecksum: columns.FileContentChecksum ?? '',
    FileSystemPath: columns.FileSystemPath ?? '',
    ChangeType: 'StartTracking',
    Size: columns.Size ?? 0,
    Owner: columns.FileOwner ?? '',
    Group: columns.FileGroup ?? '',
    ItemType: columns.ItemType ?? '',
    Name: columns.Name ?? '',
    Mode: mode,
    Contents: '',
    DateModified: plainTime(String(columns.DateModified ?? '')),
    DateCreated: String(columns.DateCreated ?? '').replace(/\.\d+Z$/, 'Z'),
    FileContentBlobLink: '',
    IsInventorySnapShot: false,
    FileMetaDatacheckSum: createHash('sha256').update(JSON.stringify(meta)).digest().readBigUInt64BE().toString(),
  }
}

/** `2023-04-13 23:03:54`, as the described agent writes modification times. */
function plainTime(iso: string): string {
  return iso.replace('T', ' ').replace(/\.\d+Z$/, '')
}
