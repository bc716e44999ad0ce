import { type PathBytes, shownPath } from '../file-name.ts'
import { bornSecond, type FileKind, kindOfMode, modeOfStamp, sizeOfStamp, writtenSecond } from './stamp.ts'
import { TextWriter } from './text-writer.ts'

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

/** What the text of a file's value has beside its path and its stamp. */
export interface RecordParts {
  readonly checksum: string
  readonly owner: string
  readonly group: string
  readonly contentBlobLink: string
  /** JSON text of what is ours. */
  readonly ours: string
}

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const PARTS = {
  path: bytesOf('{"CollectionName":"'),
  checksum: bytesOf('","FileContentChecksum":"'),
  pathAgain: bytesOf('","FileSystemPath":"'),
  size: bytesOf('","ChangeType":"StartTracking","Size":'),
  mode: bytesOf('","Mode":'),
  modified: bytesOf(',"Contents":"","DateModified":"'),
  created: bytesOf('","DateCreated":"'),
  link: bytesOf('Z","FileContentBlobLink":"'),
  metadata: bytesOf('","IsInventorySnapShot":false,"FileMetaDatacheckSum":"'),
  ours: bytesOf('","Tidemark":'),
}

const single = new TextWriter()

/**
 * A file's value, UTF-8: the fields that the described system keeps for each (system.md of the project, "Where the
 * results are"), and ours, JSON text, under `Tidemark`. By hand, for it is made for every file of a first scan.
 */
export function recordBytes(path: PathBytes, stamp: Buffer, record: RecordParts): Uint8Array {
  writeRecord(single, path, stamp, record)
  return single.taken()
}

function writeRecord(into: TextWriter, path: PathBytes, stamp: Buffer, record: RecordParts): void {
  into.clear()
  const mode = modeOfStamp(stamp)
  const shown = shownPath(path)
  const pathText = insideQuotes(shown)
  // Nothing that needs an escape is a slash.
  const nameText = pathText.slice(pathText.lastIndexOf('/') + 1)
  into.bytes(PARTS.path)
  into.text(pathText)
  into.bytes(PARTS.checksum)
  into.text(record.checksum)
  into.bytes(PARTS.pathAgain)
  into.text(pathText)
  into.bytes(PARTS.size)
  into.number(sizeOfStamp(stamp))
  into.bytes(whose(mode, record))
  into.text(nameText)
  into.bytes(PARTS.mode)
  into.number(mode & 0o7777)
  into.bytes(PARTS.modified)
  into.text(spaced(writtenSecond(stamp)))
  into.bytes(PARTS.created)
  into.text(bornSecond(stamp))
  into.bytes(PARTS.link)
  into.text(record.contentBlobLink)
  into.bytes(PARTS.metadata)
  writeMetadataChecksum(into, stamp, record.checksum)
  into.bytes(PARTS.ours)
  into.text(record.ours)
  into.text('}')
}

/** As `recordBytes`, as text. */
export function recordText(path: PathBytes, stamp: Buffer, record: RecordParts): string {
  writeRecord(single, path, stamp, record)
  return single.toString()
}

/** A text as it stands between the quotes of JSON; nearly all paths need no escapes. */
function insideQuotes(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text).slice(1, -1)
}

const PLAIN = /^[ !#-[\]-~]*$/

// Files beside each other mostly belong to one owner and are of one kind, and were written in the same second.
let last = { mode: -1, owner: '', group: '', bytes: bytesOf('') }
function whose(mode: number, { owner, group }: RecordParts): Uint8Array {
  if (last.mode !== mode || last.owner !== owner || last.group !== group) {
    const type = ITEM_TYPES[kindOfMode(mode)]
    const text = `,"Owner":${JSON.stringify(owner)},"Group":${JSON.stringify(group)},"ItemType":"${type}","Name":"`
    last = { mode, owner, group, bytes: bytesOf(text) }
  }
  return last.bytes
}

let lastSecond = { iso: '', text: '' }
function spaced(iso: string): string {
  if (lastSecond.iso !== iso) lastSecond = { iso, text: iso.replace('T', ' ') }
  return lastSecond.text
}

/**
 * How it is made is ours to choose: 64 bits over mode, owner, group, size, time and checksum, with the mixing steps of
 * MurmurHash3 (public domain, A. Appleby) over words of 32 bits. 11 digits at least, so that it is no small number.
 */
function writeMetadataChecksum(into: TextWriter, stamp: Buffer, checksum: string): void {
  let [one, other] = [0x9747b28c, 0x85ebca6b]
  for (const at of METADATA_WORDS) {
    one = mixed(one, stamp.readUInt32LE(at))
    other = mixed(other, one ^ at)
  }
  for (let at = 0; at < checksum.length; at += 4) {
    one = mixed(one, checksum.charCodeAt(at) | (checksum.charCodeAt(at + 1) << 8) | (checksum.charCodeAt(at + 2) << 16))
    other = mixed(other, one ^ checksum.charCodeAt(at + 3))
  }
  into.number((one >>> 0) % 1_000_000_000)
  into.number(other >>> 0, 10)
}

const METADATA_WORDS = [12, 16, 20, 32, 36, 72, 76, 80] as const

function mixed(hash: number, word: number): number {
  const next = hash ^ Math.imul(word, 0xcc9e2d51)
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0
}
