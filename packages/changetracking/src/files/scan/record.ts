import { contentLink } from '@tidemark/model'
import { z } from 'zod'

import type { ItemColumns } from '../../collector.ts'
import { type PathBytes, shownPath } from '../file-name.ts'
import { attributesText } from '../attributes/inode-attributes.ts'
import type { AttributeColumns } from '../attributes/xattr-columns.ts'
import { ITEM_TYPES, nameOf, recordText } from './record-text.ts'
import { factsOfStamp, type StampFacts } from './stamp.ts'

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

/** The value of a file in the database. */
export function encodeRecord(path: PathBytes, stamp: Buffer, record: FileRecord): string {
  const { linkTarget, contentSha256, attributes } = record
  const isPlain = linkTarget === undefined && contentSha256 === undefined && attributes === undefined
  return recordText(path, stamp, {
    ...record,
    contentBlobLink: contentSha256 === undefined ? '' : contentLink(contentSha256),
    ours: isPlain ? '{}' : JSON.stringify({ linkTarget, contentSha256, attributes }),
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

function compact(attributes: Readonly<Partial<Record<keyof AttributeColumns, string | undefined>>>): AttributeColumns {
  const { Acls = '', SecurityLabel = '', Capabilities = '', Xattrs = '' } = attributes
  return { Acls, SecurityLabel, Capabilities, Xattrs }
}
