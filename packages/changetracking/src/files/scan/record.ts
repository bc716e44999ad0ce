import { contentLink } from '@tidemark/model'
import { z } from 'zod'

import type { ItemColumns } from '../../collector.ts'
import { type PathBytes, shownPath } from '../file-name.ts'
import { attributesText } from '../attributes/inode-attributes.ts'
import type { AttributeColumns } from '../attributes/xattr-columns.ts'
import { factsOfStamp, type FileKind, type StampFacts } from './stamp.ts'

/** What is known of one file beside its stamp. */
export interface FileRecord {
  /** Hex; empty where there is none. */
  readonly checksum: string
  readonly owner: string
  readonly group: string
  /** What the link says, as it is shown. */
  readonly linkTarget?: string
  /** SHA-256 of the content that was kept; where the checksum is another. */
  readonly contentSha256?: string
  readonly attributes?: AttributeColumns
}

const storedRecord = z.object({
  FileContentChecksum: z.string(),
  Owner: z.string(),
  Group: z.string(),
  Tidemark: z
    .object({
      linkTarget: z.string().optional(),
      contentSha256: z.string().optional(),
      attributes: z
        .object({ Acls: z.string(), SecurityLabel: z.string(), Capabilities: z.string(), Xattrs: z.string() })
        .partial()
        .optional(),
    })
    .default({}),
})

const ITEM_TYPES: Readonly<Record<FileKind, string>> = {
  file: 'File',
  folder: 'Directory',
  link: 'Link',
  fifo: 'Fifo',
  socket: 'Socket',
  'block device': 'BlockDevice',
  'character device': 'CharacterDevice',
}

/**
 * The value of a file in the database: the fields that the described system keeps for each (system.md of the project,
 * "Where the results are"), and ours under `Tidemark`. Times in full, inode and so on are in its stamp.
 */
export function encodeRecord(path: PathBytes, stamp: Buffer, record: FileRecord): string {
  const facts = factsOfStamp(stamp)
  const shown = shownPath(path)
  const { linkTarget, contentSha256, attributes } = record
  return JSON.stringify({
    CollectionName: shown,
    FileContentChecksum: record.checksum,
    FileSystemPath: shown,
    ChangeType: 'StartTracking',
    Size: facts.sizeBytes,
    Owner: record.owner,
    Group: record.group,
    ItemType: ITEM_TYPES[facts.kind],
    Name: nameOf(shown),
    Mode: facts.mode,
    Contents: '',
    DateModified: facts.modifiedAt.slice(0, 19).replace('T', ' '),
    DateCreated: `${facts.bornAt.slice(0, 19)}Z`,
    FileContentBlobLink: contentSha256 === undefined ? '' : contentLink(contentSha256),
    IsInventorySnapShot: false,
    FileMetaDatacheckSum: metadataChecksum(stamp, record.checksum),
    Tidemark: { linkTarget, contentSha256, attributes },
  })
}

/** The way back; `undefined` for a value that another program wrote. */
export function decodeRecord(text: string): FileRecord | undefined {
  try {
    const { success, data } = storedRecord.safeParse(JSON.parse(text))
    if (!success) return undefined
    const { linkTarget, contentSha256, attributes } = data.Tidemark
    return {
      checksum: data.FileContentChecksum,
      owner: data.Owner,
      group: data.Group,
      ...(linkTarget === undefined ? {} : { linkTarget }),
      ...(contentSha256 === undefined ? {} : { contentSha256 }),
      ...(attributes === undefined ? {} : { attributes: compact(attributes) }),
    }
  } catch {
    return undefined
  }
}

/** The columns of a row that belong to the file. */
export function columnsOf(path: PathBytes, stamp: Buffer, record: FileRecord): ItemColumns {
  const facts = factsOfStamp(stamp)
  const shown = shownPath(path)
  const isFolder = facts.kind === 'folder'
  return {
    FileSystemPath: shown,
    Name: nameOf(shown),
    FileContentChecksum: record.checksum,
    DateModified: facts.modifiedAt,
    DateCreated: facts.bornAt,
    DateChanged: facts.changedAt,
    FileMode: facts.mode.toString(8).padStart(4, '0'),
    FileOwner: record.owner,
    FileGroup: record.group,
    FileOwnerId: facts.uid,
    FileGroupId: facts.gid,
    ItemType: ITEM_TYPES[facts.kind],
    Inode: facts.inode,
    Device: facts.device,
    Attributes: attributesText(BigInt(facts.attributes)),
    // Of a folder both tell of what is in it.
    ...(isFolder ? {} : { Size: facts.sizeBytes, Links: facts.links }),
    ...(isDevice(facts) ? { DeviceNumber: facts.deviceNumber } : {}),
    ...(record.linkTarget === undefined ? {} : { LinkTarget: record.linkTarget }),
    ...(record.contentSha256 === undefined ? {} : { FileContentBlobLink: contentLink(record.contentSha256) }),
    ...record.attributes,
  }
}

function isDevice({ kind }: StampFacts): boolean {
  return kind === 'block device' || kind === 'character device'
}

function nameOf(shown: string): string {
  return shown.slice(shown.lastIndexOf('/') + 1)
}

function compact(attributes: Readonly<Partial<Record<keyof AttributeColumns, string | undefined>>>): AttributeColumns {
  const { Acls = '', SecurityLabel = '', Capabilities = '', Xattrs = '' } = attributes
  return { Acls, SecurityLabel, Capabilities, Xattrs }
}

/**
 * How it is made is ours to choose: 64 bits over mode, owner, group, size, time and checksum, with the mixing step of
 * MurmurHash3 (public domain, A. Appleby) over words of 32 bits.
 */
function metadataChecksum(stamp: Buffer, checksum: string): string {
  let [one, other] = [0x9747b28c, 0x85ebca6b]
  const mix = (word: number): void => {
    one = Math.imul(one ^ Math.imul(word, 0xcc9e2d51), 5) + 0x6b64
    one = (one << 13) | (one >>> 19)
    other = Math.imul(other ^ Math.imul(word, 0x1b873593), 3) + one
    other = (other << 15) | (other >>> 17)
  }
  for (const at of [12, 16, 20, 32, 36, 72, 76, 80]) mix(stamp.readUInt32LE(at))
  for (let at = 0; at + 8 <= checksum.length; at += 8) mix(Number.parseInt(checksum.slice(at, at + 8), 16))
  return ((BigInt(one >>> 0) << 32n) | BigInt(other >>> 0)).toString()
}
