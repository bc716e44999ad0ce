import { callFailed, lastErrno, libcFunction } from './libc.ts'

// koffi knows no ssize_t; it is long wherever Linux runs 64 bits.
type List = (file: number | Buffer, list: Buffer, bytes: number) => number
type Get = (file: number | Buffer, name: Buffer, value: Buffer, bytes: number) => number

const flistxattr: () => List = libcFunction('long flistxattr(int fd, void *list, size_t size)')
const llistxattr: () => List = libcFunction('long llistxattr(const void *path, void *list, size_t size)')
const fgetxattr: () => Get = libcFunction('long fgetxattr(int fd, const void *name, void *value, size_t size)')
const lgetxattr: () => Get = libcFunction(
  'long lgetxattr(const void *path, const void *name, void *value, size_t size)',
)

// errno(3).
const ERANGE = 34
const ENODATA = 61
const ENOTSUP = 95

/** What the kernel gives at most, of a list of names as of a value: XATTR_LIST_MAX, XATTR_SIZE_MAX in <linux/limits.h>. */
const BYTES_MAX = 65_536

/** The kernel allocates what it is offered, so a small buffer is offered first; nearly always it is enough. */
const SMALL_BYTES = 1_024

/** An extended attribute: its name as latin1 text, one character for each byte, and its value, the caller's to keep. */
export type ExtendedAttribute = [name: string, value: Buffer]

const NONE: readonly ExtendedAttribute[] = Object.freeze([])

// Of each thread, used for one call at a time; the large ones come into being when a small one did not do.
const small = { list: Buffer.alloc(SMALL_BYTES), value: Buffer.alloc(SMALL_BYTES) }
let large: { readonly list: Buffer; readonly value: Buffer } | undefined

/**
 * All extended attributes of an open file that this process may see (xattr(7)), in the kernel's order; a frozen empty
 * array where there are none or the file system has no such thing. The descriptor must not be one of O_PATH. One that goes
 * while they are read is left out. Throws `LinuxError` where the kernel refuses (EACCES, EIO, E2BIG: more than 64 KiB).
 */
export function extendedAttributes(descriptor: number): readonly ExtendedAttribute[] {
  const bytes = flistxattr()(descriptor, small.list, SMALL_BYTES)
  return bytes === 0 ? NONE : attributesOf(descriptor, bytes, flistxattr(), fgetxattr())
}

/**
 * As `extendedAttributes`, of a path (its bytes, without the NUL) and of a symbolic link itself: for what cannot be
 * opened. Throws also where there is no such path.
 */
export function extendedAttributesOf(path: Buffer): readonly ExtendedAttribute[] {
  const terminated = Buffer.alloc(path.length + 1)
  path.copy(terminated)
  const bytes = llistxattr()(terminated, small.list, SMALL_BYTES)
  return bytes === 0 ? NONE : attributesOf(terminated, bytes, llistxattr(), lgetxattr())
}

function attributesOf(file: number | Buffer, firstBytes: number, list: List, get: Get): ExtendedAttribute[] {
  const names = namesOf(file, firstBytes, list)
  const found: ExtendedAttribute[] = []
  for (let start = 0; start < names.length;) {
    const end = names.indexOf(0, start) + 1 || names.length
    const value = valueOf(file, names.subarray(start, end), get)
    if (value !== undefined) found.push([names.toString('latin1', start, end - 1), value])
    start = end
  }
  return found
}

/** The names, each with its NUL, in a reused buffer. */
function namesOf(file: number | Buffer, firstBytes: number, list: List): Buffer {
  if (firstBytes > 0) return small.list.subarray(0, firstBytes)
  const errno = lastErrno()
  if (errno === ENOTSUP) return small.list.subarray(0, 0)
  if (errno !== ERANGE) throw callFailed(`listxattr(${shown(file)})`, errno)
  const buffer = largeBuffers().list
  const bytes = list(file, buffer, BYTES_MAX)
  if (bytes < 0) throw callFailed(`listxattr(${shown(file)})`, lastErrno())
  return buffer.subarray(0, bytes)
}

function valueOf(file: number | Buffer, name: Buffer, get: Get): Buffer | undefined {
  const bytes = get(file, name, small.value, SMALL_BYTES)
  if (bytes >= 0) return Buffer.from(small.value.subarray(0, bytes))
  const errno = lastErrno()
  if (errno === ERANGE) return largeValueOf(file, name, get)
  if (errno === ENODATA || errno === ENOTSUP) return undefined
  throw failedGet(file, name, errno)
}

function largeValueOf(file: number | Buffer, name: Buffer, get: Get): Buffer | undefined {
  const buffer = largeBuffers().value
  const bytes = get(file, name, buffer, BYTES_MAX)
  if (bytes >= 0) return Buffer.from(buffer.subarray(0, bytes))
  const errno = lastErrno()
  if (errno === ENODATA) return undefined
  throw failedGet(file, name, errno)
}

function largeBuffers(): { readonly list: Buffer; readonly value: Buffer } {
  large ??= { list: Buffer.alloc(BYTES_MAX), value: Buffer.alloc(BYTES_MAX) }
  return large
}

function failedGet(file: number | Buffer, name: Buffer, errno: number): Error {
  return callFailed(`getxattr(${shown(file)}, ${name.subarray(0, -1).toString()})`, errno)
}

function shown(file: number | Buffer): string {
  return typeof file === 'number' ? String(file) : file.subarray(0, -1).toString()
}
