import { Buffer } from 'node:buffer'

import { closeDescriptor, readInto } from './descriptor.ts'
import { pathForKernel } from './kernel-path.ts'
import { callFailed, lastErrno, libcFunction } from './libc.ts'

const init: () => (flags: number) => number = libcFunction('int inotify_init1(int flags)')
const add: () => (instance: number, path: Buffer, mask: number) => number = libcFunction(
  'int inotify_add_watch(int fd, const void *pathname, uint32_t mask)',
)
const remove: () => (instance: number, watch: number) => number = libcFunction('int inotify_rm_watch(int fd, int wd)')

// <linux/inotify.h>
const IN_NONBLOCK = 0x800
const IN_CLOEXEC = 0x8_0000
const IN_ONLYDIR = 0x100_0000
const IN_DONT_FOLLOW = 0x200_0000
const IN_EXCL_UNLINK = 0x400_0000
const EVENT_BYTES = 16
const READ_BYTES = 64 * 1024

/** One event of an inotify instance. */
export interface InotifyEvent {
  /** Number of the watch, -1 for an overflow of the queue. */
  readonly watch: number
  /** Bits of `happened`. */
  readonly mask: number
  /** The same for both halves of a rename, else 0. */
  readonly cookie: number
  /** The name in the watched folder, bytes as latin1 text; empty for the folder itself. */
  readonly name: string
}

/** An open inotify instance (inotify(7)). */
export interface Inotify {
  /** For poll(2). */
  readonly descriptor: number
  /**
   * Watches a folder, not what is below it; its number, the same again for the same folder. Throws `LinuxError`: ENOSPC at
   * `fs.inotify.max_user_watches`, ENOENT, ENOTDIR, EACCES.
   */
  watchFolder(path: string, mask: number): number
  /** Ends a watch; one that has ended is none. */
  forget(watch: number): void
  /** What waits, up to one buffer; empty when nothing does. */
  read(): InotifyEvent[]
  close(): void
}

/** Opens an instance; needs no rights. Throws `LinuxError`: EMFILE at `fs.inotify.max_user_instances`. */
export function openInotify(): Inotify {
  const instance = init()(IN_NONBLOCK | IN_CLOEXEC)
  if (instance < 0) throw callFailed('inotify_init1', lastErrno())
  const buffer = Buffer.alloc(READ_BYTES)
  return {
    descriptor: instance,
    watchFolder: (path, mask) => {
      const watch = add()(instance, pathForKernel(path), mask | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK)
      if (watch < 0) throw callFailed('inotify_add_watch', lastErrno())
      return watch
    },
    forget: (watch) => void remove()(instance, watch),
    read: () => parseInotifyEvents(buffer.subarray(0, readInto(instance, buffer))),
    close: () => closeDescriptor(instance),
  }
}

/**
 * The events in what one read(2) gave; a torn end is left out. Never throws.
 *
 *     ┌ wd i32 ┬ mask u32 ┬ cookie u32 ┬ len u32 ┬ name, filled up with NUL to len bytes ┐
 */
export function parseInotifyEvents(bytes: Buffer): InotifyEvent[] {
  const events: InotifyEvent[] = []
  for (let at = 0; at + EVENT_BYTES <= bytes.length;) {
    const end = at + EVENT_BYTES + bytes.readUInt32LE(at + 12)
    if (end > bytes.length) break
    const name = bytes.toString('latin1', at + EVENT_BYTES, end)
    const nul = name.indexOf('\0')
    events.push({
      watch: bytes.readInt32LE(at),
      mask: bytes.readUInt32LE(at + 4),
      cookie: bytes.readUInt32LE(at + 8),
      name: nul < 0 ? name : name.slice(0, nul),
    })
    at = end
  }
  return events
}
