import { type PathBytes, shownPath } from '../file-name.ts'
import { bornSecond, type FileKind, kindOfMode, modeOfStamp, sizeOfStamp, writtenSecond } from './stamp.ts'

/** What a path is, as the tables say it. */
export const ITEM_TYPES: Readonly<Record<FileKind, string>> = {
  file: 'File',
  folder: 'Directory',
  link: 'Link',
  fifo: 'Fifo',
  socket: 'Socket',
  'block device': 'BlockDevice',
  'character device': 'CharacterDevice',
}

/** The last name of a path as it is shown. */
export function nameOf(shown: string): string {
  return shown.slice(shown.lastIndexOf('/') + 1)
}

/**
 * The text of a file's value: the fields that the described system keeps for each (system.md of the project, "Where the
 * results are"), and ours, JSON text, under `Tidemark`. By hand, for it is made for every file of a first scan.
 */
export function recordText(
  path: PathBytes,
  stamp: Buffer,
  record: {
    readonly checksum: string
    readonly owner: string
    readonly group: string
    readonly contentBlobLink: string
    readonly ours: string
  },
): string {
  const mode = modeOfStamp(stamp)
  const shown = shownPath(path)
  const pathText = quoted(shown)
  const { checksum, contentBlobLink, ours } = record
  // Joined at once: a sum of strings makes one for each plus.
  return [
    '{"CollectionName":',
    pathText,
    ',"FileContentChecksum":"',
    checksum,
    '","FileSystemPath":',
    pathText,
    ',"ChangeType":"StartTracking","Size":',
    sizeOfStamp(stamp),
    whoseText(mode, record),
    quoted(nameOf(shown)),
    ',"Mode":',
    mode & 0o7777,
    ',"Contents":"","DateModified":"',
    spaced(writtenSecond(stamp)),
    '","DateCreated":"',
    bornSecond(stamp),
    'Z","FileContentBlobLink":"',
    contentBlobLink,
    '","IsInventorySnapShot":false,"FileMetaDatacheckSum":"',
    metadataChecksum(stamp, checksum),
    '","Tidemark":',
    ours,
    '}',
  ].join('')
}

/** JSON of a text; nearly all paths need no escapes. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}

const PLAIN = /^[ !#-[\]-~]*$/

// Files beside each other mostly belong to one owner and are of one kind, and were written in the same second.
let whose = { key: '', text: '' }
function whoseText(mode: number, { owner, group }: { readonly owner: string; readonly group: string }): string {
  const type = ITEM_TYPES[kindOfMode(mode)]
  const key = `${type} ${owner} ${group}`
  if (whose.key !== key)
    whose = {
      key,
      text: `,"Owner":${JSON.stringify(owner)},"Group":${JSON.stringify(group)},"ItemType":"${type}","Name":`,
    }
  return whose.text
}

let lastSecond = { iso: '', text: '' }
function spaced(iso: string): string {
  if (lastSecond.iso !== iso) lastSecond = { iso, text: iso.replace('T', ' ') }
  return lastSecond.text
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
