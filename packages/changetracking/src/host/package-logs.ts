import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import type { LogFiles } from '../packages/operations/log-files.ts'

/** The logs of package managers below a root. */
export function openLogFiles(root: string): LogFiles {
  const at = (path: string): string => (root === '/' ? path : `${root.replace(/\/+$/, '')}${path}`)
  return {
    status: (path) => {
      const found = statSync(at(path), { throwIfNoEntry: false })
      return found?.isFile() === true
        ? { inode: String(found.ino), sizeBytes: found.size, modifiedMs: found.mtimeMs }
        : undefined
    },
    read: (path, from, bytesMax) => {
      const descriptor = openSync(at(path), 'r')
      try {
        const buffer = Buffer.allocUnsafe(Math.max(0, bytesMax))
        return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, from))
      } finally {
        closeSync(descriptor)
      }
    },
    unpacked: (path, bytesMax) => {
      try {
        return gunzipSync(readFileSync(at(path)), { maxOutputLength: bytesMax }).toString('latin1')
      } catch {
        return undefined
      }
    },
    isLocked: (paths) => {
      // pacman's lock is a file that is there; those of dpkg and rpm are locks of the kernel (proc_locks(5)).
      if (paths.some((path) => path.endsWith('.lck') && existsSync(at(path)))) return true
      const inodes = paths.flatMap((path) => statSync(at(path), { throwIfNoEntry: false })?.ino ?? [])
      if (inodes.length === 0) return false
      const locks = locksText()
      return locks === undefined ? undefined : inodes.some((inode) => locks.includes(`:${inode} `))
    },
  }
}

function locksText(): string | undefined {
  try {
    return readFileSync('/proc/locks', 'latin1')
  } catch {
    return undefined
  }
}
