import { isoOf, secondsText } from '../file-time.ts'

/**
 * A **stamp** is what must be the same for a file to count as untouched, so that its content need not be read again; and
 * what a record's numbers and times are made of. Little-endian, 112 bytes:
 *
 *     0 method u8 ┬ 1 flags u8 ┬ 2 zero ┬ 4 attributes u32 ┬ 8 links u32 ┬ uid u32 ┬ gid u32 ┬ mode u16, zero u16 ┐
 *     24 inode u64 ┬ 32 size u64 ┬ 40 born (seconds i64, nanoseconds u32, zero) ┬ 56 changed ┬ 72 modified        ┤
 *     88 device number, major and minor u32 ┬ 96 device, major and minor u32 ┬ 104 zero u64 ─────────────────────┘
 *
 * The second line on, and `attributes`, are fields of struct statx (statx(2)) as the kernel fills them.
 */
export const STAMP_BYTES = 112

/** How the content of a file was looked at. `unread`: it could not be read, and stands as it was last read. */
export const methods = ['none', 'sha256', 'md5', 'mtime', 'ctime', 'unread'] as const
export type Method = (typeof methods)[number]

/** What a path is. */
export type FileKind = 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'block device' | 'character device'

/** Flag of a stamp: the content was kept, as `uploadContent` asks. */
export const CONTENT_KEPT = 1
/** Flag of a stamp: the file had changed just before it was read, and is read again at the next look. */
export const READ_AGAIN = 2

// Attributes that say something of the file (statx(2)); others tell of mounts, or that something is supported.
const ATTRIBUTES_COMPARED = 0x4 | 0x10 | 0x20 | 0x40 | 0x800 | 0x100000 | 0x200000

/**
 * Copies what counts of a status (struct statx) into a stamp; method and flags are 0. Both begin at a multiple of four
 * bytes of their memory, as buffers of their own do.
 */
export function fillStamp(status: Buffer, into: Buffer): void {
  const from = new Int32Array(status.buffer, status.byteOffset, 36)
  const to = new Int32Array(into.buffer, into.byteOffset, STAMP_BYTES / 4)
  to[0] = 0
  to[1] = (from[2] ?? 0) & ATTRIBUTES_COMPARED
  // Links to inode and size, then the times and device numbers; what struct statx has between them does not count.
  for (let at = 2; at < 10; at += 1) to[at] = from[at + 2] ?? 0
  for (let at = 10; at < 26; at += 1) to[at] = from[at + 10] ?? 0
  // Behind the nanoseconds of each time there is room that the kernel leaves zero.
  to[26] = 0
  to[27] = 0
}

/** Says how the content was looked at. */
export function setMethod(stamp: Buffer, method: Method, flags: number): void {
  stamp[0] = methods.indexOf(method)
  stamp[1] = flags
}

export function methodOf(stamp: Buffer): Method {
  return methods[stamp[0] ?? 0] ?? 'none'
}

const KINDS: Readonly<Record<number, FileKind>> = {
  0o100000: 'file',
  0o040000: 'folder',
  0o120000: 'link',
  0o010000: 'fifo',
  0o140000: 'socket',
  0o060000: 'block device',
}

/** What a status or stamp is of, by the format bits of `mode` (inode(7)). */
export function kindOfMode(mode: number): FileKind {
  return KINDS[mode & 0o170000] ?? 'character device'
}

/** The whole mode of a status, format bits included. */
export function modeOfStatus(status: Buffer): number {
  return status.readUInt16LE(28)
}

/** `device:inode` of a status, to tell folders apart. */
export function identityOfStatus(status: Buffer): string {
  return `${status.readUInt32LE(136)}:${status.readUInt32LE(140)}:${status.readBigUInt64LE(32)}`
}

/** What a stamp says, in the units of the tables. */
export interface StampFacts {
  readonly kind: FileKind
  /** Permission bits, setuid, setgid and sticky included (07777). */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly links: number
  readonly sizeBytes: number
  readonly inode: string
  /** `major:minor`. */
  readonly device: string
  /** `major:minor` that a device file stands for. */
  readonly deviceNumber: string
  readonly attributes: number
  /** ISO 8601 with seven decimals. */
  readonly bornAt: string
  readonly changedAt: string
  readonly modifiedAt: string
}

export function factsOfStamp(stamp: Buffer): StampFacts {
  const mode = stamp.readUInt16LE(20)
  return {
    kind: kindOfMode(mode),
    mode: mode & 0o7777,
    uid: stamp.readUInt32LE(12),
    gid: stamp.readUInt32LE(16),
    links: stamp.readUInt32LE(8),
    sizeBytes: sizeOfStamp(stamp),
    inode: stamp.readBigUInt64LE(24).toString(),
    device: `${stamp.readUInt32LE(96)}:${stamp.readUInt32LE(100)}`,
    deviceNumber: `${stamp.readUInt32LE(88)}:${stamp.readUInt32LE(92)}`,
    attributes: stamp.readUInt32LE(4),
    bornAt: timeAt(stamp, 40),
    changedAt: timeAt(stamp, 56),
    modifiedAt: timeAt(stamp, 72),
  }
}

/** Bytes of the file; exact up to 2^53. */
export function sizeOfStamp(stamp: Buffer): number {
  return stamp.readUInt32LE(32) + stamp.readUInt32LE(36) * 0x1_0000_0000
}

/** Whether one file wrote both: same device, inode and time of birth. Renaming keeps them; a new file has others. */
export function fileIdentity(stamp: Buffer): string {
  return stamp.toString('latin1', 24, 32) + stamp.toString('latin1', 40, 52) + stamp.toString('latin1', 96, 104)
}

/** Whether size and time of the last write are the same. */
export function isSameWrite(one: Buffer, other: Buffer): boolean {
  return one.compare(other, 32, 40, 32, 40) === 0 && one.compare(other, 72, 84, 72, 84) === 0
}

/** Whole seconds of the last write and of birth, `2023-04-13T23:03:54`. */
export function writtenSecond(stamp: Buffer): string {
  return secondsText(secondsAt(stamp, 72))
}

/** As `writtenSecond`, of birth. */
export function bornSecond(stamp: Buffer): string {
  return secondsText(secondsAt(stamp, 40))
}

/** Format bits and permission bits. */
export function modeOfStamp(stamp: Buffer): number {
  return stamp.readUInt16LE(20)
}

/** The owner's number. */
export function userOfStamp(stamp: Buffer): number {
  return stamp.readUInt32LE(12)
}

/** The group's number. */
export function groupOfStamp(stamp: Buffer): number {
  return stamp.readUInt32LE(16)
}

/** When the inode last changed, in milliseconds since 1970. */
export function changedMsOfStamp(stamp: Buffer): number {
  return secondsAt(stamp, 56) * 1_000 + stamp.readUInt32LE(64) / 1e6
}

function timeAt(stamp: Buffer, at: number): string {
  return isoOf(secondsAt(stamp, at), stamp.readUInt32LE(at + 8))
}

function secondsAt(stamp: Buffer, at: number): number {
  return stamp.readUInt32LE(at) + stamp.readInt32LE(at + 4) * 0x1_0000_0000
}
