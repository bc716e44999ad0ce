import { Buffer } from 'node:buffer'

import { pathForKernel } from './kernel-path.ts'
import { callFailed, lastErrno, libcFunction } from './libc.ts'

const openByHandle: () => (mount: number, handle: Buffer, flags: number) => number = libcFunction(
  'int open_by_handle_at(int mount_fd, const void *handle, int flags)',
)
const statfs: () => (path: Buffer, facts: Buffer) => number = libcFunction(
  'int statfs(const void *path, _Out_ void *facts)',
)

// <asm-generic/fcntl.h>
const O_CLOEXEC = 0x8_0000
const O_PATH = 0x20_0000
const FSID_BYTES = 8
/** More than struct statfs takes anywhere. */
const STATFS_BYTES = 256
const STATFS_FSID_AT = 56

/** The filesystem of a directory that an event names (the first part of its key). */
export function filesystemOf(directory: string): string {
  return directory.slice(0, FSID_BYTES)
}

/**
 * The filesystem that a path lies on, as events name it (statfs(2), f_fsid). Throws `LinuxError` where the path is not
 * there.
 *
 *     struct statfs, 64 bits  ┌ type, bsize, blocks, bfree, bavail, files, ffree: 7 × u64 ┬ fsid 2 × i32 ┬ … ┐
 */
export function filesystemAt(path: string): string {
  const facts = Buffer.alloc(STATFS_BYTES)
  if (statfs()(pathForKernel(path), facts) !== 0) throw callFailed('statfs', lastErrno())
  return facts.toString('latin1', STATFS_FSID_AT, STATFS_FSID_AT + FSID_BYTES)
}

/**
 * A descriptor (O_PATH) of the directory that an event names, ours to close; `undefined` where it is there no more
 * (open_by_handle_at(2), needs CAP_DAC_READ_SEARCH). `mount` is a descriptor of any file on that filesystem.
 */
export function openDirectory(mount: number, directory: string): number | undefined {
  const descriptor = openByHandle()(mount, Buffer.from(directory.slice(FSID_BYTES), 'latin1'), O_PATH | O_CLOEXEC)
  return descriptor < 0 ? undefined : descriptor
}
