import type { Item, ItemColumns } from '../collector.ts'
import type { FileFacts } from '../host/disk.ts'
import { shownPath } from './file-name.ts'
import type { FoundPath } from './walk.ts'

/** Names for the numbers of users and groups. */
export interface Owners {
  readonly users: ReadonlyMap<number, string>
  readonly groups: ReadonlyMap<number, string>
}

/** The item of a file. `checksum` is what stands in `FileContentChecksum`, empty where there is no content; `method` is how it was made. */
export function fileItem(
  found: FoundPath,
  seen: {
    readonly facts: FileFacts
    readonly checksum: string
    readonly method: string
    readonly coveredBy: readonly string[]
  },
  owners: Owners,
): Item {
  const { facts } = seen
  const path = shownPath(found.path)
  const columns: ItemColumns = {
    FileSystemPath: path,
    Name: path.slice(path.lastIndexOf('/') + 1),
    FileContentChecksum: seen.checksum,
    ...(facts.kind === 'directory' ? {} : { Size: facts.sizeBytes }),
    DateModified: isoOf(facts.modifiedNs),
    DateCreated: isoOf(facts.bornNs),
    FileMode: facts.mode.toString(8).padStart(4, '0'),
    FileOwner: owners.users.get(facts.uid) ?? String(facts.uid),
    FileGroup: owners.groups.get(facts.gid) ?? String(facts.gid),
    ItemType: ITEM_TYPES[facts.kind],
    ...(found.linkTarget === undefined ? {} : { LinkTarget: shownPath(found.linkTarget) }),
  }
  return { columns, coveredBy: seen.coveredBy, facts: { ...stampOf(facts), mode: facts.mode, method: seen.method } }
}

const ITEM_TYPES: Readonly<Record<FileFacts['kind'], string>> = {
  file: 'File',
  directory: 'Directory',
  link: 'Link',
  fifo: 'Fifo',
  socket: 'Socket',
  'block device': 'BlockDevice',
  'character device': 'CharacterDevice',
}

/** What must be the same for a file to count as not touched, so that its content need not be read again. */
export function stampOf(facts: FileFacts): Record<string, string | number> {
  const { device, inode, sizeBytes, modifiedNs, changedNs, uid, gid } = facts
  return { device, inode, sizeBytes, modifiedNs, changedNs, uid, gid }
}

/** ISO 8601 in UTC with the seven digits that the tables keep. */
export function isoOf(ns: string): string {
  const total = BigInt(ns)
  const fraction = ((total % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const seconds = Number((total - fraction) / 1_000_000_000n)
  const date = new Date(seconds * 1_000)
  if (Number.isNaN(date.getTime())) return '1970-01-01T00:00:00.0000000Z'
  return `${date.toISOString().slice(0, -5)}.${String(fraction / 100n).padStart(7, '0')}Z`
}
