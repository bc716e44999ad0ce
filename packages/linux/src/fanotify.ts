import { Buffer } from 'node:buffer'

import { parseFanotifyEvents, type FanotifyEvent } from './fanotify-events.ts'
import { pathForKernel } from './kernel-path.ts'
import { callFailed, lastErrno, libcFunction } from './libc.ts'
import { closeDescriptor, readInto } from './descriptor.ts'

const init: () => (flags: number, fileFlags: number) => number = libcFunction(
  'int fanotify_init(unsigned int flags, unsigned int event_f_flags)',
)
const mark: () => (group: number, flags: number, mask: number, folder: number, path: Buffer) => number = libcFunction(
  'int fanotify_mark(int fanotify_fd, unsigned int flags, uint64_t mask, int dirfd, const void *pathname)',
)

// <linux/fanotify.h>, <asm-generic/fcntl.h>
const FAN_CLOEXEC = 0x1
const FAN_NONBLOCK = 0x2
const FAN_REPORT_PIDFD = 0x80
const FAN_REPORT_DFID_NAME = 0xc00
const FAN_MARK_ADD = 0x1
const FAN_MARK_FILESYSTEM = 0x100
const O_RDONLY = 0
const O_CLOEXEC = 0x8_0000
const O_NOATIME = 0x4_0000
const AT_FDCWD = -100

/** Bytes of events that one read takes; each may bring a descriptor of a process, so this also bounds those. */
const READ_BYTES = 64 * 1024

/** An open fanotify group (fanotify(7)); events wait in the kernel, at most `fs.fanotify.max_queued_events`. */
export interface Fanotify {
  /** For poll(2). */
  readonly descriptor: number
  /**
   * Events of the whole filesystem that `path` lies on, from now on. Throws `LinuxError` where the kernel refuses: EXDEV,
   * ENODEV and EOPNOTSUPP say that this filesystem cannot be watched so.
   */
  markFilesystem(path: string, mask: number): void
  /** What waits, up to one buffer; empty when nothing does. Descriptors in the events are the caller's to close. */
  read(): FanotifyEvent[]
  /** Ends the group and all its marks. */
  close(): void
}

/**
 * Opens a group. `names` tells directory and name of each event and opens no file; `files` brings an open descriptor, and
 * works on filesystems that have no handles. Throws `LinuxError`: EPERM without CAP_SYS_ADMIN, ENOSYS or EINVAL where the
 * kernel is too old (5.15 is needed).
 */
export function openFanotify(reports: 'names' | 'files'): Fanotify {
  const flags = FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_PIDFD | (reports === 'names' ? FAN_REPORT_DFID_NAME : 0)
  const group = init()(flags, O_RDONLY | O_CLOEXEC | O_NOATIME)
  if (group < 0) throw callFailed('fanotify_init', lastErrno())
  const buffer = Buffer.alloc(READ_BYTES)
  return {
    descriptor: group,
    markFilesystem: (path, mask) => {
      if (mark()(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, mask, AT_FDCWD, pathForKernel(path)) === 0) return
      throw callFailed('fanotify_mark', lastErrno())
    },
    read: () => parseFanotifyEvents(buffer.subarray(0, readInto(group, buffer))),
    close: () => closeDescriptor(group),
  }
}
