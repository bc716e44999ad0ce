import { contentLink } from '@tidemark/model'
import { z } from 'zod'

import type { ItemColumns } from '../../collector.ts'
import { type PathBytes, shownPath } from '../file-name.ts'
import { attributesText } from '../attributes/inode-attributes.ts'
import type { AttributeColumns } from '../attributes/xattr-columns.ts'
import {
  bornSecond,
  factsOfStamp,
  type FileKind,
  kindOfMode,
  modeOfStamp,
  sizeOfStamp,
  type StampFacts,
  writtenSecond,
} from './stamp.ts'

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
  const mode = modeOfStamp(stamp)
  const shown = shownPath(path)
  const { linkTarget, contentSha256, attributes, checksum } = record
  const pathText = JSON.stringify(shown)
  const isPlain = linkTarget === undefined && contentSha256 === undefined && attributes === undefined
  // By hand, for it is done for every file of a first scan; the test compares it with what JSON.parse makes of it.
  return (
    `{"CollectionName":${pathText},"FileContentChecksum":"${checksum}","FileSystemPath":${pathText},` +
    `"ChangeType":"StartTracking","Size":${sizeOfStamp(stamp)},"Owner":${JSON.stringify(record.owner)},` +
    `"Group":${JSON.stringify(record.group)},"ItemType":"${ITEM_TYPES[kindOfMode(mode)]}",` +
    `"Name":${JSON.stringify(nameOf(shown))},"Mode":${mode & 0o7777},"Contents":"",` +
    `"DateModified":"${writtenSecond(stamp).replace('T', ' ')}","DateCreated":"${bornSecond(stamp)}Z",` +
    `"FileContentBlobLink":"${contentSha256 === undefined ? '' : contentLink(contentSha256)}",` +
    `"IsInventorySnapShot":false,"FileMetaDatacheckSum":"${metadataChecksum(stamp, checksum)}",` +
    `"Tidemark":${isPlain ? '{}' : JSON.stringify({ linkTarget, contentSha256, attributes })}}`
  )
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
 * How it is made is ours to choose: 64 bits over mode, owner, group, size, time and checksum, with the mixing steps of
 * MurmurHash3 (public domain, A. Appleby) over words of 32 bits. 16 digits at least, so that it is no small number.
 */
function metadataChecksum(stamp: Buffer, checksum: string): string {
  let [one, other] = [0x9747b28c, 0x85ebca6b]
  for (const at of METADATA_WORDS) {
    one = mixed(one, stamp.readUInt32LE(at))
    other = mixed(other, one ^ at)
  }
  for (let at = 0; at < checksum.length; at += 4) {
    one = mixed(one, checksum.charCodeAt(at) | (checksum.charCodeAt(at + 1) << 8) | (checksum.charCodeAt(at + 2) << 16))
    other = mixed(other, one ^ checksum.charCodeAt(at + 3))
  }
  return `${(one >>> 0) % 1_000_000_000}${String(other >>> 0).padStart(10, '0')}`
}

const METADATA_WORDS = [12, 16, 20, 32, 36, 72, 76, 80] as const

function mixed(hash: number, word: number): number {
  const next = hash ^ Math.imul(word, 0xcc9e2d51)
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0
}
