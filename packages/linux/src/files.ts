import { errorName, lastErrno, libcFunction } from './libc.ts'

// Names and paths are text with one character for each byte (latin1): what the kernel gives is kept whatever it is.
const openatOf: () => (folder: number, path: Buffer, flags: number, mode: number) => number = libcFunction(
  'int openat(int dirfd, void *path, int flags, int mode)',
)
const closeOf: () => (descriptor: number) => number = libcFunction('int close(int fd)')
const preadOf: () => (descriptor: number, into: Buffer, bytes: number, offset: number) => number = libcFunction(
  'long pread(int fd, void *buf, size_t count, int64_t offset)',
)
const statxOf: () => (folder: number, path: Buffer, flags: number, mask: number, into: Buffer) => number = libcFunction(
  'int statx(int dirfd, void *path, int flags, unsigned int mask, void *buf)',
)
const getdentsOf: () => (descriptor: number, into: Buffer, bytes: number) => number = libcFunction(
  'long getdents64(int fd, void *buf, size_t count)',
)
const readlinkatOf: () => (folder: number, path: Buffer, into: Buffer, bytes: number) => number = libcFunction(
  'long readlinkat(int dirfd, void *path, void *buf, size_t count)',
)

/** `folder` of a path that is absolute (AT_FDCWD). */
export const NO_FOLDER = -100
/** Bytes of a status, as `statusAt` fills it (struct statx, statx(2)). */
export const STATUS_BYTES = 256
/** Bytes of a name or path that may be passed; the kernel itself takes 4,096 at once (PATH_MAX). */
export const PATH_BYTES_MAX = 4_096

// <fcntl.h>; O_DIRECTORY and O_NOFOLLOW differ between the two processors that Tidemark runs on.
const isArm = process.arch === 'arm64'
const O_DIRECTORY = isArm ? 0o40000 : 0o200000
const O_NOFOLLOW = isArm ? 0o100000 : 0o400000
const O_CLOEXEC = 0o2000000
const O_NOCTTY = 0o400
const O_NONBLOCK = 0o4000
const O_NOATIME = 0o1000000
const AT_SYMLINK_NOFOLLOW = 0x100
const AT_EMPTY_PATH = 0x1000
const AT_NO_AUTOMOUNT = 0x800
const STATX_BASIC_AND_BIRTH = 0xfff
const EPERM = 1
const ENAMETOOLONG = 36

const name = Buffer.alloc(PATH_BYTES_MAX + 1)
const empty = Buffer.alloc(1)
const listing = Buffer.allocUnsafe(128 * 1024)
const target = Buffer.allocUnsafe(PATH_BYTES_MAX)
// Only the owner of a file and root may read without moving its access time (open(2)).
const quiet = process.geteuid?.() === 0 ? O_NOATIME : 0

/** Fills the shared buffer; false where the text is too long for the kernel. */
function setName(text: string): boolean {
  if (text.length > PATH_BYTES_MAX) return false
  name[name.write(text, 0, 'latin1')] = 0
  return true
}

/** What `openFolderAt` and `openFileAt` do with a symbolic link at the end of the path. */
export type LinkPolicy = 'followed' | 'refused'

/** Opens a folder for listing. Gives its descriptor, or the error's number negated (`-2` for ENOENT). */
export function openFolderAt(folder: number, text: string, links: LinkPolicy): number {
  if (!setName(text)) return -ENAMETOOLONG
  return openQuietly(folder, O_DIRECTORY | O_CLOEXEC | (links === 'refused' ? O_NOFOLLOW : 0))
}

/**
 * Opens a file for reading; a fifo or a device does not hold the call (O_NONBLOCK). Gives its descriptor, or the error's
 * number negated.
 */
export function openFileAt(folder: number, text: string, links: LinkPolicy): number {
  if (!setName(text)) return -ENAMETOOLONG
  const flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (links === 'refused' ? O_NOFOLLOW : 0)
  return openQuietly(folder, flags)
}

/** A file system may know owners that root is none of (FUSE, NFS): then the access time has to move. */
function openQuietly(folder: number, flags: number): number {
  const descriptor = openatOf()(folder, name, flags | quiet, 0)
  return descriptor >= 0 || quiet === 0 || lastErrno() !== EPERM
    ? negated(descriptor)
    : negated(openatOf()(folder, name, flags, 0))
}

/** Gives a descriptor back. */
export function closeDescriptor(descriptor: number): void {
  closeOf()(descriptor)
}

/** Reads up to `bytes` from `offset` of a file to the buffer's start: the count, 0 at the end, or the error negated. */
export function readAt(descriptor: number, into: Buffer, bytes: number, offset: number): number {
  return negated(preadOf()(descriptor, into, bytes, offset))
}

/**
 * What the kernel knows of a path (statx(2)), into a buffer of `STATUS_BYTES`. 0, or the error negated. Triggers no
 * automount.
 */
export function statusAt(folder: number, text: string, links: 'followed' | 'seen', into: Buffer): number {
  if (!setName(text)) return -ENAMETOOLONG
  const flags = AT_NO_AUTOMOUNT | (links === 'seen' ? AT_SYMLINK_NOFOLLOW : 0)
  return negated(statxOf()(folder, name, flags, STATX_BASIC_AND_BIRTH, into))
}

/** The same of an open file. */
export function statusOf(descriptor: number, into: Buffer): number {
  return negated(statxOf()(descriptor, empty, AT_EMPTY_PATH, STATX_BASIC_AND_BIRTH, into))
}

/** What a folder says that a name is; `unknown` on file systems that do not say. */
export type NameKind = 'folder' | 'link' | 'unknown' | 'other'

const NAME_KINDS: Readonly<Record<number, NameKind>> = { 0: 'unknown', 4: 'folder', 10: 'link' }

/**
 * Every name in an open folder but `.` and `..`, in no order. 0, or the error negated; what came before it was told.
 *
 *     struct linux_dirent64   ┌ inode u64 ┬ offset i64 ┬ length u16 ┬ type u8 ┬ name … NUL ┐   getdents64(2)
 */
export function namesIn(descriptor: number, each: (name: string, kind: NameKind) => void): number {
  for (;;) {
    const count = negated(getdentsOf()(descriptor, listing, listing.length))
    if (count <= 0) return count
    for (let at = 0; at < count;) {
      const length = (listing[at + 16] ?? 0) | ((listing[at + 17] ?? 0) << 8)
      let end = at + 19
      while (listing[end] !== 0) end += 1
      const text = listing.toString('latin1', at + 19, end)
      if (text !== '.' && text !== '..') each(text, NAME_KINDS[listing[at + 18] ?? 0] ?? 'other')
      at += length
    }
  }
}

/** What a symbolic link says, or the error negated. */
export function linkTargetAt(folder: number, text: string): string | number {
  if (!setName(text)) return -ENAMETOOLONG
  const count = negated(readlinkatOf()(folder, name, target, target.length))
  return count < 0 ? count : target.toString('latin1', 0, count)
}

/** The name of a negated error, `ENOENT` for -2. */
export function errorNameOf(negatedErrno: number): string {
  return errorName(-negatedErrno)
}

function negated(result: number): number {
  return result === -1 ? -lastErrno() : result
}
